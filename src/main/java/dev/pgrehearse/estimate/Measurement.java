package dev.pgrehearse.estimate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Collections;
import java.util.List;

/**
 * What one quantity came to at one size.
 *
 * @param rows of the table that decides, above 0
 * @param values one a repeat, in the quantity's unit: seconds or bytes; at least one
 */
public record Measurement(double rows, List<Double> values) {
    public Measurement {
        values = List.copyOf(values);
        if (values.isEmpty() || !(rows > 0)) {
            throw new IllegalArgumentException("a measurement needs rows above 0 and at least one value");
        }
    }

    public static Measurement of(double rows, double... values) {
        return new Measurement(rows, java.util.Arrays.stream(values).boxed().toList());
    }

    /** The median: one slow repeat on a shared machine does not move it. */
    public double central() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** From the smallest to the largest repeat, as a share of the median; 0 for a single one, and where all are 0. */
    public double spread() {
        double central = central();
        double smallest = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double largest = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        return central == 0 ? 0 : (largest - smallest) / central;
    }

    /** Whether it takes a while, in seconds, and its repeats are so far apart that the reader must know of it. */
    @JsonIgnore
    public boolean isNoisy() {
        return central() > StatementEstimate.NEGLIGIBLE_SECONDS && spread() > StatementEstimator.NOISY;
    }

    /** Whether all values of the one are above all of the other. */
    boolean isApartFrom(Measurement other) {
        return Collections.min(values) > Collections.max(other.values)
                || Collections.max(values) < Collections.min(other.values);
    }

    /**
     * The standard error of {@link #central}.
     *
     * @param quantity whose least errors are taken for what repeats cannot show
     */
    double standardError(Quantity quantity) {
        double relative = quantity.leastRelativeError() * central();
        return Math.hypot(Math.max(relative, rangeError()), quantity.leastError());
    }

    /** The same as far as the values alone show it. */
    double rangeError() {
        double smallest = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double largest = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        int count = Math.min(values.size(), RANGE_PER_DEVIATION.length - 1);
        return (largest - smallest) / RANGE_PER_DEVIATION[count] / Math.sqrt(values.size());
    }

    /**
     * The range of so many values of a normal distribution, in standard deviations: the constant d2 of control charts (ASTM Manual on
     * Presentation of Data and Control Chart Analysis). One value has no range.
     */
    private static final double[] RANGE_PER_DEVIATION = {
        1, 1, 1.128, 1.693, 2.059, 2.326, 2.534, 2.704, 2.847, 2.970, 3.078
    };
}
