package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.StatementCounters;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What each run of a statement of the migration cost its own backend: WAL and blocks from {@code pg_stat_statements}, CPU,
 * disk traffic and memory from {@code /proc}.
 *
 * <p>Why not {@code pg_stat_get_backend_wal} of 18 (tried on 18.6): a backend hands its counters in only when it falls
 * idle outside a transaction, and not within a second of the last time, so a CREATE INDEX of half a second read 0 right
 * after its end, and one inside a transaction reads 0 until the commit; a forced flush would need a command in the
 * migration's session. {@code pg_stat_statements} has the figure when the statement's end is reported (6 098 147 bytes
 * there against 6 098 421 of the backend, commit record included), also within a transaction, with its parallel workers.
 *
 * <p>The entry is found by the query id that {@code pg_stat_activity} shows while the statement runs, or else, when it was
 * shorter than a look or PostgreSQL is 13, by its text. Only when exactly one call was added to the entry is the difference this run's own; otherwise, and for a run that
 * failed (the extension does not count those), it is null.
 */
final class StatementCosts implements Probe {
    /** The first version that shows query ids in its activity, and tells statements within functions apart. */
    private static final int FIRST_WITH_QUERY_IDS = 14;

    private static final String ACTIVITY = """
            SELECT {query_id}, usesysid::bigint, query, state, pid
              FROM pg_catalog.pg_stat_activity WHERE pid = ? OR leader_pid = ?
            """;

    /** From 18 on, a list of constants is one parameter and a comment. */
    private static final Pattern PARAMETER = Pattern.compile("\\$\\d+(?: /\\*, \\.\\.\\. \\*/)?");

    private static final String CONSTANT = "(?:[-+]?[0-9.][0-9A-Za-z_.+-]*|[A-Za-z&]{0,2}'(?:[^']|'')*'"
            + "|\\$\\w*\\$.*?\\$\\w*\\$|(?i:true|false|null))";
    private static final String CONSTANTS = CONSTANT + "(?:\\s*,\\s*" + CONSTANT + ")*";

    /** A longer text is compared as it is: with many constants to look for, matching would take long. */
    private static final int LONGEST_TEXT = 2_000;

    private static final String NO_EXTENSION =
            "Its blocks and WAL are not known: pg_stat_statements could not be read.";
    private static final String FAILED =
            "Its blocks and WAL are not known: pg_stat_statements counts only what ended without an error.";
    private static final String SEVERAL =
            "Its blocks and WAL are not known: it was sent as several statements, or others sent the same one meanwhile, so what"
                    + " pg_stat_statements counted is not its own alone.";

    private record EntryKey(long user, long queryId, boolean topLevel) {}

