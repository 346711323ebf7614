package dev.pgrehearse.values;

import java.util.Arrays;
import java.util.List;

/**
 * Lengths of values in bytes: quantiles in the shape of those that are known, so stretched that the average width comes
 * out. Immutable.
 */
final class Lengths {
    private static final int QUANTILES = 1024;
    /** As many values as their least lengths are weighed with each, to find the average. */
    private static final int SAMPLE = 256;

    private static final int HALVINGS = 50;
    /** The fraction of the golden ratio, whose multiples spread evenly: rounding neither adds nor takes. */
    private static final double EVENLY = 0.618_033_988_749_894_9;
    /** Data up to here has a header of one byte, more has one of four: VARATT_CAN_MAKE_SHORT of PostgreSQL. */
    private static final int SHORT_DATA = 126;
    /** Without quantiles, from half to one and a half times the average, when it is at least this. */
    private static final int VARIED = 16;

    private final int[] quantiles;

    private Lengths(int[] quantiles) {
        this.quantiles = quantiles;
    }

    /** What PostgreSQL stores for as many bytes of data. */
    static int width(int data) {
        return data <= SHORT_DATA ? data + 1 : data + 4;
    }

    /**
     * Lengths with that average width.
     *
     * @param known quantiles; empty when nobody knows
     * @param averageWidth with the header; 0 when nobody knows, which leaves the quantiles as they are
     * @param least the least lengths of some values, each as frequent
     * @param longest no value is longer, except those whose least length is
     */
    static Lengths of(List<Integer> known, double averageWidth, int[] least, int longest) {
        double[] shape = shape(known, averageWidth);
        double factor = 1;
        if (averageWidth > 0) {
            double low = 0;
            double high = 1;
            while (average(shape, high, least, longest) < averageWidth && high < 1 << 20) {
                high *= 2;
            }
            for (int halving = 0; halving < HALVINGS; halving++) {
                factor = (low + high) / 2;
                if (average(shape, factor, least, longest) < averageWidth) {
                    low = factor;
                } else {
                    high = factor;
                }
            }
        }
        int[] quantiles = new int[QUANTILES];
        for (int quantile = 0; quantile < QUANTILES; quantile++) {
            quantiles[quantile] = length(shape, factor, quantile, longest);
        }
        return new Lengths(quantiles);
    }

    private static double[] shape(List<Integer> known, double averageWidth) {
        double[] shape = new double[QUANTILES];
        int[] sorted = known.stream().mapToInt(Integer::intValue).sorted().toArray();
        for (int quantile = 0; quantile < QUANTILES; quantile++) {
            double place = (quantile + 0.5) / QUANTILES;
            if (sorted.length > 1) {
                double at = place * (sorted.length - 1);
                int below = (int) at;
                shape[quantile] = Math.max(
                        0.01,
                        sorted[below]
                                + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]));
            } else {
                double data = sorted.length == 1 ? Math.max(1, sorted[0]) : averageWidth > 0 ? averageWidth - 1 : 0;
                shape[quantile] = sorted.length == 0 && data >= VARIED ? data * (0.5 + place) : data;
            }
        }
        return shape;
    }

    private static int length(double[] shape, double factor, int quantile, int longest) {
        double dither = quantile * EVENLY % 1;
        return (int) Math.min(longest, factor * shape[quantile] + dither);
    }

    private static double average(double[] shape, double factor, int[] least, int longest) {
        long sum = 0;
        int values = 0;
        int samples = Math.max(1, Math.min(least.length, SAMPLE));
        for (int sample = 0; sample < samples; sample++) {
            int floor = least[(int) ((long) sample * least.length / samples)];
            for (int quantile = sample % 8; quantile < QUANTILES; quantile += 8) {
                sum += width(Math.max(floor, length(shape, factor, quantile, longest)));
                values++;
            }
        }
        return (double) sum / values;
    }

    /** The length that a value's bits lead to. */
    int at(long bits) {
        return quantiles[(int) (bits & QUANTILES - 1)];
    }

    /** The same, none of them below. */
    Lengths atLeast(int least) {
        return new Lengths(
                Arrays.stream(quantiles).map(length -> Math.max(length, least)).toArray());
    }
}
