package dev.pgrehearse.calibration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs queries, each in a read-only transaction of its own that ends with it, so that no snapshot and no lock is held from one
 * to the next. Used by one thread.
 */
final class ProbeSession {
    /** Whoever queues behind us then waits no longer either. */
    private static final String LOCK_TIMEOUT = "500ms";

    private static final Map<String, String> ALWAYS = Map.of(
            "lock_timeout", LOCK_TIMEOUT,
            "idle_in_transaction_session_timeout", "10s",
            "max_parallel_workers_per_gather", "0",
            "jit", "off",
            "search_path", "",
            // A bounded stretch of a table, or single rows by an index, and never all of it.
            "enable_tidscan", "on",
            "enable_indexscan", "on",
            "enable_seqscan", "off",
            "enable_bitmapscan", "off");

    private final Connection connection;

    ProbeSession(Connection connection) {
        this.connection = connection;
    }

    /**
     * Runs a query and tells what it took.
     *
     * @param settings for it alone, besides those of every probe
     * @param seed of {@code random()}; null when it uses none
     * @param timeout that ends it
     */
    Explained explain(Map<String, String> settings, @Nullable Double seed, String query, Duration timeout)
            throws SQLException {
        Map<String, String> all = new LinkedHashMap<>(ALWAYS);
        all.putAll(settings);
        all.put("statement_timeout", Math.max(1, timeout.toMillis()) + "ms");
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY");
            for (Map.Entry<String, String> setting : all.entrySet()) {
                statement.execute("SET LOCAL " + setting.getKey() + " = '" + setting.getValue() + "'");
            }
            if (seed != null) {
                statement.execute("SELECT pg_catalog.setseed(" + seed + ")");
            }
            try (ResultSet plan = statement.executeQuery(
                    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY ON, FORMAT JSON) " + query)) {
                plan.next();
                return Explained.of(plan.getString(1));
            }
        } finally {
            if (!connection.isClosed()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }
}
