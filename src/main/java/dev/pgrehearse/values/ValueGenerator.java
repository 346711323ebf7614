package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/**
 * The values of one column, or of one parameter: a pure function of the row number.
 *
 * <p>Implementations are immutable, thus thread-safe, and give the same value for the same row whenever, in whatever
 * order and by whichever thread they are asked.
 */
public interface ValueGenerator {
    /**
     * The value in the text form that PostgreSQL reads, not escaped; null for NULL.
     *
     * @param row the row, or the request, counted from 0
     */
    @Nullable
    String textAt(long row);

    /** Appends the same value as one field of {@code COPY}'s text format. */
    void copyTo(CopyBuffer out, long row);
}
