package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How much WAL the whole server writes. What a statement wrote itself is told by {@link StatementCosts}. */
final class WalProbe implements Probe {
    private final RehearsalClock clock;
    private final FactSink facts;
    private final PreparedStatement position;
    private long before = -1;
    private long baseline = -1;
    private long last = -1;

    WalProbe(Connection connection, RehearsalClock clock, FactSink facts) throws SQLException {
        this.clock = clock;
        this.facts = facts;
        this.position = connection.prepareStatement(
                "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint");
    }

    @Override
    public String name() {
        return "WAL";
    }

    @Override
    public Duration period() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void prepare() throws SQLException {
        before = read();
    }

    @Override
    public void sample() throws SQLException {
        long now = read();
        facts.add(new Fact.Sampled("walBytes", clock.nanos(), now - before));
        before = now;
    }

    @Override
    public void finish() throws SQLException {
        sample();
    }

    void baselineBegan() throws SQLException {
        baseline = read();
    }

    /** From the baseline's start to the last reading; null when there was no baseline. */
    @Nullable
    Long sinceBaseline() {
        return baseline < 0 ? null : last - baseline;
    }

    private long read() throws SQLException {
        try (ResultSet rows = position.executeQuery()) {
            rows.next();
            last = rows.getLong(1);
            return last;
        }
    }
}
