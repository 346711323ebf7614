package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.RelationName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the migration's own session reads about itself: one query each, from {@code pg_class} and {@code pg_locks} alone,
 * so that no reading waits for a lock that somebody holds on a table. Used by the migration's thread alone.
 */
final class CatalogueReader {
    private static final int FIRST_WITH_FORCED_FLUSH = 15;

    /**
     * Forcing the flush of this session's statistics makes its counters start from zero in the next transaction:
     * otherwise they would still hold what earlier transactions have not reported yet.
     */
    private static final String FORCED_FLUSH = " CROSS JOIN pg_stat_force_next_flush() ";

    private static final String RELATIONS = "SELECT c.oid, " + RelationName.NAME
            + ", owner.oid IS NOT NULL, c.relfilenode, c.reltuples" + RelationName.FROM;

    private static final String OF_USERS = " WHERE " + RelationName.SCHEMA
            + " NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relpersistence <> 't'";

    private static final String HELD = """
            SELECT l.relation, l.mode, c.relfilenode,
                   CASE WHEN c.relkind IN ('r', 'm') THEN pg_stat_get_xact_numscans(c.oid) END,
                   CASE WHEN c.relkind IN ('r', 'm') THEN pg_stat_get_xact_tuples_returned(c.oid) END,
                   CASE WHEN c.relnamespace = 'pg_catalog'::regnamespace THEN 'pg_catalog.' || c.relname END
              FROM pg_locks l
              LEFT JOIN pg_class c ON c.oid = l.relation
             WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())""";

    private static final String PARTITIONED =
            "SELECT coalesce((SELECT relkind IN ('p', 'I') FROM pg_class WHERE oid = to_regclass(?)), false)";

    private final Connection connection;
    private final boolean scansKnown;

    CatalogueReader(Connection connection) throws SQLException {
        this.connection = connection;
        this.scansKnown = connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_FORCED_FLUSH;
    }

    /**
     * A lock that the session's transaction holds. Scans and rows are the transaction's so far.
     *
     * @param catalogue the name of a relation of the server's own; null for any other
     */
    record Held(
            long relation,
            LockMode mode,
            long storage,
            boolean exists,
            long scans,
            long rowsRead,
            @Nullable String catalogue) {}

    /** Every relation of the user's, by OID. To be called outside transactions. */
    Map<Long, Relation> relations() throws SQLException {
        Map<Long, Relation> relations = new LinkedHashMap<>();
        try (Statement query = connection.createStatement();
                ResultSet row = query.executeQuery(RELATIONS + (scansKnown ? FORCED_FLUSH : "") + OF_USERS)) {
            while (row.next()) {
                relations.put(
                        row.getLong(1),
                        new Relation(row.getString(2), row.getBoolean(3), row.getLong(4), row.getDouble(5)));
            }
        }
        return relations;
    }

    /** Whether {@link Held#scans()} and {@link Held#rowsRead()} are the transaction's own: from PostgreSQL 15 on. */
    boolean scansKnown() {
        return scansKnown;
    }

    /** The relation locks that the transaction which is open now holds. One round trip. */
    List<Held> held() throws SQLException {
        List<Held> held = new ArrayList<>();
        try (Statement query = connection.createStatement();
                ResultSet row = query.executeQuery(HELD)) {
            while (row.next()) {
                LockMode mode = LockMode.ofCatalogueName(row.getString(2));
                long storage = row.getLong(3);
                boolean exists = !row.wasNull();
                held.add(new Held(
                        row.getLong(1), mode, storage, exists, row.getLong(4), row.getLong(5), row.getString(6)));
            }
        }
        return held;
    }

    /** Whether {@code name}, written as in SQL, is a partitioned table or index. */
    boolean isPartitioned(String name) throws SQLException {
        try (var query = connection.prepareStatement(PARTITIONED)) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
