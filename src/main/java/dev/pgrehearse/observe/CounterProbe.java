package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What the server counts by itself, read when a phase begins and when the load has ended: WAL written, checkpoints. When each
 * checkpoint was, and why, its log tells; that they were is known also without one. Used by one thread at a time.
 */
final class CounterProbe {
    private static final int FIRST_WITH_CHECKPOINTER_VIEW = 17;

    private static final String WAL =
            "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint, ";
    private static final String CHECKPOINTER =
            "num_timed, num_requested, buffers_written FROM pg_catalog.pg_stat_checkpointer";
    private static final String BACKGROUND_WRITER =
            "checkpoints_timed, checkpoints_req, buffers_checkpoint FROM pg_catalog.pg_stat_bgwriter";

    private final Connection connection;
    private final RehearsalClock clock;
    private final FactSink facts;
    private @Nullable PreparedStatement counters;

    CounterProbe(Connection connection, RehearsalClock clock, FactSink facts) {
        this.connection = connection;
        this.clock = clock;
        this.facts = facts;
    }

    /** Reads now. */
    void read(String moment) throws SQLException {
        PreparedStatement statement = counters;
        if (statement == null) {
            statement = connection.prepareStatement(WAL
                    + (connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_CHECKPOINTER_VIEW
                            ? CHECKPOINTER
                            : BACKGROUND_WRITER));
            counters = statement;
        }
        long atNanos = clock.nanos();
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            facts.add(new Fact.ServerCounted(
                    moment, atNanos, row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
        }
    }
}
