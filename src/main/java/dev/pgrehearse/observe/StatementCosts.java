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
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
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
 * failed (the extension does not count those), it is null. Batches of a back-fill are found by their texts, and are its own when as many
 * calls were added as batches ended.
 */
final class StatementCosts implements Probe {
    /** The first version of PostgreSQL that shows query ids in its activity. */
    private static final int FIRST_WITH_QUERY_IDS = 14;

    /** The first versions 1.x of the extension that count WAL, and tell statements within functions apart. */
    private static final int FIRST_WITH_WAL = 8;

    private static final int FIRST_WITH_TOP_LEVEL = 9;

    /** From one look to the next while a statement is young. */
    private static final Duration YOUNG = Duration.ofMillis(50);

    private static final String ACTIVITY = """
            SELECT {query_id}, usesysid::bigint, query, state, pid
              FROM pg_catalog.pg_stat_activity WHERE pid = ? OR leader_pid = ?
            """;

    /** From 18 on, a list of constants is one parameter and a comment. */
    private static final Pattern PARAMETER = Pattern.compile("\\$\\d+(?: /\\*, \\.\\.\\. \\*/)?");

    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

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
            "Its blocks and WAL are not known: it was sent as several statements, others sent the same one meanwhile, or its text is"
                    + " too long to be found: what pg_stat_statements counted for it alone cannot be told.";

    private static final String BATCHES_FAILED =
            "Its blocks and WAL are those of batches that ended without an error: pg_stat_statements does not count others.";

    /** As it was made in the database, or last updated there: with a cluster that came by pg_upgrade it is older than the server. */
    private record Extension(String schema, String version) {
        boolean has(int minor) {
            Matcher numbers = VERSION.matcher(version);
            return !numbers.matches()
                    || Integer.parseInt(numbers.group(1)) > 1
                    || Integer.parseInt(numbers.group(2)) >= minor;
        }
    }

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

    /**
     * What the counters of entries grew by.
     *
     * @param calls at least one
     */
    private record Counted(long calls, long walBytes, StatementCounters counters) {
        Counted and(Counted other) {
            return new Counted(calls + other.calls, walBytes + other.walBytes, counters.and(other.counters));
        }
    }

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
    private final StatementAge age;
    private final FactSink facts;
    private final Doubts doubts;
    private final boolean queryIds;
    private final PreparedStatement activity;
    private final Map<Integer, Run> running = new ConcurrentHashMap<>();
    private @Nullable String entriesQuery;
    /** What entries had counted before the statement that is next to be looked for in them. */
    private Map<EntryKey, Counters> before = new HashMap<>();

    private final AtomicLong begun = new AtomicLong();
    private @Nullable Double migrationCpuMs;

    StatementCosts(Connection connection, LinuxProcesses processes, StatementAge age, FactSink facts, Doubts doubts)
            throws SQLException {
        this.connection = connection;
        this.processes = processes;
        this.age = age;
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
        // A worker is known as it was when it was seen last, and an index of each of a thousand partitions has its own.
        return running.values().stream().anyMatch(run -> run.use.hadWorkers()) ? YOUNG : age.period(YOUNG);
    }

