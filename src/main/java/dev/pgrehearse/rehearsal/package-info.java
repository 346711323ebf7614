/** The run of one rehearsal: server, dataset, warm-up, baseline, migration under load, recovery, teardown. */
@NullMarked
package dev.pgrehearse.rehearsal;

import org.jspecify.annotations.NullMarked;
