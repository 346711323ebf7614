package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pgrehearse.scenario.TrafficSpec.Piece;
import dev.pgrehearse.scenario.TrafficSpec.Span;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A rate that changes over time, as it is written and as it is understood. */
class TrafficTest extends ScenarioTest {
    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void aRateAloneIsConstant() {
        TrafficSpec traffic = traffic("rate: 18k/min");

        assertThat(traffic).isEqualTo(TrafficSpec.constant(300));
        assertThat(traffic.isConstant()).isTrue();
        assertThat(traffic.within(DAY.multipliedBy(3))).isEqualTo(new Span(300, 300));
    }

    @Test
    void stepsHoldUntilTheNext() {
        TrafficSpec traffic = traffic(
                "rate: { steps: [ { at: 0s, rate: 100/s }, { at: 60s, rate: 0/s }, { at: 2m, rate: 400/s } ] }");

        assertThat(traffic.daily()).isFalse();
        assertThat(traffic.atStart()).isEqualTo(100);
        assertThat(traffic.pieces())
                .startsWith(new Piece(Duration.ofSeconds(60), 100, 100), new Piece(Duration.ofSeconds(60), 0, 0))
                .hasSize(3);
        assertThat(traffic.within(Duration.ofSeconds(60))).isEqualTo(new Span(100, 100));
        assertThat(traffic.within(Duration.ofSeconds(61))).isEqualTo(new Span(0, 100));
        assertThat(traffic.within(Duration.ofSeconds(121))).isEqualTo(new Span(0, 400));
    }

    @Test
    void aDayBeginsWhenTheMigrationStarts() {
        TrafficSpec traffic = traffic("rate: { byHour: { 0: 40/s, 8: 300/s, 12: 500/s }, startsAt: \"02:00\" }");

        // At 02:00 a quarter of the way from 40 to 300; then to 8, to 12, over midnight to 0, and to 2 again.
        assertThat(traffic.pieces())
                .containsExactly(
                        new Piece(Duration.ofHours(6), 105, 300),
                        new Piece(Duration.ofHours(4), 300, 500),
                        new Piece(Duration.ofHours(12), 500, 40),
                        new Piece(Duration.ofHours(2), 40, 105));
        assertThat(traffic.daily()).isTrue();
        assertThat(traffic.within(Duration.ofHours(3))).isEqualTo(new Span(105, 202.5));
        assertThat(traffic.within(DAY)).isEqualTo(new Span(40, 500));
    }

    @Test
    void aDayMayBeginAtAnHourThatIsGivenOrBeforeTheFirst() {
        assertThat(traffic("rate: { byHour: { 6: 100/s, 18: 300/s }, startsAt: \"18:00\" }")
                        .pieces())
                .containsExactly(new Piece(Duration.ofHours(12), 300, 100), new Piece(Duration.ofHours(12), 100, 300));
        // Over midnight: at 03:00 three quarters of the way from 300 at 18:00 to 100 at 06:00.
        assertThat(traffic("rate: { byHour: { 6: 100/s, 18: 300/s }, startsAt: \"03:00\" }")
                        .atStart())
                .isCloseTo(150, within(1e-9));
        assertThat(traffic("rate: { byHour: { 6: 100/s }, startsAt: \"03:30\" }")
                        .isConstant())
                .isTrue();
    }

    @Test
    void aVariantComparesAnotherTimeOfDay() {
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL.replace(
                                "rate: 300/s", "rate: { byHour: { 0: 40/s, 12: 400/s }, startsAt: \"00:00\" }")
                        + """
                            at-noon: { sql: migration.sql, with: { workload: { rate: { startsAt: "12:00" } } } }
                            in-steps: { sql: migration.sql, with: { workload: { rate: { steps: [ { at: 0s, rate: 7/s } ] } } } }
                            constant: { sql: migration.sql, with: { workload: { rate: 9/s } } }
                        """);

