package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

/** Reads the server's clock: of a few round trips the shortest counts. */
final class ClockProbe implements Probe {
    private static final int TRIES = 3;
    private static final int FIRST_TRIES = 15;
    /** A wait's start is converted with this reading: beyond 5 ms the figures are worth less than they say. */
    private static final double DOUBTFUL_MS = 5;

    private final RehearsalClock clock;
    private final ServerTime serverTime;
    private final FactSink facts;
    private final Doubts doubts;
    private final PreparedStatement now;
    private double worstUsedMs;

    ClockProbe(Connection connection, RehearsalClock clock, ServerTime serverTime, FactSink facts, Doubts doubts)
            throws SQLException {
        this.clock = clock;
        this.serverTime = serverTime;
        this.facts = facts;
        this.doubts = doubts;
        this.now = connection.prepareStatement(
                "SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint");
    }

    @Override
    public String name() {
        return "server clock";
    }

    @Override
    public Duration period() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void prepare() throws SQLException {
        best(FIRST_TRIES);
        take(best(FIRST_TRIES));
    }

    @Override
    public void sample() throws SQLException {
        take(best(TRIES));
    }

    @Override
    public void finish() {
        if (worstUsedMs > DOUBTFUL_MS) {
            doubts.raise(
                    "clock-uncertain",
                    String.format(
                            Locale.ROOT,
                            "The server's clock was known to ± %.1f ms at worst: starts and ends of lock waits may be off"
                                    + " by as much against the requests.",
                            worstUsedMs));
        }
    }

    private void take(ServerTime.Reading reading) {
        ServerTime.Reading before = serverTime.best();
        if (serverTime.add(reading)) {
            doubts.raise(
                    "clock-stepped",
                    String.format(
                            Locale.ROOT,
                            "The server's clock moved against ours by %.1f ms at %s: lock waits around that moment are"
                                    + " off by as much.",
                            (reading.offsetNanos() - before.offsetNanos()) / 1e6,
                            doubts.when(reading.atNanos())));
        }
        worstUsedMs = Math.max(worstUsedMs, serverTime.best().uncertaintyMs());
        facts.add(new Fact.ClockRead(reading.atNanos(), reading.offsetMs(), reading.uncertaintyMs()));
    }

    private ServerTime.Reading best(int tries) throws SQLException {
        ServerTime.Reading best = read();
        for (int i = 1; i < tries; i++) {
            ServerTime.Reading reading = read();
            if (reading.uncertaintyNanos() < best.uncertaintyNanos()) {
                best = reading;
            }
        }
        return best;
    }

    private ServerTime.Reading read() throws SQLException {
        long before = clock.nanos();
        try (ResultSet rows = now.executeQuery()) {
            long after = clock.nanos();
            rows.next();
            return serverTime.reading(rows.getLong(1), before, after);
        }
    }
}
