package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Figures;

/** Sizes as people read them: those that were computed with two digits, since more of them say nothing. Stateless. */
public final class SizeInWords {
    private SizeInWords() {}

    /** A size that was measured or asked for: {@code 200 000 rows of orders}. */
    static String exact(double rows, String table) {
        return Figures.count(Math.round(rows), "row", "rows") + " of " + table;
    }

    /** A size that was computed: {@code 3 100 000}. */
    public static String about(double rows) {
        return count(Math.rint(rows / unit(rows)) * unit(rows));
    }

    /** The same, rounded downward. */
    public static String atLeast(double rows) {
        return count(Math.floor(Math.rint(rows) / unit(rows)) * unit(rows));
    }

    /** The same, rounded upward. */
    public static String atMost(double rows) {
        return count(Math.ceil(Math.rint(rows) / unit(rows)) * unit(rows));
    }

    private static String count(double rows) {
        return Figures.count(Math.round(rows));
    }

    private static double unit(double rows) {
        return rows < 100 ? 1 : Math.pow(10, Math.floor(Math.log10(rows)) - 1);
    }
}
