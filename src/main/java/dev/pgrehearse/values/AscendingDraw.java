package dev.pgrehearse.values;

/**
 * Indexes that grow with the row: each of {@code rows} rows has its own stretch of the domain, and falls anywhere in
 * it. Immutable.
 */
record AscendingDraw(RowRandom random, long rows, long size) implements Draw {
    /** The product of two numbers up to here fits into a long. */
    private static final long MOST_ROWS = 3_000_000_000L;

    AscendingDraw {
        if (rows < 1) {
            throw new IllegalArgumentException(
                    "ascending times, but nobody knows of how many rows; they are for columns of tables with rows");
        }
        if (rows > MOST_ROWS) {
            throw new IllegalArgumentException("ascending times of " + rows + " rows; " + MOST_ROWS + " are possible");
        }
    }

    @Override
    public long indexAt(long row) {
        if (row < 0 || row >= rows) {
            throw new IndexOutOfBoundsException("row " + row + " of a table of " + rows + " rows");
        }
        // floor(row * size / rows), without the product; and the same of the next row, without dividing again.
        long each = size / rows;
        long over = size - each * rows;
        long extra = over * row / rows;
        long rest = over * row - extra * rows;
        long start = each * row + extra;
        long width = each + (rest + over >= rows ? 1 : 0);
        return width <= 1 ? start : start + RowRandom.below(random.bits(row), width);
    }
}
