/** The shape of a database without its rows: what a profile file holds, and how two profiles compare. */
@NullMarked
package dev.pgrehearse.profile;

import org.jspecify.annotations.NullMarked;
