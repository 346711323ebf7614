package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.ValueGenerator;
import org.jspecify.annotations.Nullable;

/** A column's values but, where they would be below another column's in the same row, the other's. */
record NotBelow(ValueGenerator lesser, ValueGenerator values) implements ValueGenerator {
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
