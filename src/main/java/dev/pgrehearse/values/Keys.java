package dev.pgrehearse.values;

import org.jspecify.annotations.Nullable;

/**
 * The keys that references point at, computed rather than read back. Implementations are thread-safe.
 *
 * <p>Tables are named as the scenario names them: {@code orders}, or {@code schema.table}.
 */
public interface Keys {
    /** Where there is nothing to refer to. */
    Keys NONE = new Keys() {
        @Override
        public long rows(String table) {
            return 0;
        }

        @Override
        public @Nullable String keyAt(String table, String column, long row) {
            throw new IllegalArgumentException("a reference to '" + table + "', of which there are no keys");
        }
    };

    /** How many rows the table is given; 0 when it is given none, or when nobody knows the table. */
    long rows(String table);

    /**
     * The value that a column holds in a row; null for NULL.
     *
     * @throws IllegalArgumentException when the column's values cannot be computed; the message says why
     */
    @Nullable
    String keyAt(String table, String column, long row);

    /**
     * The generator behind {@link #keyAt}, for those who ask for many keys of one column.
     *
     * @throws IllegalArgumentException when the column's values cannot be computed; the message says why
     */
    default ValueGenerator generatorOf(String table, String column) {
        return new ValueGenerator() {
            @Override
            public @Nullable String textAt(long row) {
                return keyAt(table, column, row);
            }

            @Override
            public void copyTo(CopyBuffer out, long row) {
                out.field(keyAt(table, column, row));
            }
        };
    }
}
