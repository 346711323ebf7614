package dev.pgrehearse.estimate;

/**
 * One summand of a {@link Curve}, without its coefficient.
 *
 * @param kind how it grows
 * @param above the row count from which on it counts; 0 where it always does
 */
public record Term(Kind kind, double above) {
    public static final Term ONE = new Term(Kind.ONE, 0);
    public static final Term ROWS = new Term(Kind.ROWS, 0);
    public static final Term ROWS_LOG_ROWS = new Term(Kind.ROWS_LOG_ROWS, 0);

    /** How a term grows with the rows. */
    public enum Kind {
        ONE,
        ROWS,
        ROWS_LOG_ROWS,
        /**
         * Every row costs more once there are too many: what no longer fits into memory is written and read whole, not
         * only the part that is too much.
         */
        ROWS_ABOVE,
        /** Every row costs so much more with each doubling beyond a size. */
        ROWS_LOG_BEYOND
    }

    static Term rowsAbove(double rows) {
        return new Term(Kind.ROWS_ABOVE, rows);
    }

    static Term rowsLogBeyond(double rows) {
        return new Term(Kind.ROWS_LOG_BEYOND, rows);
    }

    /** Its value at a size. */
    double at(double rows) {
        return switch (kind) {
            case ONE -> 1;
            case ROWS -> rows;
            case ROWS_LOG_ROWS -> rows * Math.log(Math.max(rows, 1)) / Math.log(2);
            case ROWS_ABOVE -> rows > above ? rows : 0;
            case ROWS_LOG_BEYOND -> rows > above ? rows * Math.log(rows / above) / Math.log(2) : 0;
        };
    }
}
