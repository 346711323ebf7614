package dev.pgrehearse.values;

/**
 * A seeded one-to-one map of the numbers below {@code size} onto themselves, in constant memory. Immutable.
 *
 * <p>A Feistel network over the smallest power of two that is not below the size; results beyond the size are mapped
 * again until they fall inside (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002), fewer than two times
 * on average.
 */
final class Permutation {
    /** Even, so that the halves of an odd number of bits come back to their places. */
    private static final int ROUNDS = 6;

    private final long size;
    private final long seed;
    private final int rightBits;
    private final int leftBits;

    Permutation(long size, long seed) {
        if (size < 1) {
            throw new IllegalArgumentException("a permutation of " + size + " numbers");
        }
        this.size = size;
        this.seed = seed;
        int bits = Math.max(2, Long.SIZE - Long.numberOfLeadingZeros(size - 1));
        this.rightBits = bits / 2;
        this.leftBits = bits - rightBits;
    }

    long at(long number) {
        if (number < 0 || number >= size) {
            throw new IndexOutOfBoundsException(number + " is not below " + size);
        }
        long mapped = number;
        do {
            mapped = once(mapped);
        } while (mapped >= size);
        return mapped;
    }

    private long once(long number) {
        int lowBits = rightBits;
        int highBits = leftBits;
        long low = number & mask(lowBits);
        long high = number >>> lowBits;
        for (int round = 1; round <= ROUNDS; round++) {
            long changed = high ^ (RowRandom.further(seed ^ low, round) & mask(highBits));
            high = low;
            low = changed;
            int swap = lowBits;
            lowBits = highBits;
            highBits = swap;
        }
        return high << lowBits | low;
    }

    private static long mask(int bits) {
        return (1L << bits) - 1;
    }
}
