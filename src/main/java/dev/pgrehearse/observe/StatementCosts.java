package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What each run of a statement of the migration cost its own backend: WAL from {@code pg_stat_statements}, CPU from
 * {@code /proc}.
 *
 * <p>Why not {@code pg_stat_get_backend_wal} of 18 (tried on 18.6): a backend hands its counters in only when it falls
 * idle outside a transaction, and not within a second of the last time, so a CREATE INDEX of half a second read 0 right
 * after its end, and one inside a transaction reads 0 until the commit; a forced flush would need a command in the
 * migration's session. {@code pg_stat_statements} has the figure when the statement's end is reported (6 098 147 bytes
 * there against 6 098 421 of the backend, commit record included), also within a transaction, with its parallel workers.
 *
 * <p>The entry is found by the query id that {@code pg_stat_activity} shows while the statement runs, or else by its
 * text. Only when exactly one call was added to the entry is the difference this run's own; otherwise, and for a run that
 * failed (the extension does not count those), it is null.
 */
final class StatementCosts implements Probe {
    private static final String ACTIVITY = """
            SELECT query_id, usesysid::bigint, query, state
              FROM pg_catalog.pg_stat_activity WHERE pid = ?
            """;

    private record EntryKey(long user, long queryId, boolean topLevel) {}

    private record Counters(
            long calls, long walBytes, @Nullable String query) {}

    private static final class Run {
        private final int index;
        private final int attempt;
        private final int pid;
        private final String sql;
        private final OptionalLong cpuNanos;
        private @Nullable EntryKey entry;

        private Run(int index, int attempt, int pid, String sql, OptionalLong cpuNanos) {
            this.index = index;
            this.attempt = attempt;
            this.pid = pid;
            this.sql = sql;
            this.cpuNanos = cpuNanos;
        }
    }

    private final Connection connection;
    private final LinuxProcesses processes;
    private final FactSink facts;
    private final Doubts doubts;
    private final PreparedStatement activity;
    private final Map<Integer, Run> running = new ConcurrentHashMap<>();
    private @Nullable String entriesQuery;
    private Map<EntryKey, Counters> before = Map.of();
    private @Nullable Double migrationCpuMs;

    StatementCosts(Connection connection, LinuxProcesses processes, FactSink facts, Doubts doubts) throws SQLException {
        this.connection = connection;
        this.processes = processes;
        this.facts = facts;
        this.doubts = doubts;
        this.activity = connection.prepareStatement(ACTIVITY);
    }

    @Override
    public String name() {
        return "statement costs";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(50);
    }

    @Override
    public void prepare() throws SQLException {
        String schema = extensionSchema();
        if (schema == null) {
            doubts.raise(
                    "wal-not-measured",
                    "The statements' own WAL is not known: the extension pg_stat_statements is not installed in this"
                            + " database.");
            return;
        }
        entriesQuery = "SELECT userid::bigint, queryid, toplevel, calls, wal_bytes::bigint, query FROM "
                + Quoted.identifier(schema)
                + ".pg_stat_statements(?) WHERE queryid IS NOT NULL AND dbid ="
                + " (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())";
        try {
            refresh();
        } catch (SQLException e) {
            entriesQuery = null;
            doubts.raise(
                    "wal-not-measured",
                    "The statements' own WAL is not known: pg_stat_statements cannot be read (" + e.getMessage()
                            + "). It must be in shared_preload_libraries.");
        }
    }

    /** Looks which query id the statements under way have. */
    @Override
    public void sample() throws SQLException {
        if (entriesQuery == null) {
            return;
        }
        for (Run run : running.values()) {
            if (run.entry == null) {
                identify(run);
            }
        }
    }

    /** Reads the counters of statements before the next one runs. */
    void refresh() throws SQLException {
        before = entries(false);
    }

