package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;

/**
 * One of COPY's formats, for the rows of one table. Immutable and thread-safe.
 *
 * <p>Source: PostgreSQL documentation, COPY, "File Formats".
 */
interface RowFormat {
    /** What goes into the parentheses of COPY. */
    String options();

    /** What comes before the first row. */
    byte[] header();

    /** What comes after the last row. */
    byte[] trailer();

    /**
     * Appends one row.
     *
     * @throws NotBinary when a value cannot be written in this format
     */
    void copyRow(CopyBuffer out, long row);
}
