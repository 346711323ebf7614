/** Estimates held against what was then measured, and a file that remembers how far off they were. */
@NullMarked
package dev.pgrehearse.history;

import org.jspecify.annotations.NullMarked;
