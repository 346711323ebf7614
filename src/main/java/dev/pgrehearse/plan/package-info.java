/** What will be rehearsed, in which order, with how much time and disk. */
@NullMarked
package dev.pgrehearse.plan;

import org.jspecify.annotations.NullMarked;
