package dev.pgrehearse.traffic;

import java.util.Arrays;

/**
 * Weights of tried parameters by which their mean figures are wanted ones: of all such weights those that differ least
 * from equal ones (the greatest entropy), which are {@code exp(a · rows + b · buffers)}; see Jaynes, "Information Theory
 * and Statistical Mechanics" (1957).
 */
final class Fit {
    private static final int ROUNDS = 40;
    private static final double STEEPEST = 1e6;

    private Fit() {}

    /** Equal weights. */
    static double[] equal(int count) {
        double[] weights = new double[count];
        Arrays.fill(weights, 1);
        return weights;
    }

    /**
     * Weights by which the mean rows are the wanted ones, and the mean buffers too where both can be. Equal weights when the
     * wanted means lie outside of what was seen, or only few of the tries would be left.
     */
    static double[] to(double[] rows, double wantedRows, double[] buffers, double wantedBuffers) {
        double[] equal = equal(rows.length);
        boolean rowsFit = near(mean(rows, equal), wantedRows);
        if (rowsFit && near(mean(buffers, equal), wantedBuffers)) {
            return equal;
        }
        double[] both = alternately(rows, wantedRows, buffers, wantedBuffers);
        if ((spread(rows) == 0 || near(mean(rows, both), wantedRows))
                && near(mean(buffers, both), wantedBuffers)
                && varied(both)) {
            return both;
        }
        double[] byRows = alternately(rows, wantedRows, null, 0);
        return !rowsFit && near(mean(rows, byRows), wantedRows) && varied(byRows) ? byRows : equal;
    }

    private static boolean varied(double[] weights) {
        return effective(weights) >= Math.min(20, weights.length / 10.0);
    }

    private static double[] alternately(
            double[] first,
            double wantedFirst,
            double @org.jspecify.annotations.Nullable [] second,
            double wantedSecond) {
        double a = 0;
        double b = 0;
        double[] none = new double[first.length];
        double[] other = second == null ? none : scaled(second);
        double[] one = scaled(first);
        for (int round = 0; round < (second == null ? 1 : ROUNDS); round++) {
            a = solve(one, other, b, first, wantedFirst);
            if (second != null) {
                b = solve(other, one, a, second, wantedSecond);
            }
        }
        if (second != null) {
            a = solve(one, other, b, first, wantedFirst);
        }
        return weights(one, a, other, b);
    }

    /** The factor of one figure by which its mean is the wanted one; the mean grows with it. */
    private static double solve(double[] figure, double[] other, double factorOfOther, double[] raw, double wanted) {
        double low = -STEEPEST;
        double high = STEEPEST;
        for (int i = 0; i < 80; i++) {
            double middle = (low + high) / 2;
            if (mean(raw, weights(figure, middle, other, factorOfOther)) < wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static double[] weights(double[] one, double a, double[] other, double b) {
        double[] weights = new double[one.length];
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = a * one[i] + b * other[i];
            greatest = Math.max(greatest, weights[i]);
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(weights[i] - greatest);
        }
        return weights;
    }

    private static double[] scaled(double[] figures) {
        double mean = mean(figures, equal(figures.length));
        double spread = spread(figures);
        return Arrays.stream(figures)
                .map(figure -> spread == 0 ? 0 : (figure - mean) / spread)
                .toArray();
    }

    static double mean(double[] figures, double[] weights) {
        double sum = 0;
        double all = 0;
        for (int i = 0; i < figures.length; i++) {
            sum += figures[i] * weights[i];
            all += weights[i];
        }
        return sum / all;
    }

    /** The standard deviation. */
    static double spread(double[] figures) {
        double mean = mean(figures, equal(figures.length));
        double sum = 0;
        for (double figure : figures) {
            sum += (figure - mean) * (figure - mean);
        }
        return Math.sqrt(sum / figures.length);
    }

    /** How many equally weighted ones would be as varied. */
    static double effective(double[] weights) {
        double sum = 0;
        double squares = 0;
        for (double weight : weights) {
            sum += weight;
            squares += weight * weight;
        }
        return sum * sum / squares;
    }

    /** Within a fiftieth. */
    static boolean near(double found, double wanted) {
        return Math.abs(found - wanted) <= 0.02 * Math.max(wanted, 1e-9);
    }
}
