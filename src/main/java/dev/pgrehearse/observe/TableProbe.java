package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.CatalogueTable;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of users' tables: storage, dead rows, updates with and without HOT, what the planner has statistics of; and, only
 * before the load and after it, how many of their pages are all-visible.
 *
 * <p>Catalogue and counters wait for no lock on a table. {@code pg_visibility_map_summary} and {@code pg_relation_size} open it:
 * those are asked only when there is no load, and the session's {@code lock_timeout} bounds the wait behind a lock that
 * somebody left. {@code pg_class.relallvisible} would be no answer: it is what the last VACUUM saw.
 *
 * <p>Used by one thread at a time.
 */
final class TableProbe implements Probe {
    /** A backend that works tells of its updates once a second. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /** What holds rows; a partition counts for the partitioned table. */
    private static final String STORED = """
            WITH stored AS (
                SELECT c.oid, c.relfilenode,
                       CASE WHEN c.relispartition THEN pg_catalog.pg_partition_root(c.oid) ELSE c.oid END AS root
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
            """;

    private static final String TABLES = STORED + """
            SELECT t.root::bigint, n.nspname, r.relname, array_agg(t.relfilenode::bigint ORDER BY t.oid),
                   sum(pg_catalog.pg_stat_get_live_tuples(t.oid))::bigint,
                   sum(pg_catalog.pg_stat_get_dead_tuples(t.oid))::bigint,
                   sum(pg_catalog.pg_stat_get_tuples_updated(t.oid))::bigint,
                   sum(pg_catalog.pg_stat_get_tuples_hot_updated(t.oid))::bigint
              FROM stored t
              JOIN pg_catalog.pg_class r ON r.oid = t.root
              JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
             GROUP BY 1, 2, 3
            """;

    /** Columns, expressions of indexes, and statistics objects, each with the number of tables that have some. */
    private static final String STATISTICS = STORED + """
            SELECT t.root::bigint, a.attname, count(s.starelid)::integer
              FROM stored t
              JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT JOIN pg_catalog.pg_statistic s ON s.starelid = a.attrelid AND s.staattnum = a.attnum
             WHERE t.root IS NOT NULL
             GROUP BY 1, 2
            UNION ALL
            SELECT t.root::bigint, 'expression ' || a.attnum || ' of index ' || c.relname, count(s.starelid)::integer
              FROM stored t
              JOIN pg_catalog.pg_index i ON i.indrelid = t.oid AND i.indexprs IS NOT NULL
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_attribute a
                ON a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts AND i.indkey[a.attnum - 1] = 0
              LEFT JOIN pg_catalog.pg_statistic s ON s.starelid = a.attrelid AND s.staattnum = a.attnum
             WHERE t.root IS NOT NULL
             GROUP BY 1, 2
            UNION ALL
            SELECT t.root::bigint, 'statistics object ' || x.stxname,
                   (count(*) FILTER (WHERE num_nonnulls(d.stxdndistinct, d.stxddependencies, d.stxdmcv) > 0))::integer
              FROM stored t
              JOIN pg_catalog.pg_statistic_ext x ON x.stxrelid = t.oid
              LEFT JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = x.oid
             WHERE t.root IS NOT NULL
             GROUP BY 1, 2
            """;

    private static final String EXTENSION = """
            SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
             WHERE e.extname = 'pg_visibility'
            """;

    private static final String PAGES = STORED + """
            SELECT t.root::bigint, sum(map.all_visible)::bigint,
                   sum(pg_catalog.pg_relation_size(t.oid) / pg_catalog.current_setting('block_size')::bigint)::bigint
              FROM stored t CROSS JOIN LATERAL %s.pg_visibility_map_summary(t.oid) map
             WHERE t.root IS NOT NULL
             GROUP BY 1
            """;

    private final Connection connection;
    private final RehearsalClock clock;
    private final FactSink facts;
    private final Doubts doubts;
    private long settledNanos = Long.MAX_VALUE;

    TableProbe(Connection connection, RehearsalClock clock, FactSink facts, Doubts doubts) {
        this.connection = connection;
        this.clock = clock;
        this.facts = facts;
        this.doubts = doubts;
    }

    @Override
    public String name() {
        return "tables";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(500);
    }

    /** Reads what is there before the load. */
    @Override
    public void prepare() throws SQLException {
        read(Fact.TablesRead.BEFORE, pages());
    }

    /** Reads what catalogue and counters tell now. Waits for nobody's lock. */
    void count(String moment) throws SQLException {
        if (moment.equals(Recording.Phase.RECOVERY)) {
            settledNanos = clock.nanos() + SETTLED.toNanos();
        }
        read(moment, Map.of());
    }

    /** Once, when backends have told what they did during the migration. Waits for nobody's lock. */
    @Override
    public void sample() throws SQLException {
        if (clock.nanos() >= settledNanos) {
            settledNanos = Long.MAX_VALUE;
            read(Fact.TablesRead.SETTLED, Map.of());
        }
    }

    /** Reads what is there after the sessions of load and adversaries are gone, when they have told of all that they did. */
    @Override
    public void finish() throws SQLException {
        read(Fact.TablesRead.END, pages());
    }

    /** Pages of a heap, and those of them that are all-visible. */
    private record Pages(long visible, long all) {}

    private void read(String moment, Map<Long, Pages> pages) throws SQLException {
        long now = clock.nanos();
        Map<Long, Map<String, Integer>> statistics = statistics();
        List<CatalogueTable> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TABLES);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                Pages its = pages.get(row.getLong(1));
                tables.add(new CatalogueTable(
                        row.getLong(1),
                        RelationName.of(row.getString(2), row.getString(3)),
                        numbers(row.getArray(4)),
                        its == null ? null : its.all(),
                        its == null ? null : its.visible(),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        statistics.getOrDefault(row.getLong(1), Map.of())));
            }
        }
        facts.add(new Fact.TablesRead(moment, now, tables));
    }

    private static List<Long> numbers(Array array) throws SQLException {
        return List.of((Long[]) array.getArray());
    }

    private Map<Long, Map<String, Integer>> statistics() throws SQLException {
        Map<Long, Map<String, Integer>> statistics = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(STATISTICS);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                statistics
                        .computeIfAbsent(row.getLong(1), table -> new TreeMap<>())
                        .put(row.getString(2), row.getInt(3));
            }
        }
        return statistics;
    }

    /** Empty, with a doubt, where they cannot be read. */
    private Map<Long, Pages> pages() throws SQLException {
        String schema = extensionSchema();
        if (schema == null) {
            doubts.raise(
                    "visibility-not-read",
                    "The database has no extension pg_visibility: whether a rewrite or a back-fill left pages that index-only"
                            + " scans must look into is not known.");
            return Map.of();
        }
        Map<Long, Pages> pages = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(PAGES.formatted(Quoted.identifier(schema)));
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                pages.put(row.getLong(1), new Pages(row.getLong(2), row.getLong(3)));
            }
        } catch (SQLException failure) {
            if (!SqlState.LOCK_NOT_AVAILABLE.equals(failure.getSQLState())
                    && !SqlState.QUERY_CANCELED.equals(failure.getSQLState())) {
                throw failure;
            }
            doubts.raise(
                    "visibility-locked",
                    "How many pages of the tables are all-visible could not be read: " + failure.getMessage()
                            + ". Whether the migration left pages that index-only scans must look into is not known.");
            return Map.of();
        }
        return pages;
    }

    private @Nullable String extensionSchema() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EXTENSION);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
