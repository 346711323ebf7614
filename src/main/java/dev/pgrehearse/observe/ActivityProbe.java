package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
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

/** Counts client connections, all of them, the observer's own too; and learns which processes are the server's own. */
final class ActivityProbe implements Probe {
    /** The view's own function, asked once: the view would look up database and role of each session, too. */
    private static final String ACTIVITY = """
            WITH activity AS MATERIALIZED (
                SELECT pid, leader_pid, backend_type, application_name
                  FROM pg_catalog.pg_stat_get_activity(NULL)
                 WHERE backend_type IN ('client backend', 'autovacuum worker', 'parallel worker'))
            SELECT 0, NULL::integer, count(*)::integer
              FROM activity WHERE backend_type = 'client backend'
            UNION ALL
            SELECT pid, leader_pid, NULL::integer
              FROM activity WHERE backend_type <> 'client backend'
            UNION ALL
            SELECT pid, NULL::integer, 1
              FROM activity WHERE backend_type = 'client backend' AND application_name LIKE 'pgrehearse app-%'
            """;

    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Parties parties;
    private final PreparedStatement activity;
    private int before = -1;
    private long writtenNanos;
    private volatile int peak;

    ActivityProbe(Connection connection, RehearsalClock clock, FactSink facts, Parties parties) throws SQLException {
        this.clock = clock;
        this.facts = facts;
        this.parties = parties;
        this.activity = connection.prepareStatement(ACTIVITY);
    }

    @Override
    public String name() {
        return "connections";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(200);
    }

    @Override
    public void sample() throws SQLException {
        Set<Integer> autovacuum = new HashSet<>();
        Map<Integer, Integer> leaders = new HashMap<>();
        Set<Integer> pooled = new HashSet<>();
        int connections = 0;
        long atNanos = clock.nanos();
        try (ResultSet rows = activity.executeQuery()) {
            while (rows.next()) {
                int pid = rows.getInt(1);
                int leader = rows.getInt(2);
                if (pid == 0) {
                    connections = rows.getInt(3);
                } else if (rows.getInt(3) == 1) {
                    pooled.add(pid);
                } else if (leader == 0) {
                    autovacuum.add(pid);
                } else {
                    leaders.put(pid, leader);
                }
            }
        }
        parties.serverProcesses(autovacuum, leaders, pooled);
        peak = Math.max(peak, connections);
        if (connections != before || atNanos - writtenNanos >= HEARTBEAT_NANOS) {
            facts.add(new Fact.Sampled("connections", atNanos, connections));
            before = connections;
            writtenNanos = atNanos;
        }
    }

    /** The most client connections that were seen at once. */
    int peak() {
        return peak;
    }
}
