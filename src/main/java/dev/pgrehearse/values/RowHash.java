package dev.pgrehearse.values;

/** Numbers that depend on nothing but a seed, a path of names and a number. */
public final class RowHash {
    private RowHash() {}

    /** A number in [0, 1). */
    public static double unit(long seed, long number, String... path) {
        return RowRandom.unit(new RowRandom(seed, path).bits(number));
    }

    /** A seed for something that is made of its own. */
    public static long seed(long seed, String... path) {
        return new RowRandom(seed, path).seed();
    }
}
