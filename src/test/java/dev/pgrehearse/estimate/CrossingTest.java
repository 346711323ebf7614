package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Sizes are shares of a target; times are straight lines, so that sizes are quotients. */
class CrossingTest {
    private static final List<Double> SIZES = Crossing.sizes(0.01, 10, 0.1, 1);

    private static Span line(double size) {
        return new Span(0.9 * size, size, 1.25 * size);
    }

    @Test
    void eachValueHasItsOwnSize() {
        Crossing crossing = Crossing.of(SIZES, size -> Optional.of(line(size)), 0.5);
        assertThat(crossing.from()).isCloseTo(0.4, within(1e-4));
        assertThat(crossing.central()).isCloseTo(0.5, within(1e-4));
        assertThat(crossing.to()).isCloseTo(0.5 / 0.9, within(1e-4));
        assertThat(crossing.reach()).isEqualTo(10);
    }

    @Test
    void whatIsTooLongAtTheSmallestSizeIsItsSize() {
        Crossing crossing = Crossing.of(SIZES, size -> Optional.of(line(size)), 0.005);
        assertThat(crossing.from()).isEqualTo(0.01);
        assertThat(crossing.central()).isEqualTo(0.01);
        assertThat(crossing.to()).isEqualTo(0.01);
    }

    @Test
    void atTheEndOfWhatIsKnownThereMayBeNoneOrOnlyThatOfTheUpperValue() {
        Crossing none = Crossing.of(SIZES, size -> Optional.of(line(size)), 12.6);
        assertThat(none.from()).isNull();
        assertThat(none.central()).isNull();
        assertThat(none.to()).isNull();
        Crossing upper = Crossing.of(SIZES, size -> Optional.of(line(size)), 10.1);
        assertThat(upper.from()).isCloseTo(8.08, within(1e-3));
        assertThat(upper.central()).isNull();
        Crossing equal = Crossing.of(SIZES, size -> Optional.of(line(size)), 10);
        assertThat(equal.central()).as("a value that equals its limit holds it").isNull();
        assertThat(Crossing.of(SIZES, size -> Optional.of(line(size)), 9.99).central())
                .isCloseTo(9.99, within(1e-3));
    }

    /** A cliff at 0.3: what lies beyond is not looked at, whatever it is. */
    @Test
    void nothingIsSaidBeyondASizeThatIsNotKnown() {
        Crossing beyond =
                Crossing.of(SIZES, size -> size > 0.3 && size < 0.6 ? Optional.empty() : Optional.of(line(size)), 0.7);
        assertThat(beyond.central()).isNull();
        assertThat(beyond.from()).isNull();
        assertThat(beyond.reach()).isBetween(0.2999, 0.3);
        Crossing before = Crossing.of(SIZES, size -> size > 0.3 ? Optional.empty() : Optional.of(line(size)), 0.2);
        assertThat(before.central()).isCloseTo(0.2, within(1e-4));
        assertThat(before.from()).isCloseTo(0.16, within(1e-4));
    }

    /** One more worker at 0.5 halves the time: from 0.4 on 0.4, then shorter again, and for good from 0.8 on. */
    @Test
    void theLastCrossingIsCentralAndTheFirstTheEarliest() {
        Crossing crossing = Crossing.of(SIZES, size -> Optional.of(Span.of(size > 0.5 ? size / 2 : size)), 0.4);
        assertThat(crossing.from()).isCloseTo(0.4, within(1e-4));
        assertThat(crossing.central()).isCloseTo(0.8, within(1e-4));
    }
}
