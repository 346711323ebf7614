package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.StandbyFacts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How far the standby's replay is behind, and how many reads it cancelled.
 *
 * <p>The primary is asked what it has written, then the standby what it has replayed: {@code pg_stat_replication} on the
 * primary knows the latter only from the standby's messages, which tell of replay alone every 10 s at worst
 * ({@code wal_receiver_status_interval}).
 */
final class StandbyLagProbe implements Probe {
    private static final long SESSIONS_END_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(50).toNanos();

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Doubts doubts;
    private final PreparedStatement written;
    private final PreparedStatement replayed;
    private final PreparedStatement conflicts;
    private final PreparedStatement sessions;
    private final ReplayLag lag = new ReplayLag();
    private Map<String, Long> conflictsBefore = Map.of();
    private volatile long lagNanos;

    StandbyLagProbe(Connection primary, Connection standby, RehearsalClock clock, FactSink facts, Doubts doubts)
            throws SQLException {
        this.clock = clock;
        this.facts = facts;
        this.doubts = doubts;
        this.written = primary.prepareStatement(
                "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::bigint");
        this.replayed = standby.prepareStatement(
                "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0')::bigint,"
                        + " EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver)");
        this.conflicts = standby.prepareStatement(
                "SELECT * FROM pg_catalog.pg_stat_database_conflicts WHERE datname = pg_catalog.current_database()");
        this.sessions = standby.prepareStatement("SELECT count(*) FROM pg_catalog.pg_stat_activity"
                + " WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()");
    }

    @Override
    public String name() {
        return "the standby's lag";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(100);
    }

    @Override
    public void prepare() throws SQLException {
        conflictsBefore = readConflicts();
        sample();
    }

    @Override
    public void sample() throws SQLException {
        long bytesWritten;
        try (ResultSet row = written.executeQuery()) {
            row.next();
            bytesWritten = row.getLong(1);
        }
        long atNanos = clock.nanos();
        lag.written(atNanos, bytesWritten);
        try (ResultSet row = replayed.executeQuery()) {
            row.next();
            long bytesReplayed = row.getLong(1);
            lagNanos = lag.nanosAt(atNanos, bytesReplayed);
            facts.add(new Fact.Sampled(StandbyFacts.LAG_MS, atNanos, lagNanos / 1e6));
            // What was replayed may have been written after the primary was asked: then nothing was behind.
            facts.add(new Fact.Sampled(StandbyFacts.LAG_BYTES, atNanos, Math.max(0, bytesWritten - bytesReplayed)));
            if (!row.getBoolean(2)) {
                doubts.raise(
                        "standby-not-streaming",
                        "The standby received no WAL at " + doubts.when(atNanos)
                                + ", and maybe longer: its connection to the"
                                + " primary was lost. Its lag is then the connection's, not that of replay.");
            }
        }
    }

    /** Whether replay is so far behind now that it is called so. Any thread may ask. */
    boolean isBehind() {
        return lagNanos > StandbyFacts.BEHIND_MS * 1e6;
    }

    /** The reads that replay has cancelled, by cause. After the load's sessions were closed: they tell when they end. */
    void tellConflicts() throws SQLException {
        long until = clock.nanos() + SESSIONS_END_NANOS;
        long left = sessionsLeft();
        while (left > 0 && clock.nanos() < until) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            left = sessionsLeft();
        }
        if (left > 0) {
            doubts.raise(
                    "standby-conflicts-late",
                    left + " sessions of the standby had not ended "
                            + TimeUnit.NANOSECONDS.toSeconds(SESSIONS_END_NANOS)
                            + " s after the load: reads of theirs that replay cancelled last may be missing by cause.");
        }
        Map<String, Long> since = new LinkedHashMap<>();
        readConflicts().forEach((cause, count) -> since.put(cause, count - conflictsBefore.getOrDefault(cause, 0L)));
        facts.add(new Fact.StandbyConflicts(since));
    }

    private long sessionsLeft() throws SQLException {
        try (ResultSet row = sessions.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** By cause, as the view's columns name it: {@code lock}, {@code snapshot}, … */
    private Map<String, Long> readConflicts() throws SQLException {
        Map<String, Long> counts = new LinkedHashMap<>();
        try (ResultSet row = conflicts.executeQuery()) {
            ResultSetMetaData columns = row.getMetaData();
            row.next();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                String name = columns.getColumnName(i);
                if (name.startsWith("confl_")) {
                    counts.put(name.substring("confl_".length()), row.getLong(i));
                }
            }
        }
        return counts;
    }
}
