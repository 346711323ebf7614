package dev.pgrehearse.profiling;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads fields of a result's current row. */
final class Rows {
    private Rows() {}

    /** A {@code text[]}; empty when NULL. */
    static List<String> texts(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? List.of() : new ArrayList<>(Arrays.asList((String[]) array.getArray()));
    }

    /** The numbers of a {@code text[]}: as text, since a {@code real} of 0.3 is 0.30000001192092896 as a double. */
    static List<Double> numbers(ResultSet row, String column) throws SQLException {
        return texts(row, column).stream().map(Double::valueOf).toList();
    }

    /** A number that may be NULL, from its text. */
    static @Nullable Double number(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : Double.valueOf(text);
    }

    /** A {@code timestamptz}, ISO 8601 in UTC; null when NULL. */
    static @Nullable String instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : Instant.ofEpochMilli(time.getTime()).toString();
    }
}
