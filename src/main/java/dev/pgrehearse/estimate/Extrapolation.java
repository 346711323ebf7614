package dev.pgrehearse.estimate;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hipparchus.distribution.continuous.FDistribution;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * One quantity at the target's size.
 *
 * @param central the value that is as likely too high as too low
 * @param upper which the true value stays below in nine of ten cases
 * @param ratio the target's rows by the top rung's: 1 when the target itself was measured
 * @param curve which says so
 * @param heldOutError by how much the same terms, fitted without the top rung, were above it (negative: below), as a share
 * @param straightLine what a straight line through the two largest rungs would say; NaN with fewer than two
 */
public record Extrapolation(
        double central, double upper, double ratio, Curve curve, double heldOutError, double straightLine) {
    /**
     * Errors past the last rung are one-sided: caches, memory and disks only ever get too small. On rungs to 1 million rows
     * the right model was up to 16 % too low at 10 to 20 times their size, so for every doubling of the size the upper value
     * leans so much upward.
     */
    static final double LEAN_PER_DOUBLING = 0.05;

    /**
     * How far apart statements lie of which that was taken instead of measured, at nine in ten: fourteen that sort or hash in memory, from
     * rungs to 1 million rows held against 10 million (docs/accuracy.md, "By curves alone"), took 0.83 to 1.52 times as long, by a
     * standard deviation of 22 %; for each doubling.
     */
    private static final double APART_PER_DOUBLING = 1.28 * 0.22 / (Math.log(10) / Math.log(2));

    private static final double ONE_SIDED = 0.9;

    /** Scatter around a curve that repeats of the same rungs would show less often than once in a hundred ladders. */
    private static final double SCATTER = 0.99;

    /** Fewer rungs cannot show that a curve is wrong. */
    static final int LEAST_RUNGS = 3;

    /**
     * Fits the models and takes the one that says the top rung best without having seen it. Of those whose errors the top
     * rung's own noise does not tell apart the first is taken.
     *
     * @param models in the order of what theory says of the operation, each a list of terms
     * @param rows the target's
     * @return empty when no model has enough rungs
     */
    static Optional<Extrapolation> of(Ladder ladder, List<List<Term>> models, double rows, Quantity quantity) {
        return ladder.size() < LEAST_RUNGS ? Optional.empty() : best(ladder, models, rows, quantity);
    }

    /**
     * Whether a curve of one of the models goes through all rungs, as near as their own repeats are to one another: the F-test for
     * lack of fit, with the errors that even equal repeats have. Without repeats nothing is held against any.
     */
    static boolean isOneCurve(Ladder ladder, List<List<Term>> models, Quantity quantity) {
        int repeats = ladder.rungs().stream()
                .mapToInt(rung -> rung.values().size() - 1)
                .sum();
        return repeats == 0
                || fits(ladder, models, quantity)
                        .anyMatch(fit -> fit.freedom() == 0
                                || fit.misfit()
                                        <= new FDistribution(fit.freedom(), repeats)
                                                .inverseCumulativeProbability(SCATTER));
    }

    /** By how much the best of the models misses all rungs together: squared residuals, each in standard errors of its rung. */
    static double misfit(Ladder ladder, List<List<Term>> models, Quantity quantity) {
        return fits(ladder, models, quantity)
                .mapToDouble(fit -> fit.misfit() * fit.freedom())
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private static Stream<Fit> fits(Ladder ladder, List<List<Term>> models, Quantity quantity) {
        return models.stream().flatMap(terms -> Fit.of(terms, ladder, quantity).stream());
    }

    /**
     * Of what is in proportion to the rows, but for a constant: two rungs show whether it is, three how large that is. Empty
     * with fewer than two.
     */
    static Optional<Extrapolation> inProportion(Ladder ladder, double rows, Quantity quantity) {
        return ladder.size() < 2
                ? Optional.empty()
                : best(ladder, List.of(List.of(Term.ROWS), List.of(Term.ONE, Term.ROWS)), rows, quantity);
    }

    /** Of what there is nothing at any rung, and will be nothing. */
    static Extrapolation nothing(Ladder ladder, double rows) {
        return new Extrapolation(0, 0, rows / ladder.top().rows(), new Curve(List.of(Term.ROWS), List.of(0.0)), 0, 0);
    }

    private static Optional<Extrapolation> best(
            Ladder ladder, List<List<Term>> models, double rows, Quantity quantity) {
        double noise = Math.max(
                ladder.top().standardError(quantity) / Math.max(ladder.top().central(), Double.MIN_NORMAL),
                quantity.leastRelativeError());
        List<Tried> tried = models.stream()
                .flatMap(terms -> Tried.of(terms, ladder, quantity).stream())
                .toList();
        double least =
                tried.stream().mapToDouble(each -> Math.abs(each.error())).min().orElse(Double.NaN);
        return tried.stream()
                .filter(each -> Math.abs(each.error()) <= least + noise)
                .findFirst()
                .map(each -> each.at(rows, ladder, noise));
    }

    /**
     * The same, each row of which is taken to cost more with each doubling beyond a size; of some statements that is too little, so the
     * upper value is further up, too.
     *
     * @param from the top rung's rows
     * @param perDoubling by which share of what a row costs there
     * @param rows the target's
     */
    Extrapolation slowing(double from, double perDoubling, double rows) {
        Curve slowing = curve.plus(Term.rowsLogBeyond(from), perDoubling * curve.at(from) / from);
        double there = slowing.at(rows);
        double apart = Math.hypot(spread(), APART_PER_DOUBLING * doublings(rows / from));
        return new Extrapolation(there, there * (1 + lean() + apart), ratio, slowing, heldOutError, straightLine);
    }

    /**
     * The same, bent from a size on so that it comes to a value at another.
     *
     * @param from the top rung's rows
     * @param rows the target's, more than those
     * @param there what it is to be at the target
     */
    Extrapolation through(double from, double rows, double there) {
        Term beyond = Term.rowsLogBeyond(from);
        Curve bent = curve.plus(beyond, (there - curve.at(rows)) / beyond.at(rows));
        return new Extrapolation(there, upper, ratio, bent, heldOutError, straightLine);
    }

    /** The same, with another upper value. */
    Extrapolation withUpper(double value) {
        return new Extrapolation(central, value, ratio, curve, heldOutError, straightLine);
    }

    /** The same, with an upper value that is further up by this share of the central one. */
    Extrapolation leaning(double share) {
        return new Extrapolation(central, upper + share * central, ratio, curve, heldOutError, straightLine);
    }

    /**
     * Which the true value stays above in nine of ten cases: below the central value by what the upper one is above it, but
     * for its lean. At least 0.
     */
    double lower() {
        return central * Math.max(0, 1 - spread());
    }

    /** By which share the upper value is above the central one, but for its lean. */
    double spread() {
        return Math.max(0, upper / Math.max(central, Double.MIN_NORMAL) - 1 - lean());
    }

    /** By which share the upper value leans upward. */
    double lean() {
        return LEAN_PER_DOUBLING * doublings(ratio);
    }

    private static double doublings(double ratio) {
        return Math.max(0, Math.log(ratio) / Math.log(2));
    }

    /**
     * One model.
     *
     * @param error by how much the curve without the top rung was above it (negative: below), as a share
     * @param errorOfError that curve's standard error there, as a share of the rung
     */
    private record Tried(Fit fit, double error, double errorOfError) {
        static Optional<Tried> of(List<Term> terms, Ladder ladder, Quantity quantity) {
            Optional<Fit> without = Fit.of(terms, ladder.withoutTop(), quantity);
            Optional<Fit> with = Fit.of(terms, ladder, quantity);
            if (without.isEmpty() || with.isEmpty()) {
                return Optional.empty();
            }
            Measurement top = ladder.top();
            double said = without.get().curve().at(top.rows());
            double scale = Math.max(top.central(), quantity.leastError());
            return Optional.of(new Tried(
                    with.get(), (said - top.central()) / scale, without.get().standardError(top.rows()) / scale));
        }

        Extrapolation at(double rows, Ladder ladder, double noise) {
            Measurement top = ladder.top();
            double ratio = rows / top.rows();
            double central = fit.curve().at(rows);
            double doublings = doublings(ratio);
            double step = Math.log(top.rows() / ladder.withoutTop().top().rows()) / Math.log(2);
            // A curve that fell short of the rung that it had not seen may again; and what noise does not explain of
            // that, once more for each such step.
            double shortfall = Math.max(Math.max(0, -error), unexplained(noise) * doublings / step);
            double scale = Math.max(central, Double.MIN_NORMAL);
            double deviation =
                    Math.sqrt(square(fit.standardError(rows) / scale) + square(noise) + square(Math.min(shortfall, 2)));
            double quantile = new TDistribution(Math.max(1, fit.freedom())).inverseCumulativeProbability(ONE_SIDED);
            double upper = central * (1 + LEAN_PER_DOUBLING * doublings + quantile * deviation);
            return new Extrapolation(central, upper, ratio, fit.curve(), error, ladder.straightLine(rows));
        }

        /**
         * What neither noise explains; 0 below it. A bend that begins in the top rung and is smaller than what its runs are apart is
         * not continued: with runs more than 8 % apart "nine of ten" holds for curves, and not for what turns just there.
         */
        private double unexplained(double noise) {
            return Math.sqrt(Math.max(0, square(Math.max(0, -error)) - square(noise) - square(errorOfError)));
        }

        private static double square(double number) {
            return number * number;
        }
    }
}
