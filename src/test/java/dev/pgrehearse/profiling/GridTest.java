package dev.pgrehearse.profiling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GridTest {
    @Test
    void twoDigitsOfTheDistanceRemain() {
        assertThat(outward("1017", "5233", "9871")).containsExactly("1000", "5200", "9900");
        assertThat(outward("-871", "-3", "412")).containsExactly("-900", "0", "500");
        assertThat(NumberGrid.of(List.of("0.37", "4.50", "976.37")).outward(List.of("0.37", "4.50", "976.37")))
                .containsExactly("0", "0", "980");
    }

    @Test
    void aStepHoldsAtLeastTenOfTheFinestValues() {
        // Every age would be told by steps of one.
        assertThat(outward("18", "42", "67")).containsExactly("10", "40", "70");
        assertThat(outward("3000", "4000", "7000")).containsExactly("0", "0", "10000");
        assertThat(NumberGrid.of(List.of("0.11", "0.29")).outward(List.of("0.11", "0.29")))
                .containsExactly("0.1", "0.3");
    }

    @Test
    void fourDigitsOfTheLargestRemain() {
        assertThat(outward("4111222233334444", "4111222233334499"))
                .containsExactly("4111000000000000", "4112000000000000");
    }

    @Test
    void oneValueIsOneDigit() {
        assertThat(outward("4111222233334444", "4111222233334444"))
                .containsExactly("4000000000000000", "5000000000000000");
        assertThat(outward("4000", "4000")).containsExactly("0", "10000");
        assertThat(outward("0", "0")).containsExactly("0", "10");
    }

    @Test
    void integersStayWithinTheirType() {
        assertThat(NumberGrid.ofIntegers(List.of("-2147483000", "2147483000"), 4, false)
                        .outward(List.of("-2147483000", "2147483000")))
                .containsExactly("-2147483648", "2147483647");
        assertThat(NumberGrid.ofIntegers(List.of("7", "32000"), 2, false).outward(List.of("7", "32000")))
                .containsExactly("0", "32000");
    }

    @Test
    void whatIsNoNumberIsPartOfTheType() {
        assertThat(NumberGrid.of(List.of("-Infinity", "17", "4242", "NaN"))
                        .outward(List.of("-Infinity", "17", "4242", "NaN")))
                .containsExactly("-Infinity", "0", "4300", "NaN");
    }

    @Test
    void intervalsAreSeconds() {
        assertThat(IntervalText.seconds("P1Y2M3DT4H5M6.5S"))
                .isEqualTo("" + (360 * 86400 + 2 * 30 * 86400 + 3 * 86400 + 4 * 3600 + 5 * 60 + 6) + ".5");
        assertThat(IntervalText.seconds("PT-1H")).isEqualTo("-3600");
        assertThat(NumberGrid.ofIntervals(List.of("PT17S", "PT1H")).outward(List.of("PT17S", "PT1H")))
                .containsExactly("0 seconds", "3600 seconds");
    }

    @Test
    void daysBecomeMonthsAtLeastAndYearsOverALife() {
        assertThat(times("1987-06-05", "1987-06-09")).containsExactly("1987-06-01", "1987-07-01");
        assertThat(times("1931-03-17", "1987-06-05", "2003-11-02"))
                .containsExactly("1931-01-01", "1987-01-01", "2004-01-01");
        assertThat(times("1987-06-01", "1988-02-01")).containsExactly("1987-01-01", "1989-01-01");
        assertThat(times("1987-01-01", "1988-01-01")).containsExactly("1980-01-01", "1990-01-01");
        assertThat(times("0044-03-15 BC", "0001-01-02")).containsExactly("0044-01-01 BC", "0002-01-01");
        assertThat(times("-infinity", "1987-06-05", "infinity")).containsExactly("-infinity", "1987-07-01", "infinity");
    }

    @Test
    void pointsInTimeBecomeDaysAtLeast() {
        assertThat(times("2024-05-01 13:57:31.25+00", "2024-05-03 08:00:01+00"))
                .containsExactly("2024-05-01 00:00:00+00", "2024-05-04 00:00:00+00");
        // 22:00 in UTC is a midnight in Berlin: these are days of somebody.
        assertThat(times("1987-06-04 22:00:00+00", "1987-07-11 22:00:00+00"))
                .containsExactly("1987-06-01 00:00:00+00", "1987-08-01 00:00:00+00");
        assertThat(times("2020-05-01 13:57:31", "2024-05-03 08:00:01"))
                .containsExactly("2020-05-01 00:00:00", "2024-06-01 00:00:00");
    }

    @Test
    void timesOfTheDayBecomeHours() {
        assertThat(ClockGrid.of(List.of("09:13:00", "17:59:59")).outward(List.of("09:13:00", "17:59:59")))
                .containsExactly("09:00:00", "18:00:00");
        assertThat(ClockGrid.of(List.of("09:00:00", "17:00:00")).outward(List.of("09:00:00", "17:00:00")))
                .containsExactly("06:00:00", "18:00:00");
        assertThat(ClockGrid.of(List.of("23:10:00", "23:50:00")).outward(List.of("23:10:00", "23:50:00")))
                .containsExactly("23:00:00", "24:00:00");
    }

    private static List<String> outward(String... values) {
        return NumberGrid.ofIntegers(List.of(values), Long.BYTES, false).outward(List.of(values));
    }

    private static List<String> times(String... values) {
        return TimeGrid.of(List.of(values)).outward(List.of(values));
    }
}
