package dev.pgrehearse.values;

import java.util.Arrays;

/**
 * The {@code correlation} that PostgreSQL computes of a column whose rows hold the values of some {@link Quotas}, a share
 * of them sorted and the others anywhere.
 *
 * <p>PostgreSQL orders the rows by value and, among equal values, by position ({@code analyze.c},
 * {@code compare_scalars}), and correlates that rank V with the position U. For a value with the ranks a … b, whose
 * sorted rows lie in the positions p … q, V is a + (b − a) G(U) with G the distribution function of its rows' positions.
 * Since E[U G(U)] = (1 − ∫ G²) / 2, and G is linear by pieces, the covariance is a sum of exact integrals.
 */
final class Correlation {
    /** Up to here each value is looked at; more of them, each rare, are taken as a continuum. */
    private static final long SINGLE_VALUES = 400;

    private static final int BISECTIONS = 40;

    private final Quotas quotas;
    private final boolean backwards;

    Correlation(Quotas quotas, boolean backwards) {
        this.quotas = quotas;
        this.backwards = backwards;
    }

    /** The correlation of an arrangement, computed from all its rows. */
    static double between(Quotas quotas, Arrangement arrangement) {
        int size = Math.toIntExact(quotas.ranks());
        if (size < 2) {
            return 1;
        }
        // Value first, then position: the order of compare_scalars.
        long[] places = new long[size];
        for (int position = 0; position < size; position++) {
            places[position] = quotas.indexAt(arrangement.rankAt(position)) * size + position;
        }
        Arrays.sort(places);
        double mean = (size - 1) / 2.0;
        double covariance = 0;
        double variance = 0;
        for (int rank = 0; rank < size; rank++) {
            covariance += (rank - mean) * (places[rank] % size - mean);
            variance += (rank - mean) * (rank - mean);
        }
        return covariance / variance;
    }

    /** The share of sorted rows that brings a correlation; 0 or 1 when it cannot be reached. */
    double sortedShareFor(double correlation) {
        double low = 0;
        double high = 1;
        for (int step = 0; step < BISECTIONS; step++) {
            double middle = (low + high) / 2;
            boolean tooWeak = backwards ? of(middle) > correlation : of(middle) < correlation;
            if (tooWeak) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** The correlation when a share of the rows, 0 to 1, is sorted. */
    double of(double sorted) {
        double mean = 0;
        double rank = 0;
        for (int stretch = 0; stretch < quotas.stretches(); stretch++) {
            double share = (double) quotas.widthOf(stretch) / quotas.ranks();
            long values = quotas.valuesOf(stretch);
            if (values > SINGLE_VALUES) {
                mean += continuum(rank, rank + share, sorted);
            } else {
                for (long value = 0; value < values; value++) {
                    double from = rank + share * value / values;
                    mean += single(from, rank + share * (value + 1) / values, sorted);
                }
            }
            rank += share;
        }
        // Both are uniform on 0 … 1: variance 1/12, mean 1/2.
        return 12 * (mean - 0.25);
    }

    /** The integral of U V over values that are each rare: U is V (or 1 − V) or anything. */
    private double continuum(double from, double to, double sorted) {
        double squares = (to * to * to - from * from * from) / 3;
        double plain = (to * to - from * from) / 2;
        return sorted * (backwards ? plain - squares : squares) + (1 - sorted) * plain / 2;
    }

    private double single(double from, double to, double sorted) {
        double share = to - from;
        if (share <= 0) {
            return 0;
        }
        double first = backwards ? 1 - to : from;
        double last = backwards ? 1 - from : to;
        double anywhere = 1 - sorted;
        double meanPosition = sorted * (first + last) / 2 + anywhere / 2;
        double squares = squared(0, first, 0, anywhere * first)
                + squared(first, last, anywhere * first, anywhere * last + sorted)
                + squared(last, 1, anywhere * last + sorted, 1);
        return share * (from * meanPosition + share * (1 - squares) / 2);
    }

    /** The integral of the square of a function that goes linearly from one value to another. */
    private static double squared(double from, double to, double start, double end) {
        return (to - from) * (start * start + start * end + end * end) / 3;
    }
}
