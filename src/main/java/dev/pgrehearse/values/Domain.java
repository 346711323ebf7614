package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/** A numbered set of values. Immutable. */
public interface Domain {
    /** How many values there are; each has an index below. */
    long size();

    /** The value at an index, in PostgreSQL's text form; null for NULL. */
    @Nullable
    String textAt(long index);

    /** The same as one field of {@code COPY}'s text format. */
    void copyTo(CopyBuffer out, long index);

    /** The same as one field of {@code COPY}'s binary format, see {@link ValueGenerator#copyBinaryTo}. */
    default boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        int start = out.length();
        out.skip(type.bytesBefore());
        copyTo(out, index);
        return type.encode(out, start);
    }
}
