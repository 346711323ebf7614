package dev.pgrehearse.calibration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What may be read: the largest table that this role may read whole, and the largest such that has an index on a whole
 * number. Their names stay here. Found in the catalogue alone, which waits for no lock.
 *
 * @param table quoted, with its schema; null when none is large enough
 * @param pages of it, by the last VACUUM or ANALYZE
 * @param indexed likewise, with the index
 * @param column quoted, that index' only one; null without {@code indexed}
 * @param blockBytes of the server
 */
record ReadGround(
        @Nullable String table,
        long pages,
        @Nullable String indexed,
        @Nullable String column,
        int blockBytes) {
    /** Of smaller ones repeats would read the same blocks again. */
    static final long LEAST_PAGES = 1024;

    private static final String READABLE = """
            SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name, c.relpages AS pages%s
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_am am ON am.oid = c.relam AND am.amname = 'heap'%s
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relrowsecurity AND c.relpages >= %d
              AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
              AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
            ORDER BY c.relpages DESC LIMIT 1""";

    private static final String INDEX = """

            JOIN LATERAL (
                SELECT a.attname FROM pg_catalog.pg_index i
                JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                JOIN pg_catalog.pg_am b ON b.oid = x.relam AND b.amname = 'btree'
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = 1
                  AND a.atttypid IN ('int4'::pg_catalog.regtype, 'int8'::pg_catalog.regtype)
                ORDER BY i.indisprimary DESC, i.indisunique DESC, a.attnum LIMIT 1) k ON true""";

    static ReadGround find(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Optional<String[]> table = row(statement, READABLE.formatted("", "", LEAST_PAGES), "name", "pages");
            Optional<String[]> indexed = row(
                    statement,
                    READABLE.formatted(", pg_catalog.quote_ident(k.attname) AS \"column\"", INDEX, LEAST_PAGES),
                    "name",
                    "column");
            String[] block = row(statement, "SELECT pg_catalog.current_setting('block_size') AS size", "size")
                    .orElseThrow();
            return new ReadGround(
                    table.map(found -> found[0]).orElse(null),
                    table.map(found -> Long.parseLong(found[1])).orElse(0L),
                    indexed.map(found -> found[0]).orElse(null),
                    indexed.map(found -> found[1]).orElse(null),
                    Integer.parseInt(block[0]));
        }
    }

    private static Optional<String[]> row(Statement statement, String query, String... columns) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            if (!row.next()) {
                return Optional.empty();
            }
            String[] values = new String[columns.length];
            for (int i = 0; i < columns.length; i++) {
                values[i] = row.getString(columns[i]);
            }
            return Optional.of(values);
        }
    }
}
