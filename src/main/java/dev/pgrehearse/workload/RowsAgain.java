package dev.pgrehearse.workload;

import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** An UPDATE that writes rows of any table anew with the values that they have. */
final class RowsAgain {
    /** A column that may be set to itself: the last one, which a key seldom is. */
    private static final String COLUMN = """
            SELECT quote_ident(a.attname)
              FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attgenerated = '' AND a.attidentity <> 'a'
             ORDER BY a.attnum DESC LIMIT 1
            """;

    private RowsAgain() {}

    /** Of the first rows that a scan finds. */
    static String sql(Connection connection, String table, int rows) throws SQLException {
        return update(connection, table) + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + Quoted.table(table)
                + " LIMIT " + rows + "))";
    }

    /** Without a condition. */
    static String update(Connection connection, String table) throws SQLException {
        String quoted = Quoted.table(table);
        try (PreparedStatement query = connection.prepareStatement(COLUMN)) {
            query.setString(1, quoted);
            try (ResultSet result = query.executeQuery()) {
                if (!result.next()) {
                    throw new SQLException("the table " + table + " is not there, or has no column that may be set");
                }
                String column = result.getString(1);
                return "UPDATE " + quoted + " SET " + column + " = " + column;
            }
        }
    }
}
