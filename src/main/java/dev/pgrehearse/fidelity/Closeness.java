package dev.pgrehearse.fidelity;

import dev.pgrehearse.recording.FidelityFacts.Figure;

/**
 * When two figures count as alike: a tenth of what was asked for, and never less than what chance alone moves them by.
 *
 * <p>ANALYZE looks at 300 rows for each unit of the statistics target, so what it says of a table of more rows than that is
 * a sample's; and generated values are draws, so on tables of fewer rows chance moves them as well. Both are told by the
 * number of rows looked at: three standard errors are exceeded by chance in 3 of 1000 figures. Pure.
 */
final class Closeness {
    static final double TENTH = 0.1;
    private static final double STANDARD_ERRORS = 3;
    private static final double DEAD_AND_VISIBLE_POINTS = 0.1;
    private static final double CORRELATION = 0.1;
    /** Sums of decimals such as 0.1 + 0.2: the limit itself is within. */
    private static final double ROUNDING = 1e-9;

    private Closeness() {}

    /** A count: within a tenth. */
    static Figure count(String name, String unit, double asked, double got) {
        return figure(name, unit, asked, got, TENTH * asked);
    }

    /** Pages: within a tenth, or one page, since a table is not filled to the last byte of its last one. */
    static Figure pages(String name, double asked, double got) {
        return figure(name, "pages", asked, got, Math.max(1, TENTH * asked));
    }

    /** {@code avg_width} is a whole number, so half a byte less on one side and more on the other are one byte. */
    static Figure width(double asked, double got) {
        return figure("average width", "bytes", asked, got, Math.max(1, TENTH * asked));
    }

    /** A share of rows, such as that of NULLs or of one value: within a tenth of it, or what chance moves it by. */
    static Figure share(String name, double asked, double got, double askedRows, double gotRows) {
        return figure(name, "share", asked, got, shareLimit(asked, got, askedRows, gotRows));
    }

    /** How far two shares may be from each other. The larger one decides on chance: nothing is moved far from nothing. */
    static double shareLimit(double asked, double got, double askedRows, double gotRows) {
        double larger = Math.min(0.5, Math.max(asked, got));
        double chance = STANDARD_ERRORS
                * Math.sqrt(larger * (1 - larger) * (1 / Math.max(1, askedRows) + 1 / Math.max(1, gotRows)));
        return Math.max(TENTH * asked, chance);
    }

    /** Shares of a table's state: within ten points. */
    static Figure points(String name, double asked, double got) {
        return figure(name, "share", asked, got, DEAD_AND_VISIBLE_POINTS);
    }

    /** Correlation: within 0.1, or what chance moves that of so few rows by, which is nothing when it is 1. */
    static Figure correlation(double asked, double got, double rows) {
        double chance = STANDARD_ERRORS * (1 - asked * asked) / Math.sqrt(Math.max(1, rows - 1));
        return figure("correlation", "coefficient", asked, got, Math.max(CORRELATION, chance));
    }

    private static Figure figure(String name, String unit, double asked, double got, double limit) {
        // Not so for NaN: what PostgreSQL did not compute is not alike.
        return new Figure(name, unit, asked, got, Math.abs(asked - got) <= limit + ROUNDING);
    }
}
