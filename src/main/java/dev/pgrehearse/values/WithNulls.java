package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/** Another generator's values, of which a share is NULL. */
record WithNulls(ValueGenerator values, RowRandom random, double share) implements ValueGenerator {
    @Override
    public @Nullable String textAt(long row) {
        return isNull(row) ? null : values.textAt(row);
    }

    @Override
    public void copyTo(CopyBuffer out, long row) {
        if (isNull(row)) {
            out.nullField();
        } else {
            values.copyTo(out, row);
        }
    }

    private boolean isNull(long row) {
        return RowRandom.unit(random.bits(row)) < share;
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long row, BinaryType type) {
        if (isNull(row)) {
            out.int32(-1);
            return true;
        }
        return values.copyBinaryTo(out, row, type);
    }
}
