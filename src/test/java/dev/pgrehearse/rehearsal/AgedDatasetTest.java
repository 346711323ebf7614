package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgedDatasetTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final List<String> TIMED = List.of("orders.created_at");

    private static DatasetFacts made(String at, boolean fromGolden) {
        return new DatasetFacts("generated", fromGolden, 1, at, List.of());
    }

    @Test
    void namesTheColumnsOfAnOldOne() {
        assertThat(AgedDataset.doubt(made("2026-11-20T00:00:00Z", true), TIMED, NOW))
                .map(Recording.Doubt::text)
                .hasValueSatisfying(text -> assertThat(text).contains("orders.created_at", "2026-11-20T00:00:00Z"));
    }

    @Test
    void saysNothingOfAYoungOneOrWhenNothingHoldsTheTime() {
        assertThat(AgedDataset.doubt(made("2026-11-20T00:00:01Z", true), TIMED, NOW))
                .isEmpty();
        assertThat(AgedDataset.doubt(made("2026-11-01T00:00:00Z", true), List.of(), NOW))
                .isEmpty();
        assertThat(AgedDataset.doubt(made("2026-11-01T00:00:00Z", false), TIMED, NOW))
                .isEmpty();
    }
}
