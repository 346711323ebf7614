package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Warms the caches of a standby, where no extension can be made: it is made on the primary, in a schema of the tool's own,
 * and stays there. Before the load.
 */
public final class StandbyCache {
    private static final Duration REPLAY_BOUND = Duration.ofSeconds(30);
    private static final long POLL_MS = 20;

    /** Tables, materialized views, TOAST tables, then indexes, so that these stay when the buffers run out. */
    private static final String PREWARM = """
            SELECT pgrehearse.pg_prewarm(c.oid::pg_catalog.regclass, 'buffer')
              FROM (SELECT c.oid FROM pg_catalog.pg_class c
                      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
                     WHERE c.relkind IN ('r', 'm', 't', 'i')
                       AND c.relpersistence = 'p'
                       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                       AND coalesce(i.indisvalid, true)
                       AND c.oid >= 16384
                     ORDER BY c.relkind = 'i') c
            """;

    private StandbyCache() {}

    /**
     * Reads every table and index of the standby into its buffers.
     *
     * @return false when the server has no {@code pg_prewarm}: then nothing was read
     * @throws SQLException when the primary or the standby does not take it, or replay does not come to it within 30 s
     */
    public static boolean warm(ConnectionDetails primary, ConnectionDetails standby)
            throws SQLException, InterruptedException {
        if (!equip(primary)) {
            return false;
        }
        try (Connection connection = standby.open("pgrehearse");
                Statement statement = connection.createStatement()) {
            long deadline = System.nanoTime() + REPLAY_BOUND.toNanos();
            while (!is(statement, "SELECT pg_catalog.to_regproc('pgrehearse.pg_prewarm') IS NOT NULL")) {
                if (System.nanoTime() > deadline) {
                    throw new SQLException("the standby has not replayed, within " + REPLAY_BOUND.toSeconds()
                            + " s, what its caches are warmed with");
                }
                Thread.sleep(POLL_MS);
            }
            statement.execute(PREWARM);
        }
        return true;
    }

    private static boolean equip(ConnectionDetails primary) throws SQLException {
        try (Connection connection = primary.open("pgrehearse");
                Statement statement = connection.createStatement()) {
            if (!is(
                    statement,
                    "SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'pg_prewarm'"
                            + " AND installed_version IS NULL)")) {
                return false;
            }
            statement.execute("CREATE SCHEMA IF NOT EXISTS pgrehearse");
            statement.execute("CREATE EXTENSION pg_prewarm SCHEMA pgrehearse");
            return true;
        }
    }

    private static boolean is(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
