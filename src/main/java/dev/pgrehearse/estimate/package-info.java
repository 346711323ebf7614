/** From measurements at small sizes to a figure at the target's, with what it is worth. Pure. */
@NullMarked
package dev.pgrehearse.estimate;

import org.jspecify.annotations.NullMarked;
