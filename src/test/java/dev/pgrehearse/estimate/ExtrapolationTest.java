package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Data whose truth is known by construction, and the figures that were measured before. */
class ExtrapolationTest {
    private static final double[] SIZES = {31_250, 62_500, 125_000, 250_000, 500_000, 1_000_000};
    private static final double LOG = Math.log(2);

    /**
     * Published for an index on text: 1.06 µs per row at 100 000 rows, 1.66 at 20 million. Between them the cost per row
     * grows with the logarithm.
     */
    private static final double PER_DOUBLING = (1.66e-6 - 1.06e-6) / (Math.log(200) / LOG);

    private static double indexOnText(double rows) {
        return rows * (1.06e-6 + PER_DOUBLING * Math.log(rows / 100_000) / LOG);
    }

    private static Ladder exact(DoubleUnaryOperator truth) {
        return new Ladder(java.util.Arrays.stream(SIZES)
                .mapToObj(rows -> Measurement.of(rows, truth.applyAsDouble(rows)))
                .toList());
    }

    private static Extrapolation of(Ladder ladder, Operation operation, double rows) {
        return Extrapolation.of(ladder, operation.models(), rows, Quantity.DURATION)
                .orElseThrow();
    }

    @Test
    void aLineIsContinuedExactly() {
        Extrapolation scan = of(exact(rows -> 0.02 + 58e-9 * rows), Operation.SCAN, 10e6);
        assertThat(scan.central()).isCloseTo(0.6, within(1e-6));
        assertThat(scan.ratio()).isEqualTo(10);
        assertThat(scan.straightLine()).isCloseTo(0.6, within(1e-9));
        assertThat(scan.heldOutError()).isCloseTo(0, within(1e-6));
    }

    @Test
    void aSortIsContinuedExactlyAndAStraightLineFallsShort() {
        DoubleUnaryOperator truth = rows -> 0.01 + 2e-7 * rows + 5e-8 * rows * Math.log(rows) / LOG;
        Extrapolation build = of(exact(truth), Operation.INDEX_BUILD, 50e6);
        assertThat(build.central()).isCloseTo(truth.applyAsDouble(50e6), within(1e-3));
        assertThat(build.straightLine()).isLessThan(0.9 * build.central());
        assertThat(build.curve().shape()).isEqualTo("a + bN + cN·log₂N");
    }

    /** At 20 times the top rung the line is 15 to 30 per cent too low, the sum with the logarithm within 5. */
    @Test
    void thePublishedIndexOnTextIsMetWithinFivePerCent() {
        double truth = indexOnText(20e6);
        assertThat(truth).isCloseTo(33.2, within(0.1));
        Extrapolation build = of(exact(ExtrapolationTest::indexOnText), Operation.INDEX_BUILD, 20e6);
        assertThat(build.central() / truth).isBetween(0.95, 1.05);
        assertThat(build.straightLine() / truth).isBetween(0.7, 0.86);
        assertThat(build.upper()).isGreaterThan(truth).isLessThan(1.6 * truth);
    }

    /** With 3 per cent of noise in each of three repeats the upper value keeps the truth in nine of ten ladders. */
    @Test
    void theUpperValueKeepsWhatItPromises() {
        int kept = 0;
        int near = 0;
        int ladders = 400;
        for (int seed = 0; seed < ladders; seed++) {
            Random random = new Random(seed);
            Ladder noisy = new Ladder(java.util.Arrays.stream(SIZES)
                    .mapToObj(rows -> new Measurement(
                            rows,
                            IntStream.range(0, 3)
                                    .mapToObj(each -> indexOnText(rows) * (1 + 0.03 * random.nextGaussian()))
                                    .toList()))
                    .toList());
            double truth = indexOnText(10e6);
            Extrapolation build = of(noisy, Operation.INDEX_BUILD, 10e6);
            kept += build.upper() >= truth ? 1 : 0;
            near += Math.abs(build.central() / truth - 1) <= 0.15 ? 1 : 0;
        }
        assertThat(kept).as("upper values above the truth").isGreaterThanOrEqualTo(ladders * 9 / 10);
        assertThat(near).as("central values within 15 %").isGreaterThanOrEqualTo(ladders * 9 / 10);
    }

    @Test
    void theUpperValueLeansUpwardWithEveryDoubling() {
        Ladder ladder = exact(rows -> 58e-9 * rows + 0.02);
        double near = of(ladder, Operation.SCAN, 2e6).upper()
                / of(ladder, Operation.SCAN, 2e6).central();
        double far = of(ladder, Operation.SCAN, 50e6).upper()
                / of(ladder, Operation.SCAN, 50e6).central();
        assertThat(far - near).isGreaterThan(0.9 * Extrapolation.LEAN_PER_DOUBLING * Math.log(25) / LOG);
        assertThat(far).isLessThan(2);
    }

    @Test
    void whatDoesNotGrowStaysAsItIs() {
        Ladder instant = new Ladder(java.util.Arrays.stream(SIZES)
                .mapToObj(rows -> Measurement.of(rows, 0.002, 0.003))
                .toList());
        assertThat(of(instant, Operation.CATALOGUE, 50e6).central()).isCloseTo(0.0025, within(1e-9));
    }

    /** A step that theory knows is measured by the two rungs above it; a line through all rungs would miss half of it. */
    @Test
    void aStepWithTwoRungsAboveItIsContinuedAboveIt() {
        double cliff = 300_000;
        DoubleUnaryOperator truth = rows -> 0.01 + rows * (rows > cliff ? 0.34e-6 : 0.15e-6);
        List<List<Term>> models = List.of(List.of(Term.ONE, Term.ROWS, Term.rowsAbove(cliff)));
        Extrapolation check =
                Extrapolation.of(exact(truth), models, 10e6, Quantity.DURATION).orElseThrow();
        assertThat(check.central()).isCloseTo(truth.applyAsDouble(10e6), within(1e-3));
    }

    @Test
    void coefficientsAreNeverNegative() {
        Ladder faster = exact(rows -> 0.5 - 1e-7 * rows);
        Extrapolation scan = of(faster, Operation.SCAN, 4e6);
        assertThat(scan.curve().coefficients())
                .allSatisfy(value -> assertThat(value).isNotNegative());
        assertThat(scan.central()).isBetween(0.4, 0.5);
    }

    @Test
    void twoRungsAreTooFew() {
        Ladder two = new Ladder(List.of(Measurement.of(1_000, 1), Measurement.of(2_000, 2)));
        assertThat(Extrapolation.of(two, Operation.SCAN.models(), 4_000, Quantity.DURATION))
                .isEmpty();
    }

    @Test
    void aMeasurementIsItsMedianAndTellsHowFarItsRunsAreApart() {
        assertThat(Measurement.of(1, 3, 1, 2).central()).isEqualTo(2);
        assertThat(Measurement.of(1, 1, 2).central()).isEqualTo(1.5);
        assertThat(Measurement.of(1, 9, 11, 10).spread()).isCloseTo(0.2, within(1e-12));
        assertThat(Measurement.of(1, 7).spread()).isZero();
    }
}
