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

    /**
     * Appends the same value as one field of {@code COPY}'s binary format: the length and the value, as the type's
     * receive function takes it. Those who override this do it for speed.
     *
     * @return whether its binary form is known here; when not, what the buffer ends with has no meaning
     */
    default boolean copyBinaryTo(CopyBuffer out, long row, BinaryType type) {
        int start = out.length();
        out.skip(type.bytesBefore());
        copyTo(out, row);
        return type.encode(out, start);
    }
}
