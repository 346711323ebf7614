package dev.pgrehearse.dataset;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A table's {@code fillfactor}, changed for a while: it decides how densely COPY and UPDATE fill pages.
 *
 * <p>Source: PostgreSQL documentation, "CREATE TABLE", storage parameters.
 */
final class FillFactor {
    /** PostgreSQL's limits. */
    static final int LEAST = 10;

    static final int MOST = 100;

    private final Connection connection;
    private final CatalogueTable table;
    private final @Nullable String declared;

    private FillFactor(Connection connection, CatalogueTable table, @Nullable String declared) {
        this.connection = connection;
        this.table = table;
        this.declared = declared;
    }

    /** Remembers what is declared now. */
    static FillFactor of(Connection connection, CatalogueTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("select o.option_value from pg_catalog.pg_class c,"
                + " pg_catalog.pg_options_to_table(c.reloptions) o"
                + " where c.oid = ?::bigint::pg_catalog.oid and o.option_name = 'fillfactor'")) {
            query.setLong(1, table.oid());
            try (ResultSet row = query.executeQuery()) {
                return new FillFactor(connection, table, row.next() ? row.getString(1) : null);
            }
        }
    }

    /** For rows written from now on, by everybody once the transaction has ended. */
    void change(int percent) throws SQLException {
        execute("set (fillfactor = " + percent + ")");
    }

    /** As it was declared. */
    void restore() throws SQLException {
        execute(declared == null ? "reset (fillfactor)" : "set (fillfactor = " + declared + ")");
    }

    private void execute(String change) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("alter table " + table.sqlName() + " " + change);
        }
    }
}
