package dev.pgrehearse.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The columns of a table's primary key, in the key's order, from {@code pg_index}. Immutable.
 *
 * @param columns none when the table has no primary key
 */
public record PrimaryKey(List<Column> columns) {
    private static final String COLUMNS = """
            SELECT to_regclass(?) IS NOT NULL, a.attname, format_type(a.atttypid, a.atttypmod)
              FROM (SELECT 1) AS always
              LEFT JOIN pg_index i ON i.indrelid = to_regclass(?) AND i.indisprimary
              LEFT JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
                     ON k.position <= i.indnkeyatts
              LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             ORDER BY k.position""";

    public PrimaryKey {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param name unquoted
     * @param type as SQL names it, such as {@code bigint}
     */
    public record Column(String name, String type) {}

    /**
     * That of a table; empty when there is no such table.
     *
     * @param table quoted, so that a session's search path finds it
     */
    public static Optional<PrimaryKey> of(Connection connection, String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setString(1, table);
            query.setString(2, table);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean(1)) {
                        return Optional.empty();
                    }
                    String name = row.getString(2);
                    if (name != null) {
                        columns.add(new Column(name, row.getString(3)));
                    }
                }
            }
        }
        return Optional.of(new PrimaryKey(columns));
    }
}
