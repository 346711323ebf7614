package dev.pgrehearse.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import dev.pgrehearse.scenario.ValueSpec;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiskEstimateTest {
    private static final long CLUSTER = DiskEstimate.bytesFor(spec(Map.of()), Map.of());

    @Test
    void growsWithTheRowsAndTheWidthOfTheirValues() {
        DatasetSpec texts = spec(Map.of(
                "notes",
                new TableSpec(Map.of(
                        "body",
                        new ValueSpec(new ValueSpec.Text(1000, 1000, ValueSpec.LengthDistribution.UNIFORM), 0)))));
        long thousand = DiskEstimate.bytesFor(texts, Map.of("notes", 1_000_000L)) - CLUSTER;
        // A million texts of 1000 bytes take a gigabyte and their rows' headers; indexes half of that at most.
        assertThat(thousand).isBetween(1_028_000_000L, 1_700_000_000L);
        assertThat(DiskEstimate.bytesFor(texts, Map.of("public.notes", 1_000_000L)) - CLUSTER)
                .isEqualTo(thousand);
    }

    @Test
    void countsTablesThatTheScenarioSaysNothingOf() {
        // 24 + 4 bytes a row at least, and some key.
        assertThat(DiskEstimate.bytesFor(spec(Map.of()), Map.of("t", 1_000_000L)) - CLUSTER)
                .isBetween(28_000_000L, 120_000_000L);
    }

    private static DatasetSpec spec(Map<String, TableSpec> tables) {
        return new DatasetSpec(Path.of("none.sql"), tables, Map.of(), "x", DatasetSpec.CacheState.COLD);
    }
}
