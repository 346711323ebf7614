package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A backend of the migration's whose connection was cut. It does not notice before it next reads or writes: until then its
 * statement runs on and keeps its locks. Used by one thread.
 */
final class CutBackend {
    /** It may be on its way out already. */
    private static final Duration BY_ITSELF = Duration.ofSeconds(1);

    /** For the whole. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(20).toNanos();

    private final int pid;

    CutBackend(int pid) {
        this.pid = pid;
    }

    /**
     * Returns when {@code pg_stat_activity} no longer shows it; after a second {@code pg_terminate_backend} is used, in the
     * superuser's session: the application's would not be certain of a connection now.
     *
     * @return whether it was terminated
     * @throws SQLException also when it is still there after 10 s
     */
    boolean awaitEnd(ConnectionDetails superuser) throws SQLException {
        long start = System.nanoTime();
        boolean terminated = false;
        try (Connection connection = superuser.open("pgrehearse cut backend")) {
            while (ask(connection, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ?)")) {
                long waited = System.nanoTime() - start;
                if (waited > BOUND.toNanos()) {
                    throw new SQLException("the migration's backend " + pid + " still runs " + BOUND.toSeconds()
                            + " s after its connection was cut, although pg_terminate_backend was used;"
                            + " nothing more was run");
                }
                if (!terminated && waited > BY_ITSELF.toNanos()) {
                    terminated = ask(connection, "SELECT pg_terminate_backend(?)");
                }
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        }
        return terminated;
    }

    private boolean ask(Connection connection, String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setInt(1, pid);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
