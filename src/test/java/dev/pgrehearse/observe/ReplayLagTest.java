package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplayLagTest {
    private final ReplayLag lag = new ReplayLag();

    @Test
    void whatIsReplayedIsNotBehindHoweverLongNothingWasWritten() {
        lag.written(100, 1_000);
        assertThat(lag.nanosAt(100, 1_000)).isZero();
        lag.written(1_000_000, 1_000);
        assertThat(lag.nanosAt(1_000_000, 1_000)).isZero();
    }

    @Test
    void itCountsFromTheFirstReadingThatIsNotReplayed() {
        lag.written(100, 1_000);
        lag.written(200, 2_000);
        lag.written(300, 3_000);

        assertThat(lag.nanosAt(300, 999)).isEqualTo(200);
        assertThat(lag.nanosAt(300, 1_000)).isEqualTo(100);
        assertThat(lag.nanosAt(300, 2_999)).isZero();
        assertThat(lag.nanosAt(400, 2_999)).isEqualTo(100);
        assertThat(lag.nanosAt(400, 3_000)).isZero();
    }

    @Test
    void ofVeryManyReadingsTheOldestIsNotForgotten() {
        int readings = 1_000_000;
        for (int i = 1; i <= readings; i++) {
            lag.written(i * 10L, i);
        }
        assertThat(lag.nanosAt(readings * 10L, 0)).isEqualTo((readings - 1) * 10L);
    }
}
