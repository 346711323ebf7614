package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a migration. */
public sealed interface StepSpec {
    /** When it is stopped; null for never. The migration goes on with the next step. */
    @Nullable
    StopSpec stop();

    /**
     * SQL files, run one after the other.
     *
     * @param scripts absolute
     */
    record Scripts(List<Path> scripts, @Nullable StopSpec stop) implements StepSpec {
        public Scripts {
            scripts = List.copyOf(scripts);
        }
    }

    /** Nothing is run for so long. */
    record Pause(Duration length) implements StepSpec {
        @Override
        public @Nullable StopSpec stop() {
            return null;
        }
    }

    /**
     * Rows changed in batches, each in a transaction of its own.
     *
     * @param table as written: {@code orders} or {@code shop.orders}, in the case of the catalogue
     * @param set what stands behind SET
     * @param where which rows; null for all
     * @param batch rows in a batch, at least 1
     * @param pause after each batch
     * @param file where the step was written
     * @param line the line there, from 1
     * @param column the column there, from 1
     */
    record Backfill(
            String table,
            String set,
            @Nullable String where,
            long batch,
            Duration pause,
            String file,
            int line,
            int column,
            @Nullable StopSpec stop)
            implements StepSpec {}
}
