package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "0.04, < 0.1 ms",
        "0.05, 0.1 ms",
        "9.94, 9.9 ms",
        "9.96, 10 ms",
        "999.4, 999 ms",
        "999.6, 1.0 s",
        "30000, 30.0 s",
        "59949, 59.9 s",
        "59951, 1 min 00 s",
        "185000, 3 min 05 s",
        "3599600, 1 h 00 min",
        "7800000, 2 h 10 min",
        "NaN, not measured"
    })
    void durations(double milliseconds, String expected) {
        assertThat(spaced(Figures.duration(milliseconds))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 %",
        "1, 100 %",
        "0.000001, < 0.001 %",
        "0.999999, > 99.999 %",
        "0.00005, 0.005 %",
        "0.001, 0.10 %",
        "0.9996, 99.96 %",
        "0.6698, 67.0 %",
        "NaN, not measured"
    })
    void somethingIsNeverNothingAndNearlyAllIsNeverAll(double share, String expected) {
        assertThat(spaced(Figures.share(share))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0.03, +3.0 %", "-0.11, −11.0 %", "0, 0 %", "-1, −100 %", "3, +300.0 %", "NaN, not measured"})
    void errorsHaveASign(double share, String expected) {
        assertThat(spaced(Figures.error(share))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"512, 512 bytes", "1536, 1.5 kB", "142606336, 136 MB", "33285996544, 31 GB", "1048575, 1.0 MB"})
    void sizes(double bytes, String expected) {
        assertThat(spaced(Figures.bytes(bytes))).isEqualTo(expected);
    }

    @Test
    void aFigureAboveItsLimitNeverLooksLikeTheLimit() {
        Figures.Against close = Figures.against(2000.4, 2000, Finding.MILLISECONDS);
        assertThat(spaced(close.measured())).isEqualTo("2.0004 s");
        assertThat(spaced(close.limit())).isEqualTo("2.0000 s");
        assertThat(Figures.against(0.00100001, 0.001, Finding.SHARE).measured())
                .isNotEqualTo(Figures.against(0.00100001, 0.001, Finding.SHARE).limit());
        assertThat(Figures.against(Math.nextUp(2000.0), 2000, Finding.MILLISECONDS)
                        .measured())
                .startsWith("just above");
        assertThat(spaced(Figures.against(2000, 2000, Finding.MILLISECONDS).measured()))
                .isEqualTo("2.0 s");
    }

    @Test
    void countsAreGrouped() {
        assertThat(spaced(Figures.count(1_234_567))).isEqualTo("1 234 567");
        assertThat(spaced(Figures.count(1, "request", "requests"))).isEqualTo("1 request");
        assertThat(spaced(Figures.duration(5000, true))).isEqualTo("≥ 5.0 s");
    }

    private static String spaced(String text) {
        return text.replace('\u00a0', ' ');
    }
}
