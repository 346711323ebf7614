package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/**
 * A domain, and which of its values a row gets, or none.
 *
 * @param draw gives −1 for a row that is NULL
 */
public record RankedValues(Domain domain, Draw draw) implements ValueGenerator {
    @Override
    public @Nullable String textAt(long row) {
        long index = draw.indexAt(row);
        return index < 0 ? null : domain.textAt(index);
    }

    @Override
    public void copyTo(CopyBuffer out, long row) {
        long index = draw.indexAt(row);
        if (index < 0) {
            out.nullField();
        } else {
            domain.copyTo(out, index);
        }
    }
}
