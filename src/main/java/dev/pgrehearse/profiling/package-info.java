/** Takes the profile of a running database: reads its catalogues and statistics, none of its rows. */
@NullMarked
package dev.pgrehearse.profiling;

import org.jspecify.annotations.NullMarked;
