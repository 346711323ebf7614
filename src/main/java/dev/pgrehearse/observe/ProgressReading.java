package dev.pgrehearse.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a statement has come, at one look; see {@code recording.StatementProgress.Phase}.
 *
 * @param done 0 when nothing is counted
 * @param total null when nobody knows
 * @param unit null when nothing is counted
 */
record ProgressReading(
        String source,
        String command,
        String phase,
        @Nullable String relation,
        long done,
        @Nullable Long total,
        @Nullable String unit) {
    static final String FILES = "files";
    static final String BATCHES = "batches";

    /** The views that tell of progress, without what they all begin with. */
    enum View {
        CREATE_INDEX,
        CLUSTER,
        VACUUM,
        ANALYZE,
        /** From 14 on. */
        COPY;

        private static final int FIRST_WITH_COPY = 14;

        /** Those that a major version has. */
        static Stream<View> of(int major) {
            return Arrays.stream(values()).filter(view -> view != COPY || major >= FIRST_WITH_COPY);
        }

        String viewName() {
            return "pg_stat_progress_" + name().toLowerCase(Locale.ROOT);
        }
    }

    private record Counter(
            long done, @Nullable Long total, @Nullable String unit) {
        private static final Counter NONE = new Counter(0, null, null);

        /** Counts only where there is a total, or something was done. */
        private static Counter of(JsonNode row, String done, @Nullable String total, String unit) {
            long doneNow = row.path(done).asLong();
            long totalNow = total == null ? 0 : row.path(total).asLong();
            return doneNow == 0 && totalNow == 0
                    ? NONE
                    : new Counter(doneNow, totalNow == 0 ? null : (Long) totalNow, unit);
        }

        private Counter or(Counter other) {
            return unit == null ? other : this;
        }
    }

    /**
     * Of a row of a view. Which counters a phase moves is in PostgreSQL's documentation, "Progress Reporting"; columns that a
     * version does not have count nothing.
     *
     * @param row as JSON, by column
     */
    static ProgressReading of(View view, JsonNode row, @Nullable String relation) {
        String phase = row.path("phase").asText("");
        Counter counter = switch (view) {
            case CREATE_INDEX -> ofIndex(row, phase);
            case CLUSTER -> ofCluster(row, phase);
            case VACUUM -> ofVacuum(row, phase);
            case ANALYZE ->
                phase.startsWith("acquiring")
                        ? Counter.of(row, "sample_blks_scanned", "sample_blks_total", "blocks")
                        : Counter.NONE;
            case COPY ->
                Counter.of(row, "bytes_processed", "bytes_total", "bytes")
                        .or(Counter.of(row, "tuples_processed", null, "rows"));
        };
        String command = row.path("command").asText(view.name());
        return new ProgressReading(
                view.viewName(),
                command,
                phase.isEmpty() ? "copying" : phase,
                relation,
                counter.done(),
                counter.total(),
                counter.unit());
    }

    private static Counter ofIndex(JsonNode row, String phase) {
        if (phase.startsWith("waiting")) {
            return Counter.of(row, "lockers_done", "lockers_total", "sessions");
        }
        if (phase.contains("sorting")) {
            // The total is set by then, and nobody counts.
            return Counter.NONE;
        }
        if (phase.contains("tuples")) {
            return Counter.of(row, "tuples_done", "tuples_total", "tuples");
        }
        return Counter.of(row, "blocks_done", "blocks_total", "blocks")
                .or(Counter.of(row, "tuples_done", "tuples_total", "tuples"));
    }

    private static Counter ofCluster(JsonNode row, String phase) {
        return switch (phase) {
            case "seq scanning heap" -> Counter.of(row, "heap_blks_scanned", "heap_blks_total", "blocks");
            case "index scanning heap" -> Counter.of(row, "heap_tuples_scanned", null, "tuples");
            case "writing new heap" -> Counter.of(row, "heap_tuples_written", "heap_tuples_scanned", "tuples");
            case "rebuilding index" -> Counter.of(row, "index_rebuild_count", null, "indexes");
            default -> Counter.NONE;
        };
    }

    private static Counter ofVacuum(JsonNode row, String phase) {
        return switch (phase) {
            case "scanning heap" -> Counter.of(row, "heap_blks_scanned", "heap_blks_total", "blocks");
            case "vacuuming heap" -> Counter.of(row, "heap_blks_vacuumed", "heap_blks_total", "blocks");
            case "vacuuming indexes", "cleaning up indexes" ->
                Counter.of(row, "indexes_processed", "indexes_total", "indexes");
            default -> Counter.NONE;
        };
    }

    boolean isSamePhaseAs(@Nullable ProgressReading other) {
        return other != null
                && source.equals(other.source)
                && command.equals(other.command)
                && phase.equals(other.phase)
                && Objects.equals(relation, other.relation);
    }
}
