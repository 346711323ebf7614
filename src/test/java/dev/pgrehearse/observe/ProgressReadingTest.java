package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.observe.ProgressReading.View;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressReadingTest {
    private static final String INDEX = """
            {"command": "CREATE INDEX CONCURRENTLY", "phase": "%s", "lockers_total": 5, "lockers_done": 2,
             "blocks_total": 800, "blocks_done": 300, "tuples_total": 9000, "tuples_done": 4000}""";
    private static final String CLUSTER = """
            {"command": "VACUUM FULL", "phase": "%s", "heap_tuples_scanned": 9000, "heap_tuples_written": 4000,
             "heap_blks_total": 800, "heap_blks_scanned": 300, "index_rebuild_count": 2}""";
    private static final String VACUUM = """
            {"phase": "%s", "heap_blks_total": 800, "heap_blks_scanned": 300, "heap_blks_vacuumed": 200,
             "indexes_total": 3, "indexes_processed": 1}""";
    private static final String ANALYZE = """
            {"phase": "%s", "sample_blks_total": 800, "sample_blks_scanned": 300}""";
    private static final String COPY = """
            {"command": "COPY FROM", "type": "FILE", "bytes_processed": 300, "bytes_total": 800, "tuples_processed": 40}""";

    private static ProgressReading reading(View view, String row) throws JsonProcessingException {
        return ProgressReading.of(view, new ObjectMapper().readTree(row), "orders");
    }

    /** Which counter a phase moves: PostgreSQL's documentation, "Progress Reporting". */
    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "CREATE_INDEX, waiting for old snapshots, 2, 5, sessions",
                "CREATE_INDEX, building index: scanning table, 300, 800, blocks",
                "CREATE_INDEX, building index: loading tuples in tree, 4000, 9000, tuples",
                "CREATE_INDEX, index validation: scanning table, 300, 800, blocks",
                "CLUSTER, seq scanning heap, 300, 800, blocks",
                "CLUSTER, writing new heap, 4000, 9000, tuples",
                "CLUSTER, rebuilding index, 2, null, indexes",
                "CLUSTER, sorting tuples, 0, null, null",
                "CREATE_INDEX, building index: sorting live tuples, 0, null, null",
                "VACUUM, scanning heap, 300, 800, blocks",
                "VACUUM, vacuuming heap, 200, 800, blocks",
                "VACUUM, vacuuming indexes, 1, 3, indexes",
                "VACUUM, truncating heap, 0, null, null",
                "ANALYZE, acquiring sample rows, 300, 800, blocks",
                "ANALYZE, computing statistics, 0, null, null"
            })
    void eachPhaseHasItsCounter(View view, String phase, long done, @Nullable Long total, @Nullable String unit)
            throws JsonProcessingException {
        String row = switch (view) {
            case CREATE_INDEX -> INDEX;
            case CLUSTER -> CLUSTER;
            case VACUUM -> VACUUM;
            default -> ANALYZE;
        };

        ProgressReading reading = reading(view, row.replace("%s", phase));

        assertThat(reading.done()).isEqualTo(done);
        assertThat(reading.total()).isEqualTo(total);
        assertThat(reading.unit()).isEqualTo(unit);
        assertThat(reading.phase()).isEqualTo(phase);
        assertThat(reading.source()).isEqualTo(view.viewName());
    }

    @Test
    void aCopyCountsBytesWhenItsEndIsKnownAndRowsWhenNothingElseIs() throws JsonProcessingException {
        assertThat(reading(View.COPY, COPY))
                .isEqualTo(new ProgressReading(
                        "pg_stat_progress_copy", "COPY FROM", "copying", "orders", 300, 800L, "bytes"));
        assertThat(reading(View.COPY, "{\"command\": \"COPY FROM\", \"tuples_processed\": 40}"))
                .isEqualTo(new ProgressReading(
                        "pg_stat_progress_copy", "COPY FROM", "copying", "orders", 40, null, "rows"));
    }

    private static StatementAdvance advance(
            double seconds, long atFirst, long done, @Nullable Long total, boolean own) {
        return new StatementAdvance(
                1,
                "CREATE INDEX",
                "phase",
                "orders",
                0,
                Math.round(seconds * 1e9),
                atFirst,
                done,
                total,
                "blocks",
                own);
    }

    @Test
    void whatIsLeftIsWhatItTookAtTheSamePace() {
        // 300 of the 700 that were left in 30 s, so 400 more take 40 s.
        assertThat(advance(30, 100, 400, 800L, true).remainingMs()).isEqualTo(OptionalLong.of(40_000));
        assertThat(advance(30, 0, 800, 800L, true).remainingMs()).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void whatWouldBeAGuessIsNotForetold() {
        // On either side of a twentieth, and of two seconds.
        assertThat(advance(30, 0, 50, 1_000L, true).remainingMs()).isPresent();
        assertThat(advance(30, 0, 49, 1_000L, true).remainingMs()).isEmpty();
        assertThat(advance(2, 0, 500, 1_000L, true).remainingMs()).isPresent();
        assertThat(advance(1.999, 0, 500, 1_000L, true).remainingMs()).isEmpty();
        // Nobody knows the end, it is more than was thought, or others decide.
        assertThat(advance(30, 0, 500, null, true).remainingMs()).isEmpty();
        assertThat(advance(30, 0, 1_001, 1_000L, true).remainingMs()).isEmpty();
        assertThat(advance(30, 0, 500, 1_000L, false).remainingMs()).isEmpty();
    }
}
