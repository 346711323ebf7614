/** Rules as data with one pure function each, and the judge that applies them to a recording. */
@NullMarked
package dev.pgrehearse.verdict;

import org.jspecify.annotations.NullMarked;