        assertThat(fixture.read().variants().stream()
                        .map(variant ->
                                variant.conditions().workload().traffic().atStart()))
                .containsExactly(40.0, 400.0, 7.0, 9.0);
    }

    /** The rate; where; found and expected, as parts of the texts. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("rate: {}", "9:9 workload.rate", "neither", "exactly one of `steps` and `byHour`"),
                arguments(
                        "rate: { steps: [ { at: 0s, rate: 1/s } ], byHour: { 0: 1/s } }",
                        "9:9 workload.rate",
                        "`steps` and `byHour`",
                        "exactly one of"),
                arguments("rate: { steps: [] }", "9:18 workload.rate.steps", "an empty list", "a list of steps"),
                arguments(
                        "rate: { steps: [ { at: 1s, rate: 1/s } ] }",
                        "9:26 workload.rate.steps.0.at",
                        "`1s`",
                        "0s for the first step"),
                arguments(
                        "rate: { steps: [ { at: 0s, rate: 0/s }, { at: 1s, rate: 1/s } ] }",
                        "9:36 workload.rate.steps.0.rate",
                        "`0/s`",
                        "warm-up and baseline"),
                arguments(
                        "rate: { steps: [ { at: 0s, rate: 1/s }, { at: 1s, rate: 0/s } ] }",
                        "9:59 workload.rate.steps.1.rate",
                        "`0/s`",
                        "the last step goes on"),
                arguments(
                        "rate: { steps: [ { at: 0s, rate: -1/s } ] }",
                        "9:36 workload.rate.steps.0.rate",
                        "`-1/s`",
                        "a rate with its unit"),
                arguments(
                        "rate: { steps: [ { at: 0s, rate: 1/s }, { at: 5s, rate: 2/s }, { at: 5s, rate: 3/s } ] }",
                        "9:72 workload.rate.steps.2.at",
                        "`5s`",
                        "a later time"),
                arguments("rate: { steps: [ { at: 0s } ] }", "9:20 workload.rate.steps.0.rate", "no `rate`", "a rate"),
                arguments(
                        "rate: { steps: [ { at: 0s, rate: 1/s } ], startsAt: \"02:00\" }",
                        "9:45 workload.rate.startsAt",
                        "beside `steps`",
                        "beside `byHour` only"),
                arguments(
                        "rate: { byHour: { 24: 1/s }, startsAt: \"02:00\" }",
                        "9:21 workload.rate.byHour.24",
                        "`24`",
                        "an hour of the day from 0 to 23"),
                arguments(
                        "rate: { byHour: { 1: -1/s }, startsAt: \"02:00\" }",
                        "9:24 workload.rate.byHour.1",
                        "`-1/s`",
                        "a rate with its unit"),
                arguments(
                        "rate: { byHour: { 1: 1/s } }",
                        "9:3 workload.rate.startsAt",
                        "no `startsAt`",
                        "the time of day"),
                arguments(
                        "rate: { byHour: { 1: 1/s }, startsAt: \"24:00\" }",
                        "9:41 workload.rate.startsAt",
                        "`24:00`",
                        "a time of day"),
                arguments(
                        "rate: { byHour: { 1: 0/s, 3: 0/s, 5: 9/s }, startsAt: \"02:00\" }",
                        "9:57 workload.rate.startsAt",
                        "when no requests come",
                        "a rate above 0"),
                arguments(
                        "rate: { byHour: { 1: 0/s }, startsAt: \"02:00\" }",
                        "9:41 workload.rate.startsAt",
                        "when no requests come",
                        "a rate above 0"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isTold(String rate, String place, String found, String expected) {
        fixture.replace("rate: 300/s", rate);

        assertThat(fixture.mistakes()).singleElement().satisfies(mistake -> {
            assertThat(mistake.line() + ":" + mistake.column() + " " + mistake.path())
                    .isEqualTo(place);
            assertThat(mistake.found()).contains(found);
            assertThat(mistake.expected()).contains(expected);
        });
    }

    private TrafficSpec traffic(String rate) {
        fixture.replace("rate: 300/s", rate);
        return fixture.read().conditions().workload().traffic();
    }

    /** What no file can say. */
    @Test
    void noTrafficIsNone() {
        assertThat(List.of(new Piece(DAY, 1, 0), new Piece(DAY, 0, 1)))
                .allSatisfy(piece -> assertThatThrownBy(() -> new TrafficSpec(List.of(piece), false))
                        .isInstanceOf(IllegalArgumentException.class));
    }
}
