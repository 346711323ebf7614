package dev.pgrehearse.workload;

import dev.pgrehearse.clock.RehearsalClock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sees from another session when an idle one is ended from outside: its own client would learn of it by its next
 * statement alone, and any statement would end the idleness. Used by one thread.
 */
final class BackendWatch implements AutoCloseable {
    /** How a wait ended. */
    enum End {
        TIME_OVER,
        CLOSING,
        BACKEND_GONE
    }

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Connection connection;
    private final PreparedStatement backend;
    private final RehearsalClock clock;
    private final CountDownLatch closing;

    private BackendWatch(Connection connection, int pid, RehearsalClock clock, CountDownLatch closing)
            throws SQLException {
        this.connection = connection;
        this.clock = clock;
        this.closing = closing;
        this.backend = connection.prepareStatement("SELECT FROM pg_catalog.pg_stat_get_activity(?)");
        backend.setInt(1, pid);
    }

    static BackendWatch of(int pid, AdversaryGround ground, CountDownLatch closing) throws SQLException {
        return new BackendWatch(ground.superuser().open("pgrehearse adversary"), pid, ground.clock(), closing);
    }

    /** Waits for a time on the rehearsal's clock; an end of the backend is seen within some 100 ms. */
    End await(long untilNanos) throws SQLException, InterruptedException {
        for (long left = untilNanos - clock.nanos(); left > 0; left = untilNanos - clock.nanos()) {
            if (closing.await(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS)) {
                return End.CLOSING;
            }
            if (!isThere()) {
                return End.BACKEND_GONE;
            }
        }
        return closing.getCount() == 0 ? End.CLOSING : End.TIME_OVER;
    }

    private boolean isThere() throws SQLException {
        try (ResultSet rows = backend.executeQuery()) {
            return rows.next();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
