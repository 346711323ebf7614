package dev.pgrehearse.workload;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** The tables that a dump locks and reads, in a transaction that is under way. */
final class DumpedTables {
    /** User tables as pg_dump takes them: not those of extensions, and no temporary ones. */
    private static final String TABLES = """
            SELECT c.oid::regclass::text, c.relkind = 'r'
              FROM pg_catalog.pg_class c
             WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
               AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace
                                           WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                                  AND d.deptype = 'e')
             ORDER BY c.oid
            """;

    private final Connection connection;
    private final List<String> withRows;

    private DumpedTables(Connection connection, List<String> withRows) {
        this.connection = connection;
        this.withRows = List.copyOf(withRows);
    }

    /** Takes ACCESS SHARE on all of them. */
    static DumpedTables lock(Connection connection) throws SQLException {
        List<String> all = new ArrayList<>();
        List<String> withRows = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION READ ONLY");
            try (ResultSet rows = statement.executeQuery(TABLES)) {
                while (rows.next()) {
                    all.add(rows.getString(1));
                    if (rows.getBoolean(2)) {
                        withRows.add(rows.getString(1));
                    }
                }
            }
            for (String table : all) {
                // ONLY: a partition is a table of its own in the list.
                statement.execute("LOCK TABLE ONLY " + table + " IN ACCESS SHARE MODE");
            }
        }
        return new DumpedTables(connection, withRows);
    }

    /** Reads every row and throws it away, for as long as {@code goesOn}. */
    void read(BooleanSupplier goesOn) throws SQLException {
        for (String table : withRows) {
            if (!goesOn.getAsBoolean()) {
                return;
            }
            CopyOut rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY " + table + " TO STDOUT");
            while (rows.readFromCopy() != null) {
                if (!goesOn.getAsBoolean()) {
                    rows.cancelCopy();
                    return;
                }
            }
        }
    }
}
