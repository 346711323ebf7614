package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Recording.Doubt;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatenessTest {
    /** The histogram keeps three digits: what is above a bound is so by more than that. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "9.9, none",
                "10, none",
                "10.1, driver-late",
                "99.9, driver-late",
                "100, driver-late",
                "100.5, driver-too-late"
            })
    void aHundredthOfTheRequestsDecides(double millis, String doubt) {
        Lateness lateness = new Lateness();
        for (int i = 0; i < 980; i++) {
            lateness.add(-5);
        }
        for (int i = 0; i < 20; i++) {
            lateness.add(Math.round(millis * 1e6));
        }

        assertThat(lateness.doubt().map(Doubt::id)).isEqualTo(Optional.ofNullable(doubt));
    }

    @Test
    void fewerThanAHundredthAreForgiven() {
        Lateness lateness = new Lateness();
        for (int i = 0; i < 1_000; i++) {
            lateness.add(i < 10 ? 5_000_000_000L : 0);
        }

        assertThat(lateness.doubt()).isEmpty();
        lateness.add(5_000_000_000L);
        assertThat(lateness.doubt().map(Doubt::id)).contains(Doubt.DRIVER_TOO_LATE);
    }

    @Test
    void whoOfferedNothingWasNotLate() {
        assertThat(new Lateness().doubt()).isEmpty();
    }
}
