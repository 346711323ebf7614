package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/** The keys of another table's rows. */
record ReferencedKeys(ValueGenerator keys, long size) implements Domain {
    @Override
    public @Nullable String textAt(long index) {
        return keys.textAt(index);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        keys.copyTo(out, index);
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        return keys.copyBinaryTo(out, index, type);
    }
}
