package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Column;
import dev.pgrehearse.profile.Profile.Common;
import dev.pgrehearse.profile.Profile.ForeignKey;
import dev.pgrehearse.profile.Profile.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The foreign keys, from {@code pg_constraint}, without the copies that partitions inherit; and their fan-out, computed from
 * the statistics of the referring column. Of keys of several columns nobody knows how often a combination occurs.
 */
final class ForeignKeysReader {
    private static final String QUERY = """
            SELECT o.conname, o.conrelid, o.confrelid,
                   ARRAY(SELECT a.attname FROM pg_catalog.unnest(o.conkey) WITH ORDINALITY AS k(number, position)
                           JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number
                          ORDER BY k.position)::text[] AS columns,
                   ARRAY(SELECT a.attname FROM pg_catalog.unnest(o.confkey) WITH ORDINALITY AS k(number, position)
                           JOIN pg_catalog.pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.number
                          ORDER BY k.position)::text[] AS parent_columns
              FROM pg_catalog.pg_constraint o
             WHERE o.contype = 'f' AND o.conparentid = 0
             ORDER BY o.conrelid::regclass::text, o.conname""";

    private final Connection connection;

    ForeignKeysReader(Connection connection) {
        this.connection = connection;
    }

    /** The keys between these tables, by table and name. */
    List<ForeignKey> read(Map<Long, Table> tables) throws SQLException {
        List<ForeignKey> keys = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                Table table = tables.get(row.getLong("conrelid"));
                Table parent = tables.get(row.getLong("confrelid"));
                if (table != null && parent != null) {
                    keys.add(key(
                            row.getString("conname"),
                            table,
                            Rows.texts(row, "columns"),
                            parent,
                            Rows.texts(row, "parent_columns")));
                }
            }
        }
        return keys;
    }

    /** The key with its fan-out. */
    static ForeignKey key(String name, Table table, List<String> columns, Table parent, List<String> parentColumns) {
        List<Column> referring = columns.stream()
                .flatMap(column -> table.column(column).stream())
                .toList();
        // Columns that are NULL together, as they mostly are, refer to nothing together.
        double nullShare =
                referring.stream().mapToDouble(Column::nullShare).max().orElse(0);
        Double referred = null;
        Double mean = null;
        Double largest = null;
        if (referring.size() == 1 && referring.get(0).hasStatistics()) {
            Column column = referring.get(0);
            double distinct = column.distinctOf(table.rows());
            double referringRows = table.rows() * (1 - column.nullShare());
            if (distinct > 0 && referringRows > 0) {
                mean = referringRows / distinct;
                largest = largest(column, table.rows());
                referred = parent.rows() > 0 ? (Double) Math.min(1, distinct / parent.rows()) : null;
            }
        }
        return new ForeignKey(
                name,
                table.displayName(),
                columns,
                parent.displayName(),
                parentColumns,
                nullShare,
                referred,
                mean,
                largest);
    }

    private static @Nullable Double largest(Column column, double rows) {
        if (!column.common().isEmpty()) {
            Common most = column.common().get(0);
            return most.frequency() * rows;
        }
        // No value is common when each occurs but once.
        return column.distinct() == -(1 - column.nullShare()) ? (Double) 1.0 : null;
    }
}
