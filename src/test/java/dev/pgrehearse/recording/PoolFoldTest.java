package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolFoldTest {
    private static final Phases PHASES = new Phases(
            List.of(
                    new Phases.Span("baseline", 0, nanos(1_000)),
                    new Phases.Span("migration", nanos(1_000), nanos(9_000))),
            0);

    @Test
    void exhaustedMeansAllInUseWhileSomebodyWaits() {
        Recording.PoolFacts pool = fold(
                sample(0, 2, 0),
                sample(2_000, 5, 0),
                sample(3_000, 8, 0),
                sample(3_500, 9, 0),
                sample(4_000, 10, 0),
                sample(4_200, 10, 7),
                sample(5_200, 10, 0),
                sample(6_000, 10, 3),
                sample(6_300, 4, 0));

        assertThat(pool.exhaustedMs()).isEqualTo(1_300);
        assertThat(pool.longestExhaustedMs()).isEqualTo(1_000);
        assertThat(pool.firstExhaustedMs()).isEqualTo(4_200);
        assertThat(pool.firstAtMs()).isEqualTo(Map.of(50, 2_000.0, 80, 3_000.0, 90, 3_500.0, 100, 4_000.0));
        assertThat(pool.activePeak()).isEqualTo(10);
        assertThat(pool.pendingPeak()).isEqualTo(7);
    }

    @Test
    void exhaustionThatLastsToTheEndCountsToTheEnd() {
        Recording.PoolFacts pool = fold(sample(0, 0, 0), sample(8_000, 10, 1));

        assertThat(pool.longestExhaustedMs()).isEqualTo(1_000);
    }

    @Test
    void whatWasFullWhenTheMigrationStartedIsFullFromItsStart() {
        Recording.PoolFacts pool = fold(sample(0, 10, 4), sample(1_500, 1, 0));

        assertThat(pool.firstExhaustedMs()).isEqualTo(1_000);
        assertThat(pool.firstAtMs()).containsEntry(100, 1_000.0);
        assertThat(pool.exhaustedMs()).isEqualTo(500);
        assertThat(pool.baselineExhaustedMs()).isEqualTo(1_000);
    }

    @Test
    void aPoolThatNeverFillsHasNoFirsts() {
        Recording.PoolFacts pool = fold(sample(0, 4, 0));

        assertThat(pool.firstAtMs()).isEmpty();
        assertThat(pool.firstExhaustedMs()).isNull();
        assertThat(pool.exhaustedMs()).isZero();
    }

    @Test
    void aPoolThatTheServerGivesNoMoreIsExhaustedThoughNotFull() {
        Recording.PoolFacts pool = fold(
                new Fact.PoolSampled("app-1", nanos(5_000), 5, 0, 2),
                new Fact.PoolSampled("app-1", nanos(6_500), 4, 1, 0));

        assertThat(pool.exhaustedMs()).isEqualTo(1_500);
        // Nobody waits, or one is free: it is not.
        assertThat(fold(new Fact.PoolSampled("app-1", nanos(5_000), 5, 0, 0)).exhaustedMs())
                .isZero();
        assertThat(fold(new Fact.PoolSampled("app-1", nanos(5_000), 5, 1, 2)).exhaustedMs())
                .isZero();
    }

    private static Fact.PoolSampled sample(double atMs, int active, int pending) {
        return new Fact.PoolSampled("app-1", nanos(atMs), active, 10 - active, pending);
    }

    private static Recording.PoolFacts fold(Fact.PoolSampled... samples) {
        return new PoolFold(new Fact.PoolMade("app-1", 10), List.of(samples), PHASES, nanos(9_000)).fold(0);
    }
}
