package dev.pgrehearse.dataset;

import dev.pgrehearse.values.Keys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys of rows that exist, read from their tables: the row numbers are those of a sample, in the order in which the rows
 * are stored. Immutable and thread-safe.
 */
final class StoredKeys implements Keys {
    private final Map<String, KeySample> samples = new HashMap<>();

    /**
     * What was read of one table.
     *
     * @param table as the scenario names it
     * @param columns the values of each column by its name, all of the same rows
     * @param rows how many of them there are
     */
    record KeySample(String table, Map<String, @Nullable String[]> columns, int rows) {}

    StoredKeys(List<KeySample> read) {
        read.forEach(sample -> samples.put(sample.table(), sample));
    }

    /** How many rows were read: all of a small table, or a sample of a large one. */
    @Override
    public long rows(String table) {
        KeySample sample = samples.get(table);
        return sample == null ? 0 : sample.rows();
    }

    @Override
    public @Nullable String keyAt(String table, String column, long row) {
        KeySample sample = samples.get(table);
        @Nullable String[] values = sample == null ? null : sample.columns().get(column);
        if (values != null) {
            return values[(int) row];
        }
        throw new IllegalArgumentException(
                "a reference to '" + table + "." + column + "', of which no keys were read after the restore");
    }
}
