package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.DecompositionSolver;
import org.hipparchus.linear.QRDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.jspecify.annotations.Nullable;

/**
 * Weighted least squares whose coefficients are not negative.
 *
 * <p>With at most eight terms, and five as a rule, there are few sets of terms that can have a part: each is solved by Householder's
 * QR, and the one that fits best without a negative coefficient is the exact solution. No iteration, nothing to converge.
 *
 * @param curve the solution
 * @param freedom points beyond the coefficients that have a part
 * @param misfit squared residuals, each in standard errors of its point, per degree of freedom; 1 when scatter is as the
 *     points' own errors say, 0 without a degree of freedom
 * @param spread the standard error of the curve at a size is the length of this matrix' product with the terms there
 */
record Fit(Curve curve, int freedom, double misfit, List<Term> parts, RealMatrix spread) {
    /** Columns whose remainder is below this share of themselves say nothing that the others do not. */
    private static final double SINGULAR = 1e-10;

    /**
     * Fits the terms to a ladder; empty when it has fewer rungs than there are terms, since then anything fits.
     *
     * @throws IllegalArgumentException with more terms than can be searched through
     */
    static Optional<Fit> of(List<Term> terms, Ladder ladder, Quantity quantity) {
        if (terms.size() > 8) {
            throw new IllegalArgumentException(terms.size() + " terms are too many");
        }
        if (ladder.size() < terms.size()) {
            return Optional.empty();
        }
        Fit best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int set = 1; set < 1 << terms.size(); set++) {
            Solution solution = solve(chosen(terms, set), ladder, quantity);
            if (solution != null && solution.residual() < least - 1e-12) {
                least = solution.residual();
                best = fit(terms, solution, ladder.size());
            }
        }
        return Optional.ofNullable(best);
    }

    private static List<Term> chosen(List<Term> terms, int set) {
        List<Term> chosen = new ArrayList<>();
        for (int i = 0; i < terms.size(); i++) {
            if (((set >> i) & 1) == 1) {
                chosen.add(terms.get(i));
            }
        }
        return chosen;
    }

    private record Solution(List<Term> terms, List<Double> coefficients, double residual, RealMatrix inverse) {}

    /** Null when a coefficient is negative, or the terms cannot be told apart at these sizes. */
    private static @Nullable Solution solve(List<Term> terms, Ladder ladder, Quantity quantity) {
        int points = ladder.size();
        double[][] rows = new double[points][terms.size()];
        double[] values = new double[points];
        double[] scales = new double[terms.size()];
        for (int i = 0; i < points; i++) {
            Measurement rung = ladder.rungs().get(i);
            double error = rung.standardError(quantity);
            values[i] = rung.central() / error;
            for (int j = 0; j < terms.size(); j++) {
                rows[i][j] = terms.get(j).at(rung.rows()) / error;
                scales[j] = Math.hypot(scales[j], rows[i][j]);
            }
        }
        for (int j = 0; j < terms.size(); j++) {
            if (scales[j] == 0) {
                return null;
            }
            for (int i = 0; i < points; i++) {
                rows[i][j] /= scales[j];
            }
        }
        RealMatrix matrix = new Array2DRowRealMatrix(rows, false);
        DecompositionSolver solver = new QRDecomposition(matrix, SINGULAR).getSolver();
        if (!solver.isNonSingular()) {
            return null;
        }
        RealVector measured = new ArrayRealVector(values, false);
        RealVector solved = solver.solve(measured);
        double residual = matrix.operate(solved).getDistance(measured);
        List<Double> coefficients = new ArrayList<>();
        RealMatrix inverse = solver.getInverse();
        for (int j = 0; j < terms.size(); j++) {
            if (solved.getEntry(j) < 0) {
                return null;
            }
            coefficients.add(solved.getEntry(j) / scales[j]);
            inverse.setRowVector(j, inverse.getRowVector(j).mapDivide(scales[j]));
        }
        return new Solution(terms, coefficients, residual * residual, inverse);
    }

    private static Fit fit(List<Term> all, Solution solution, int points) {
        List<Double> coefficients = new ArrayList<>();
        for (Term term : all) {
            int at = solution.terms().indexOf(term);
            coefficients.add(at < 0 ? 0.0 : solution.coefficients().get(at));
        }
        int freedom = points - solution.terms().size();
        return new Fit(
                new Curve(all, coefficients),
                freedom,
                freedom == 0 ? 0 : solution.residual() / freedom,
                solution.terms(),
                solution.inverse().transpose());
    }

    /** The standard error of the curve at a size, from the points' errors or their scatter, whichever is more. */
    double standardError(double rows) {
        double[] at = parts.stream().mapToDouble(term -> term.at(rows)).toArray();
        return spread.operate(new ArrayRealVector(at, false)).getNorm() * Math.sqrt(Math.max(1, misfit));
    }
}
