package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.TrafficSpec;
import dev.pgrehearse.scenario.TrafficSpec.Piece;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrafficDoubtTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void aConstantRateIsNone() {
        assertThat(TrafficDoubt.of(TrafficSpec.constant(3), Duration.ofDays(2))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"110, false", "110.1, true", "90, false", "89.9, true"})
    void moreThanATenthIsOne(double then, boolean doubted) {
        TrafficSpec traffic =
                new TrafficSpec(List.of(new Piece(MINUTE, 100, 100), new Piece(MINUTE, then, then)), false);

        assertThat(TrafficDoubt.of(traffic, MINUTE.plusSeconds(1)).isPresent()).isEqualTo(doubted);
        assertThat(TrafficDoubt.of(traffic, MINUTE)).as("over before the step").isEmpty();
    }

    @Test
    void itSaysBothRates() {
        TrafficSpec traffic = new TrafficSpec(List.of(new Piece(MINUTE, 100, 300), new Piece(MINUTE, 300, 50)), true);

        assertThat(TrafficDoubt.of(traffic, MINUTE.multipliedBy(2))
                        .orElseThrow()
                        .text())
                .contains("ran at 100.0 requests/s", "at 50.0 to 300.0");
        assertThat(TrafficDoubt.of(traffic, Duration.ofSeconds(30))
                        .orElseThrow()
                        .text())
                .contains("at 100.0 to 200.0");
    }
}
