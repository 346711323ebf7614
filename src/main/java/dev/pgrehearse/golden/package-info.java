/** Datasets that outlive a run: loaded once, never started again, and copied for each rehearsal. */
@NullMarked
package dev.pgrehearse.golden;

import org.jspecify.annotations.NullMarked;
