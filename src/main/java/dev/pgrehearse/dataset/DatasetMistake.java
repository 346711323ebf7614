package dev.pgrehearse.dataset;

import org.jspecify.annotations.Nullable;

/**
 * One thing in a dataset's specification, or between it and the schema, that cannot be.
 *
 * @param table the table, as the scenario names it; null when it is about none in particular
 * @param column the column, or columns parted by commas; null when it is about none in particular
 * @param what what was found
 * @param expected what would be right
 */
public record DatasetMistake(
        @Nullable String table, @Nullable String column, String what, String expected) {
    @Override
    public String toString() {
        String place = table == null ? "dataset" : column == null ? table : table + "." + column;
        return place + ": " + what + "; expected: " + expected;
    }
}