    /** A statement is about to be sent. Cheap; the thread that sends it. */
    void started(int index, int attempt, int pid, String sql) {
        running.put(pid, new Run(index, attempt, pid, withoutEnd(sql), processes.backendNanos(pid)));
    }

    /** A statement has ended; the returned task reads and writes what it cost. Cheap; the thread that sent it. */
    ProbeLoop.@Nullable Task ended(int index, int attempt, int pid) {
        Run run = running.remove(pid);
        if (run == null || run.index != index || run.attempt != attempt) {
            return null;
        }
        OptionalLong cpuNanos = processes.backendNanos(pid);
        Double cpuMs = run.cpuNanos.isPresent() && cpuNanos.isPresent()
                ? (Double) ((cpuNanos.getAsLong() - run.cpuNanos.getAsLong()) / 1e6)
                : null;
        return () -> {
            if (cpuMs != null) {
                migrationCpuMs = (migrationCpuMs == null ? 0 : migrationCpuMs) + cpuMs;
            }
            Long walBytes = null;
            try {
                walBytes = walOf(run);
            } finally {
                facts.add(new Fact.StatementCost(run.index, run.attempt, walBytes, cpuMs));
            }
        };
    }

    /** The CPU of all runs so far; null when none could be measured. After the loop's end. */
    @Nullable
    Double migrationCpuMs() {
        return migrationCpuMs;
    }

    private void identify(Run run) throws SQLException {
        activity.setInt(1, run.pid);
        try (ResultSet rows = activity.executeQuery()) {
            if (!rows.next()) {
                return;
            }
            long queryId = rows.getLong(1);
            boolean known = !rows.wasNull();
            long user = rows.getLong(2);
            String query = rows.getString(3);
            // The view cuts long texts off; the session may also be at the BEGIN before, or at what comes after.
            boolean same = query != null && !query.isBlank() && run.sql.startsWith(withoutEnd(query));
            if (known && same && "active".equals(rows.getString(4))) {
                run.entry = new EntryKey(user, queryId, true);
            }
        }
    }

    private @Nullable Long walOf(Run run) throws SQLException {
        if (entriesQuery == null) {
            return null;
        }
        EntryKey entry = run.entry;
        Map<EntryKey, Counters> after = entries(entry == null);
        Map<EntryKey, Counters> earlier = before;
        before = after;
        if (entry != null) {
            return difference(earlier.get(entry), after.get(entry));
        }
        List<Long> differences = new ArrayList<>();
        after.forEach((key, counters) -> {
            if (key.topLevel()
                    && counters.query() != null
                    && withoutEnd(counters.query()).equals(run.sql)) {
                Long difference = difference(earlier.get(key), counters);
                if (difference != null) {
                    differences.add(difference);
                }
            }
        });
        return differences.size() == 1 ? differences.get(0) : null;
    }

    private static @Nullable Long difference(@Nullable Counters earlier, @Nullable Counters after) {
        if (after == null) {
            return null;
        }
        long calls = after.calls() - (earlier == null ? 0 : earlier.calls());
        return calls == 1 ? (Long) (after.walBytes() - (earlier == null ? 0 : earlier.walBytes())) : null;
    }

    private Map<EntryKey, Counters> entries(boolean withText) throws SQLException {
        Map<EntryKey, Counters> entries = new HashMap<>();
        if (entriesQuery == null) {
            return entries;
        }
        try (PreparedStatement statement = connection.prepareStatement(entriesQuery)) {
            statement.setBoolean(1, withText);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    entries.put(
                            new EntryKey(rows.getLong(1), rows.getLong(2), rows.getBoolean(3)),
                            new Counters(rows.getLong(4), rows.getLong(5), rows.getString(6)));
                }
            }
        }
        return entries;
    }

    private @Nullable String extensionSchema() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n"
                                + " ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'");
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static String withoutEnd(String sql) {
        String stripped = sql.strip();
        return stripped.endsWith(";")
                ? stripped.substring(0, stripped.length() - 1).strip()
                : stripped;
    }
}
