package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Which indexes there are before the load and after it, and how often each is scanned in each phase.
 *
 * <p>Meanwhile only {@code pg_stat_user_indexes} is read, which waits for no lock on a table. Definitions, expressions and
 * sizes open the relations ({@code pg_get_indexdef}, {@code pg_get_expr}, {@code pg_relation_size}): those are read only when
 * there is no load, and the session's {@code lock_timeout} bounds the wait behind a lock that somebody left.
 *
 * <p>Used by one thread at a time.
 */
final class IndexProbe {
    /** How long sessions of the load may take to end: an idle one takes milliseconds, one that waits for a lock for ever. */
    private static final Duration SESSIONS_END = Duration.ofSeconds(5);

    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(20).toNanos();

    private static final String OF_USERS =
            " n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT c.relispartition";

    private static final String INDEXES = """
            SELECT c.oid::bigint, n.nspname, c.relname, tn.nspname, t.relname, am.amname, i.indisvalid,
                   i.indisready AND i.indislive, i.indisunique OR i.indisexclusion, %s, %s, %s
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
              JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
              JOIN pg_catalog.pg_am am ON am.oid = c.relam
             WHERE""" + OF_USERS + " ORDER BY 2, 3";

    private static final String DEFINITION = "pg_catalog.pg_get_indexdef(c.oid)";
    private static final String PREDICATE = "pg_catalog.pg_get_expr(i.indpred, i.indrelid)";
    private static final String SIZE = """
            CASE WHEN c.relkind = 'I'
                 THEN (SELECT coalesce(sum(pg_catalog.pg_relation_size(part.relid)), 0)::bigint
                         FROM pg_catalog.pg_partition_tree(c.oid) part WHERE part.isleaf)
                 ELSE pg_catalog.pg_relation_size(c.oid) END""";
    private static final String UNKNOWN_TEXT = "NULL::text";
    private static final String UNKNOWN_SIZE = "NULL::bigint";

    private static final String COLUMNS = """
            SELECT c.oid::bigint, position <= i.indnkeyatts,
                   coalesce(quote_ident(a.attname), pg_catalog.pg_get_indexdef(c.oid, position, true)),
                   coalesce(i.indclass[position - 1], 0)::bigint, coalesce(i.indcollation[position - 1], 0)::bigint,
                   coalesce(i.indoption[position - 1], 0)
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             CROSS JOIN LATERAL generate_series(1, i.indnatts::integer) position
              LEFT JOIN pg_catalog.pg_attribute a
                ON a.attrelid = i.indrelid AND a.attnum = i.indkey[position - 1] AND a.attnum <> 0
             WHERE""" + OF_USERS + " ORDER BY 1, position";

    /** The index of a partition counts for the partitioned table's. */
    private static final String SCANS = """
            SELECT counted.index::bigint, sum(counted.idx_scan)::bigint
              FROM (SELECT CASE WHEN c.relispartition THEN pg_catalog.pg_partition_root(c.oid) ELSE c.oid END AS index,
                           s.idx_scan
                      FROM pg_catalog.pg_stat_user_indexes s
                      JOIN pg_catalog.pg_class c ON c.oid = s.indexrelid) counted
             WHERE counted.index IS NOT NULL
             GROUP BY 1
            """;

    /** Sessions of the application's role: load, migration and adversaries, and not the observer's. */
    private static final String OTHER_SESSIONS = """
            SELECT count(*) FROM pg_catalog.pg_stat_activity
             WHERE backend_type = 'client backend' AND datname = current_database() AND usename <> current_user
            """;

    private final Connection connection;
    private final RehearsalClock clock;
    private final FactSink facts;
    private final Doubts doubts;

    IndexProbe(Connection connection, RehearsalClock clock, FactSink facts, Doubts doubts) {
        this.connection = connection;
        this.clock = clock;
        this.facts = facts;
        this.doubts = doubts;
    }

    /** Reads what is there before the load. */
    void prepare() throws SQLException {
        facts.add(new Fact.IndexesListed(false, indexes(UNKNOWN_SIZE)));
    }

    /** Reads how often each index was scanned until now. Waits for nobody's lock. */
    void count(String moment) throws SQLException {
        Map<Long, Long> scans = new HashMap<>();
        long now = clock.nanos();
        try (PreparedStatement statement = connection.prepareStatement(SCANS);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                scans.put(rows.getLong(1), rows.getLong(2));
            }
        }
        facts.add(new Fact.IndexScansRead(moment, now, scans));
    }

    /**
     * Reads what is there after load and adversaries were closed: waits until their sessions are gone, since a backend tells
     * of its last scans when it ends.
     */
    void finish() throws SQLException {
        awaitSessionsEnd();
        count(Fact.IndexScansRead.END);
        facts.add(new Fact.IndexesListed(true, indexes(SIZE)));
    }

    private void awaitSessionsEnd() throws SQLException {
        long until = clock.nanos() + SESSIONS_END.toNanos();
        int left = otherSessions();
        while (left > 0 && clock.nanos() < until) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            left = otherSessions();
        }
        if (left > 0) {
            doubts.raise(
                    "index-scans-late",
                    left + (left == 1 ? " session was" : " sessions were") + " still there "
                            + SESSIONS_END.toSeconds()
                            + " s after the load had ended: the last scans of indexes that they did"
                            + " may be missing.");
        }
    }

    private int otherSessions() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OTHER_SESSIONS);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private List<Fact.CatalogueIndex> indexes(String size) throws SQLException {
        try {
            return read(INDEXES.formatted(DEFINITION, PREDICATE, size), columns());
        } catch (SQLException locked) {
            if (!SqlState.LOCK_NOT_AVAILABLE.equals(locked.getSQLState())) {
                throw locked;
            }
            doubts.raise(
                    "indexes-locked",
                    "Definitions and sizes of indexes could not be read: somebody holds a lock on one of their tables ("
                            + locked.getMessage() + "). Which index covers another is not known.");
            return read(INDEXES.formatted(UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_SIZE), Map.of());
        }
    }

    private List<Fact.CatalogueIndex> read(String sql, Map<Long, Columns> columns) throws SQLException {
        List<Fact.CatalogueIndex> indexes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                long oid = row.getLong(1);
                Columns its = columns.getOrDefault(oid, Columns.NONE);
                indexes.add(new Fact.CatalogueIndex(
                        oid,
                        RelationName.of(row.getString(2), row.getString(3)),
                        RelationName.of(row.getString(4), row.getString(5)),
                        row.getString(10),
                        row.getString(6),
                        row.getBoolean(7),
                        row.getBoolean(8),
                        row.getBoolean(9),
                        numberOrNull(row, 12),
                        its.keys(),
                        its.included(),
                        row.getString(11)));
            }
        }
        return indexes;
    }

    /** An index's columns, in order. */
    private record Columns(List<Fact.IndexKey> keys, List<String> included) {
        static final Columns NONE = new Columns(List.of(), List.of());
    }

    private Map<Long, Columns> columns() throws SQLException {
        Map<Long, Columns> columns = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                Columns its = columns.computeIfAbsent(
                        row.getLong(1), oid -> new Columns(new ArrayList<>(), new ArrayList<>()));
                if (row.getBoolean(2)) {
                    its.keys().add(new Fact.IndexKey(row.getString(3), row.getLong(4), row.getLong(5), row.getInt(6)));
                } else {
                    its.included().add(row.getString(3));
                }
            }
        }
        return columns;
    }

    private static @Nullable Long numberOrNull(ResultSet row, int column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : Long.valueOf(number);
    }
}
