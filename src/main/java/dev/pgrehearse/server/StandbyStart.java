package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PasswordUtil;

/** What a primary is told, in SQL, so that a standby can follow it. Stateless. */
final class StandbyStart {
    private static final String SESSION_NAME = "pgrehearse";
    private static final Duration STREAMING_BOUND = Duration.ofMinutes(2);
    private static final long POLL_MS = 20;

    private StandbyStart() {}

    /**
     * The settings for the start before the copy: WAL that a standby can follow, which the loading's is not, and nothing
     * that would change what is rehearsed on, or wait for a standby that is not there yet.
     */
    static Map<String, String> before(Map<String, String> settings) {
        Map<String, String> before = new HashMap<>(settings);
        before.put("autovacuum", "off");
        before.put("synchronous_standby_names", "");
        return before;
    }

    /** Makes the role that the standby connects as. A verifier stands for the password, which no statement holds. */
    static void makeRole(ConnectionDetails superuser, Password password) {
        try (Connection session = superuser.withDatabase("postgres").open(SESSION_NAME);
                Statement statement = session.createStatement()) {
            statement.execute("CREATE ROLE " + StandbyFiles.ROLE + " LOGIN REPLICATION PASSWORD '"
                    + PasswordUtil.encodeScramSha256(password.reveal().toCharArray()) + "'");
        } catch (SQLException e) {
            throw failed("The standby's role cannot be made: " + e.getMessage(), e);
        }
    }

    /** Keeps WAL from now on, from the checkpoint on that the copy ends with. */
    static void makeSlot(ConnectionDetails superuser) {
        try (Connection session = superuser.withDatabase("postgres").open(SESSION_NAME);
                Statement statement = session.createStatement()) {
            statement.execute(
                    "SELECT pg_catalog.pg_create_physical_replication_slot('" + StandbyFiles.SLOT + "', true)");
        } catch (SQLException e) {
            throw failed("The standby's replication slot cannot be made: " + e.getMessage(), e);
        }
    }

    /** Waits until the standby streams, and has replayed what the primary had written when this was called. */
    static void awaitStreaming(ConnectionDetails superuser, RunningServer standby) {
        long deadline = System.nanoTime() + STREAMING_BOUND.toNanos();
        try (Connection session = superuser.withDatabase("postgres").open(SESSION_NAME);
                Statement statement = session.createStatement()) {
            String written = text(statement, "SELECT pg_catalog.pg_current_wal_flush_lsn()");
            String streams = "SELECT count(*) FROM pg_catalog.pg_stat_replication WHERE application_name = '"
                    + StandbyFiles.ROLE + "' AND state = 'streaming' AND replay_lsn >= '" + written + "'";
            while (!text(statement, streams).equals("1")) {
                if (standby.died().isDone()) {
                    throw failed("The standby did not stream. " + standby.died().join(), null);
                }
                if (System.nanoTime() > deadline) {
                    throw failed(
                            "The standby does not stream within " + STREAMING_BOUND.toSeconds() + " s, though it runs.",
                            null);
                }
                Thread.sleep(POLL_MS);
            }
        } catch (SQLException e) {
            throw failed("Nobody can tell whether the standby streams: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Waiting for the standby", e);
        }
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static ServerProblem failed(String what, @Nullable Throwable cause) {
        return new ServerProblem(
                what,
                "Both servers are ended, and their data removed.",
                "Look at the message above; without `server.standby` the same is rehearsed without one.",
                cause);
    }
}
