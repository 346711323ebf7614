package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.ValueGenerator;
import org.jspecify.annotations.Nullable;

/** A column's values but, where they would be below another column's in the same row, the other's. */
record NotBelow(ValueGenerator lesser, ValueGenerator values) implements ValueGenerator {
    private static final int SAMPLED_ROWS = 500;

    /** The share of rows, of some spread evenly over all, in which a value gives way. */
    double mended(long rows) {
        long sampled = Math.min(SAMPLED_ROWS, rows);
        long mended = 0;
        for (long number = 0; number < sampled; number++) {
            long row = (long) ((double) number * rows / sampled);
            String value = values.textAt(row);
            mended += value != null && !value.equals(textAt(row)) ? 1 : 0;
        }
        return (double) mended / sampled;
    }

    @Override
    public @Nullable String textAt(long row) {
        String value = values.textAt(row);
        String least = value == null ? null : lesser.textAt(row);
        return value == null || least == null || ValueOrder.INSTANCE.compare(value, least) >= 0 ? value : least;
    }

    @Override
    public void copyTo(CopyBuffer out, long row) {
        out.field(textAt(row));
    }
}
