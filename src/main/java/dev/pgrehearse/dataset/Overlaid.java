package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.Domain;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A domain of which some values, known ones, are other than its own. */
record Overlaid(Domain domain, Map<Long, String> values) implements Domain {
    static Domain on(Domain domain, Map<Long, String> values) {
        return values.isEmpty() ? domain : new Overlaid(domain, Map.copyOf(values));
    }

    @Override
    public long size() {
        return domain.size();
    }

    @Override
    public @Nullable String textAt(long index) {
        String value = values.get(index);
        return value == null ? domain.textAt(index) : value;
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        String value = values.get(index);
        if (value == null) {
            domain.copyTo(out, index);
        } else {
            out.escaped(value);
        }
    }
}