    @Override
    public void prepare() throws SQLException {
        Extension extension = extension().orElse(null);
        if (extension == null) {
            doubts.raise(
                    "wal-not-measured",
                    "The statements' own WAL and blocks are not known: the extension pg_stat_statements is not installed in this"
                            + " database.");
            return;
        }
        if (!extension.has(FIRST_WITH_WAL)) {
            doubts.raise(
                    "wal-not-measured",
                    "The statements' own WAL and blocks are not known: the extension pg_stat_statements of this database is version "
                            + extension.version()
                            + ", which counts no WAL. ALTER EXTENSION pg_stat_statements UPDATE brings it up to the server's.");
            return;
        }
        entriesQuery = "SELECT userid::bigint, queryid, "
                + (extension.has(FIRST_WITH_TOP_LEVEL) ? "toplevel" : "true")
                + ", calls, wal_bytes::bigint, wal_records, wal_fpi,"
                + " shared_blks_hit, shared_blks_read, shared_blks_dirtied, shared_blks_written,"
                + " temp_blks_read, temp_blks_written, query FROM "
                + Quoted.identifier(extension.schema())
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

    /** Reads the counters of statements before the first one runs; when one has begun meanwhile, they are as they were. */
    void refresh() throws SQLException {
        Map<EntryKey, Counters> now = entries(false);
        if (begun.get() == 0) {
            before = now;
        }
    }

    /** A statement is about to be sent. Cheap; the thread that sends it. */
    void started(int index, int attempt, int pid, String sql) {
        begun.incrementAndGet();
        running.put(pid, new Run(index, attempt, pid, withoutEnd(sql), new BackendUse(processes, pid)));
    }

    /**
     * A statement has ended; the returned task reads and writes what it cost. Cheap; the thread that sent it.
     *
     */
    ProbeLoop.@Nullable Task ended(int index, int attempt, int pid, Sent sent) {
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
                counted = counted(run, sent);
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
                        unknown(counted, sent)));
            }
        };
    }

    private @Nullable String unknown(@Nullable Counted counted, Sent sent) {
        if (counted != null) {
            return sent.failed() > 0 ? BATCHES_FAILED : null;
        }
        return entriesQuery == null ? NO_EXTENSION : sent.ended() == 0 ? FAILED : SEVERAL;
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

    private @Nullable Counted counted(Run run, Sent sent) throws SQLException {
        if (entriesQuery == null) {
            return null;
        }
        EntryKey entry = sent.batches().isEmpty() ? run.entry : null;
        Map<EntryKey, Counters> after = entries(entry == null);
        List<EntryKey> its = new ArrayList<>();
        if (entry != null) {
            its.add(entry);
        } else {
            List<String> texts = sent.batches().isEmpty()
                    ? List.of(run.sql)
                    : sent.batches().stream().map(StatementCosts::withoutEnd).toList();
            after.forEach((key, counters) -> {
                if (key.topLevel()
                        && difference(before.get(key), counters).isPresent()
                        && texts.stream().anyMatch(text -> isTextOf(text, counters.query()))) {
                    its.add(key);
                }
            });
        }
        Optional<Counted> grown = its.stream()
                .flatMap(key -> difference(before.get(key), after.get(key)).stream())
                .reduce(Counted::and);
        // Only its own: others may be those of the next statement, which may have ended already.
        its.forEach(key -> before.put(key, after.getOrDefault(key, Counters.NONE)));
        return grown.filter(counted -> counted.calls() == sent.ended()).orElse(null);
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

    private static Optional<Counted> difference(@Nullable Counters earlier, @Nullable Counters after) {
        Counters start = earlier == null ? Counters.NONE : earlier;
        if (after == null || after.calls() <= start.calls()) {
            return Optional.empty();
        }
        return Optional.of(new Counted(
                after.calls() - start.calls(),
                after.walBytes() - start.walBytes(),
                new StatementCounters(
                        after.walRecords() - start.walRecords(),
                        after.walFullPageImages() - start.walFullPageImages(),
                        after.hit() - start.hit(),
                        after.read() - start.read(),
                        after.dirtied() - start.dirtied(),
                        after.written() - start.written(),
                        after.temporaryRead() - start.temporaryRead(),
                        after.temporaryWritten() - start.temporaryWritten())));
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

    private Optional<Extension> extension() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT n.nspname, e.extversion FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n"
                                + " ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'");
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(new Extension(rows.getString(1), rows.getString(2))) : Optional.empty();
        }
    }

    private static String withoutEnd(String sql) {
        String stripped = sql.strip();
        return stripped.endsWith(";")
                ? stripped.substring(0, stripped.length() - 1).strip()
                : stripped;
    }
}
