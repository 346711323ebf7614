package dev.pgrehearse.values;

/**
 * Random bits that depend on nothing but seed, table, column and row. Immutable.
 *
 * <p>The generator is SplitMix64 (Steele, Lea and Flood, 2014) read at a position instead of one after another: its
 * n-th output is the finaliser of {@code seed + n * GOLDEN}.
 */
public final class RowRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double UNIT_53 = 0x1.0p-53;

    private final long start;

    /** Those of a path of names: table and column, say. */
    public RowRandom(long seed, String... path) {
        long hash = mix(seed + GOLDEN);
        for (String name : path) {
            // The length goes first, so that ("ab", "c") and ("a", "bc") differ.
            hash = mix(hash + GOLDEN * (name.length() + 1L));
            for (int index = 0; index < name.length(); index++) {
                hash = mix(hash ^ name.charAt(index));
            }
        }
        start = hash;
    }

    /** A number for things that need a seed of their own. */
    long seed() {
        return start;
    }

    /** 64 bits for a row. */
    public long bits(long row) {
        return mix(start + (row + 1) * GOLDEN);
    }

    /** The {@code draw}-th further 64 bits, from 1, of a row whose {@link #bits(long)} are given. */
    static long further(long bits, long draw) {
        return mix(bits + draw * GOLDEN);
    }

    /**
     * A number from 0 up to, not including, {@code bound}, which is above 0.
     *
     * <p>The upper half of the product (Lemire, 2019) without his rejection: the bias is at most bound / 2^64.
     */
    public static long below(long bits, long bound) {
        return Math.multiplyHigh(bits, bound) + (bits >> 63 & bound);
    }

    /** A number in [0, 1) of 53 bits. */
    public static double unit(long bits) {
        return (bits >>> 11) * UNIT_53;
    }

    /** SplitMix64's finaliser: a one-to-one map. */
    public static long mix(long value) {
        long mixed = value;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
