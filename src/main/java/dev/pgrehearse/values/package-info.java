/** Values as pure functions of seed, table, column and row. */
@NullMarked
package dev.pgrehearse.values;

import org.jspecify.annotations.NullMarked;
