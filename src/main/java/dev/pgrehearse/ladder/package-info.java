/** Measures what an estimate needs: quiet runs from size to size, what lies beyond cliffs, and one rung under load. */
@NullMarked
package dev.pgrehearse.ladder;

import org.jspecify.annotations.NullMarked;
