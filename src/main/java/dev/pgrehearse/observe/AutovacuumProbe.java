package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Autovacuum;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which tables autovacuum is at work, and since when: what its workers show in {@code pg_stat_activity}. The log tells
 * only when one has ended, or was cancelled. Used by one thread at a time.
 *
 * <p>Source of the wording: {@code autovac_report_activity} in {@code src/backend/postmaster/autovacuum.c}.
 */
final class AutovacuumProbe implements Probe {
    private static final String WORKERS = """
            SELECT pid, query, (extract(epoch FROM query_start) * 1000000)::bigint
              FROM pg_catalog.pg_stat_activity
             WHERE backend_type = 'autovacuum worker' AND datname = current_database() AND query_start IS NOT NULL
            """;

    private static final Pattern ACTIVITY =
            Pattern.compile("autovacuum: (VACUUM ANALYZE|VACUUM|ANALYZE) (.+?)(?: \\(to prevent wraparound\\))?");
    private static final Map<String, String> WHAT =
            Map.of("VACUUM ANALYZE", "vacuum and analyze", "VACUUM", "vacuum", "ANALYZE", "analyze");
    private static final String IN_PUBLIC = "public.";

    private record Work(int pid, long startMicros) {}

    private final RehearsalClock clock;
    private final ServerTime serverTime;
    private final FactSink facts;
    private final Parties parties;
    private final PreparedStatement workers;
    private final Map<Work, Fact.AutovacuumSeen> atWork = new HashMap<>();

    AutovacuumProbe(Connection connection, RehearsalClock clock, ServerTime serverTime, Parties parties, FactSink facts)
            throws SQLException {
        this.clock = clock;
        this.parties = parties;
        this.serverTime = serverTime;
        this.facts = facts;
        this.workers = connection.prepareStatement(WORKERS);
    }

    @Override
    public String name() {
        return "autovacuum";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(250);
    }

    /** Whether a worker was seen by whoever counts the sessions, or one is to be told of that has ended. */
    @Override
    public boolean isAtWork() {
        return parties.seesAutovacuum() || !atWork.isEmpty();
    }

    @Override
    public void sample() throws SQLException {
        Set<Work> now = new HashSet<>();
        long atNanos = clock.nanos();
        try (ResultSet rows = workers.executeQuery()) {
            while (rows.next()) {
                Matcher activity = ACTIVITY.matcher(rows.getString(2));
                if (!activity.matches()) {
                    continue;
                }
                Work work = new Work(rows.getInt(1), rows.getLong(3));
                now.add(work);
                String table = activity.group(2);
                atWork.put(
                        work,
                        new Fact.AutovacuumSeen(
                                work.pid(),
                                table.startsWith(IN_PUBLIC) ? table.substring(IN_PUBLIC.length()) : table,
                                WHAT.getOrDefault(activity.group(1), Autovacuum.UNKNOWN),
                                serverTime.nanosAt(work.startMicros()),
                                atNanos,
                                true));
            }
        }
        atWork.entrySet().removeIf(work -> {
            boolean gone = !now.contains(work.getKey());
            if (gone) {
                facts.add(work.getValue());
            }
            return gone;
        });
    }

    @Override
    public void finish() throws SQLException {
        sample();
        for (Fact.AutovacuumSeen work : atWork.values()) {
            facts.add(new Fact.AutovacuumSeen(
                    work.pid(), work.table(), work.what(), work.startNanos(), work.lastNanos(), false));
        }
        atWork.clear();
    }
}