    private record Counters(
            long calls,
            long walBytes,
            long walRecords,
            long walFullPageImages,
            long hit,
            long read,
            long dirtied,
            long written,
            long temporaryRead,
            long temporaryWritten,
            @Nullable String query) {
        private static final Counters NONE = new Counters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null);
    }

    /** What the counters of one run's entry grew by. */
    private record Counted(long walBytes, StatementCounters counters) {}

    private static final class Run {
        private final int index;
        private final int attempt;
        private final int pid;
        private final String sql;
        private final BackendUse use;
        private @Nullable EntryKey entry;

        private Run(int index, int attempt, int pid, String sql, BackendUse use) {
            this.index = index;
            this.attempt = attempt;
            this.pid = pid;
            this.sql = sql;
            this.use = use;
        }
    }

    private final Connection connection;
    private final LinuxProcesses processes;
    private final FactSink facts;
    private final Doubts doubts;
    private final boolean queryIds;
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
        this.queryIds = connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_QUERY_IDS;
        this.activity =
                connection.prepareStatement(ACTIVITY.replace("{query_id}", queryIds ? "query_id" : "NULL::bigint"));
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
                    "The statements' own WAL and blocks are not known: the extension pg_stat_statements is not installed in this"
                            + " database.");
            return;
        }
        entriesQuery = "SELECT userid::bigint, queryid, " + (queryIds ? "toplevel" : "true")
                + ", calls, wal_bytes::bigint, wal_records, wal_fpi,"
                + " shared_blks_hit, shared_blks_read, shared_blks_dirtied, shared_blks_written,"
                + " temp_blks_read, temp_blks_written, query FROM "
                + Quoted.identifier(schema)
                + ".pg_stat_statements(?) WHERE queryid IS NOT NULL AND dbid ="
                + " (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())";
        try {
            refresh();
        } catch (SQLException e) {
            entriesQuery = null;
            doubts.raise(
                    "wal-not-measured",
                    "The statements' own WAL and blocks are not known: pg_stat_statements cannot be read ("
                            + e.getMessage() + "). It must be in shared_preload_libraries.");
        }
    }

    @Override
    public boolean isAtWork() {
        return !running.isEmpty();
    }

    /** Looks which query id the statements under way have, who works for them, and how much memory that takes. */
    @Override
    public void sample() throws SQLException {
        for (Run run : running.values()) {
            look(run);
        }
    }

    /** Reads the counters of statements before the next one runs. */
    void refresh() throws SQLException {
        before = entries(false);
    }

    /** A statement is about to be sent. Cheap; the thread that sends it. */
    void started(int index, int attempt, int pid, String sql) {
        running.put(pid, new Run(index, attempt, pid, withoutEnd(sql), new BackendUse(processes, pid)));
    }

    /**
     * A statement has ended; the returned task reads and writes what it cost. Cheap; the thread that sent it.
     *
     * @param failed whether it ended by an error
     */
    ProbeLoop.@Nullable Task ended(int index, int attempt, int pid, boolean failed) {
        Run run = running.remove(pid);
        if (run == null || run.index != index || run.attempt != attempt) {
            return null;
        }
        BackendUse.Used used = run.use.ended();
        return () -> {
            Double cpuMs = used.cpuMs();
            if (cpuMs != null) {
                migrationCpuMs = (migrationCpuMs == null ? 0 : migrationCpuMs) + cpuMs;
            }
            Counted counted = null;
            try {
                counted = counted(run);
            } finally {
                facts.add(new Fact.StatementCost(
                        run.index, run.attempt, counted == null ? null : (Long) counted.walBytes(), cpuMs));
                facts.add(new Fact.StatementUse(
                        run.index,
                        run.attempt,
                        counted == null ? null : counted.counters(),
                        used.readBytes(),
                        used.writtenBytes(),
                        used.memoryPeakBytes(),
                        counted != null ? null : entriesQuery == null ? NO_EXTENSION : failed ? FAILED : SEVERAL));
            }
        };
    }

    /** The CPU of all runs so far; null when none could be measured. After the loop's end. */
    @Nullable
    Double migrationCpuMs() {
        return migrationCpuMs;
    }

    private void look(Run run) throws SQLException {
        activity.setInt(1, run.pid);
        activity.setInt(2, run.pid);
        List<Integer> workers = new ArrayList<>();
        try (ResultSet rows = activity.executeQuery()) {
            while (rows.next()) {
                if (rows.getInt(5) != run.pid) {
                    workers.add(rows.getInt(5));
                } else if (run.entry == null) {
                    identify(run, rows);
                }
            }
        }
        run.use.look(workers);
    }

    private static void identify(Run run, ResultSet row) throws SQLException {
        long queryId = row.getLong(1);
        boolean known = !row.wasNull();
        String query = row.getString(3);
        // The view cuts long texts off; the session may also be at the BEGIN before, or at what comes after.
        boolean same = query != null && !query.isBlank() && run.sql.startsWith(withoutEnd(query));
        if (known && same && "active".equals(row.getString(4))) {
            run.entry = new EntryKey(row.getLong(2), queryId, true);
        }
    }

    private @Nullable Counted counted(Run run) throws SQLException {
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
        List<Counted> differences = new ArrayList<>();
        after.forEach((key, counters) -> {
            Counted difference = difference(earlier.get(key), counters);
            if (difference != null && key.topLevel() && isTextOf(run.sql, counters.query())) {
                differences.add(difference);
            }
        });
        return differences.size() == 1 ? differences.get(0) : null;
    }

    /** Whether the extension's text is that of a statement: it has {@code $1} and so on where that has constants. */
    static boolean isTextOf(String sql, @Nullable String text) {
        if (text == null || sql.length() > LONGEST_TEXT) {
            return withoutEnd(text == null ? "" : text).equals(sql);
        }
        String pattern = Arrays.stream(PARAMETER.split(withoutEnd(text), -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(CONSTANTS));
        return Pattern.compile(pattern, Pattern.DOTALL).matcher(sql).matches();
    }

    private static @Nullable Counted difference(@Nullable Counters earlier, @Nullable Counters after) {
        if (after == null) {
            return null;
        }
        Counters start = earlier == null ? Counters.NONE : earlier;
        if (after.calls() - start.calls() != 1) {
            return null;
        }
        return new Counted(
                after.walBytes() - start.walBytes(),
                new StatementCounters(
                        after.walRecords() - start.walRecords(),
                        after.walFullPageImages() - start.walFullPageImages(),
                        after.hit() - start.hit(),
                        after.read() - start.read(),
                        after.dirtied() - start.dirtied(),
                        after.written() - start.written(),
                        after.temporaryRead() - start.temporaryRead(),
                        after.temporaryWritten() - start.temporaryWritten()));
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
                            new Counters(
                                    rows.getLong(4),
                                    rows.getLong(5),
                                    rows.getLong(6),
                                    rows.getLong(7),
                                    rows.getLong(8),
                                    rows.getLong(9),
                                    rows.getLong(10),
                                    rows.getLong(11),
                                    rows.getLong(12),
                                    rows.getLong(13),
                                    rows.getString(14)));
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
