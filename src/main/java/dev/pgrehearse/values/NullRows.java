package dev.pgrehearse.values;

/**
 * Which rows of a column are NULL: an exact number of them, one at a random place of each of as many equal stretches.
 * Immutable.
 */
public final class NullRows {
    private final long rows;
    private final long nulls;
    private final RowRandom random;

    /** The rows of a column of which {@code nulls} are NULL. */
    public NullRows(long rows, long nulls, long seed, String... path) {
        if (nulls < 0 || nulls > rows) {
            throw new IllegalArgumentException(nulls + " NULLs in " + rows + " rows");
        }
        this.rows = rows;
        this.nulls = nulls;
        this.random = new RowRandom(seed, path);
    }

    /** How many rows are not NULL. */
    public long present() {
        return rows - nulls;
    }

    /** The number of a row among those that are not NULL; −1 for one that is. */
    public long numberOf(long row) {
        if (nulls == 0) {
            return row;
        }
        long stretch = row * nulls / rows;
        long first = startOf(stretch);
        long at = first + RowRandom.below(random.bits(stretch), startOf(stretch + 1) - first);
        if (at == row) {
            return -1;
        }
        return row - stretch - (at < row ? 1 : 0);
    }

    /** The first row whose stretch is not an earlier one. */
    private long startOf(long stretch) {
        return Quotas.ceiling(stretch * rows, nulls);
    }
}
