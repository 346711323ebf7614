package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "250ms, PT0.25S, 250ms",
        "5s, PT5S, 5s",
        "2.5s, PT2.5S, 2500ms",
        "30m, PT30M, 30m",
        "2h, PT2H, 2h",
        "90s, PT1M30S, 90s",
        "1d, PT24H, 24h",
        "0s, PT0S, 0s",
        "0.125ms, PT0.000125S, 0.125ms"
    })
    void durations(String text, Duration duration, String printed) {
        assertThat(Quantities.duration(text)).isEqualTo(duration);
        assertThat(Quantities.print(duration)).isEqualTo(printed);
        assertThat(Quantities.duration(printed)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 s", "5S", "1h30m", "1e3s", "366d", "0.0001ms", "9999999999s"})
    void noDurations(String text) {
        assertThat(Quantities.duration(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "50_000_000, 50000000", "50M, 50000000", "1.5M, 1500000", "100k, 100000", "2G, 2000000000"})
    void counts(String text, long count) {
        assertThat(Quantities.count(text)).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "1.2345k", "1m", "1K", "_1", "0x10", "99999999999999999999"})
    void noCounts(String text) {
        assertThat(Quantities.count(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"300/s, 300", "18k/min, 300", "3600/h, 1", "0.5/s, 0.5", "0/s, 0"})
    void rates(String text, double perSecond) {
        assertThat(Quantities.perSecond(text)).isEqualTo(perSecond);
    }

    @ParameterizedTest
    @CsvSource({"0.1%, 0.001", "5%, 0.05", "100%, 1", "0%, 0"})
    void shares(String text, double share) {
        assertThat(Quantities.share(text)).isEqualTo(share);
    }

    @Test
    void noShares() {
        assertThat(Quantities.share("100.1%")).isNull();
        assertThat(Quantities.share("5")).isNull();
        assertThat(Quantities.perSecond("300")).isNull();
    }
}
