package dev.pgrehearse.values;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Draws for the columns of a unique key, together without repetition: no two rows get the same combination.
 *
 * <p>A seeded permutation gives each row its own number below the product of the columns' domain sizes; its digits, in
 * the mixed radix of those sizes, are the columns' indexes. Immutable.
 */
public final class DistinctDraw implements Draw {
    /** Combinations are numbered up to here: far beyond any row count. */
    private static final long MOST_COMBINATIONS = 1L << 62;

    private final Permutation permutation;
    private final RowRandom within;
    private final long divisor;
    private final long radix;
    private final long size;

    private DistinctDraw(Permutation permutation, RowRandom within, long divisor, long radix, long size) {
        this.permutation = permutation;
        this.within = within;
        this.divisor = divisor;
        this.radix = radix;
        this.size = size;
    }

    /**
     * One draw per column, for up to {@link #combinations} rows.
     *
     * @param seed what the order of combinations comes from
     * @param key a name for the unique key
     * @param sizes the columns' domain sizes, each above 0
     */
    public static DistinctDraw[] forKey(long seed, String key, long[] sizes) {
        long all = combinations(sizes);
        Permutation permutation = new Permutation(all, new RowRandom(seed, "unique", key).seed());
        // Small domains first: only the largest can be cut short by the bound on combinations.
        Integer[] order = new Integer[sizes.length];
        Arrays.setAll(order, index -> index);
        Arrays.sort(order, Comparator.comparingLong(index -> sizes[index]));
        DistinctDraw[] draws = new DistinctDraw[sizes.length];
        long divisor = 1;
        for (int column : order) {
            long remaining = (all - 1) / divisor + 1;
            long radix = Math.min(sizes[column], remaining);
            RowRandom within = new RowRandom(seed, "unique", key, Integer.toString(column));
            draws[column] = new DistinctDraw(permutation, within, divisor, radix, sizes[column]);
            divisor = radix == remaining ? all : divisor * radix;
        }
        return draws;
    }

    /** How many combinations there are, or 2^62 when there are more. */
    public static long combinations(long[] sizes) {
        BigInteger product = BigInteger.ONE;
        for (long size : sizes) {
            product = product.multiply(BigInteger.valueOf(size));
        }
        return product.min(BigInteger.valueOf(MOST_COMBINATIONS)).longValueExact();
    }

    /** How many values the column's domain must hold for this draw. */
    long size() {
        return size;
    }

    @Override
    public long indexAt(long row) {
        long digit = permutation.at(row) / divisor % radix;
        // A digit cut short stands for a stretch of the domain: stretches do not overlap, so it stays one to one.
        long stretch = size / radix;
        long longer = size % radix;
        long start = digit * stretch + Math.min(digit, longer);
        long width = stretch + (digit < longer ? 1 : 0);
        return width == 1 ? start : start + RowRandom.below(within.bits(row), width);
    }
}
