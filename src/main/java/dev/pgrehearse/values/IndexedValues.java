package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/** A domain, and which of its values a row gets. */
record IndexedValues(Domain domain, Draw draw) implements ValueGenerator {
    @Override
    public @Nullable String textAt(long row) {
        return domain.textAt(draw.indexAt(row));
    }

    @Override
    public void copyTo(CopyBuffer out, long row) {
        domain.copyTo(out, draw.indexAt(row));
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long row, BinaryType type) {
        return domain.copyBinaryTo(out, draw.indexAt(row), type);
    }
}
