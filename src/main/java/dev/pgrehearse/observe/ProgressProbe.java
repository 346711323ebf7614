package dev.pgrehearse.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far the migration's statement has come: from the views {@code pg_stat_progress_*}, which read shared memory alone;
 * where none tells, as of a rewrite by ALTER TABLE, from the size of the files that are new in the data directory, since a
 * relation file that is not committed is in no catalogue; of a back-fill from what its batches have changed.
 *
 * <p>VALIDATE, SET NOT NULL and other scans have no view, and the server does not tell what a session reads before it falls
 * idle; what {@code /proc} counts leaves out what was cached and, from 18 on, what I/O workers read. So of them nothing is
 * told.
 */
final class ProgressProbe implements Probe {
    static final String WRITING_THE_HEAP = "writing the new heap";
    static final String BEYOND_THE_HEAP = "writing new files beyond the old heap's size: its indexes, as a rule";

    /** From one look to the next while a statement is young. */
    private static final Duration YOUNG = Duration.ofMillis(100);

    private static final long WRITE_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    /** What an ALTER TABLE is likely to rewrite: the largest relation that it has for itself, as the catalogue knows its size. */
    private static final String LOCKED = "SELECT " + RelationName.NAME + ","
            + " (c.relpages::bigint + coalesce(t.relpages, 0)) * current_setting('block_size')::bigint,"
            + " (SELECT coalesce(sum(x.relpages), 0) FROM pg_catalog.pg_index ix JOIN pg_catalog.pg_class x"
            + " ON x.oid = ix.indexrelid WHERE ix.indrelid = c.oid)::bigint * current_setting('block_size')::bigint"
            + RelationName.FROM
            + " JOIN pg_catalog.pg_locks l ON l.relation = c.oid"
            + " LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid"
            + " WHERE l.pid = ? AND l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock'"
            + " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
            + " AND c.relkind IN ('r', 'm') ORDER BY c.relpages DESC LIMIT 1";

    /** Those of open transactions are missing here, which is the point. Takes no lock on any relation. */
    private static final String COMMITTED = "SELECT pg_catalog.pg_relation_filepath(c.oid) FROM pg_catalog.pg_class c"
            + " WHERE c.relkind IN ('r', 'm', 'i', 't', 'S') AND c.relpersistence <> 't'";

    /** A temporary table's file, {@code base/16384/t3_24601}. */
    private static final String TEMPORARY = "/t";

    /** The files of the database, as they were a moment ago. */
    @FunctionalInterface
    interface Look {
        /** Null when they cannot be looked at. */
        DataFiles.@Nullable Reading look() throws SQLException;
    }

    private record Run(int index, int attempt, int pid) {}

    private record Rows(
            int index,
            int attempt,
            String table,
            long rows,
            @Nullable Long total) {}

    /** What the files told of a statement: the same as long as they are the same. */
    private record Told(
            Run run, DataFiles.Reading files, @Nullable ProgressReading reading) {}

    /** What was seen last of the statement that runs. */
    private static final class Seen {
        private final Run run;
        private final ProgressReading first;
        private final long sinceNanos;
        private ProgressReading last;
        private long lastNanos;
        private long writtenNanos;
        private long writtenDone;

        private Seen(Run run, ProgressReading reading, long atNanos) {
            this.run = run;
            this.first = reading;
            this.sinceNanos = atNanos;
            this.last = reading;
            this.lastNanos = atNanos;
        }
    }

    private final RehearsalClock clock;
    private final StatementAge age;
    private final FactSink facts;
    private final ObjectMapper json = new ObjectMapper();
    private final List<ProgressReading.View> told;
    private final PreparedStatement views;
    private final PreparedStatement locked;
    private final PreparedStatement committed;
    private final Look files;
    private final AtomicReference<@Nullable Run> running = new AtomicReference<>();
    private final AtomicReference<@Nullable Rows> rows = new AtomicReference<>();
    /** Files that were there before the statement, or at least are none of its own. */
    private Set<String> known = Set.of();
    /** Those of the last look, which are known when the next statement begins. */
    private Set<String> looked = Set.of();

    private @Nullable Told ofFiles;
    private @Nullable Seen seen;
    private volatile @Nullable StatementAdvance now;

    ProgressProbe(Connection connection, RehearsalClock clock, StatementAge age, FactSink facts, Look files)
            throws SQLException {
        this.clock = clock;
        this.age = age;
        this.facts = facts;
        this.files = files;
        this.told = ProgressReading.View.of(connection.getMetaData().getDatabaseMajorVersion())
                .toList();
        this.views = connection.prepareStatement(
                told.stream().map(ProgressProbe::rowOf).collect(Collectors.joining(" UNION ALL ")));
        this.locked = connection.prepareStatement(LOCKED);
        this.committed = connection.prepareStatement(COMMITTED);
    }

    private static String rowOf(ProgressReading.View view) {
        return "SELECT '" + view.name() + "', (SELECT " + RelationName.NAME + RelationName.FROM
                + " WHERE c.oid = p.relid), to_jsonb(p)::text FROM pg_catalog." + view.viewName()
                + " p WHERE p.pid = ?";
    }

    @Override
    public String name() {
        return "progress";
    }

    @Override
    public Duration period() {
        return age.period(YOUNG);
    }

    @Override
    public void prepare() throws SQLException {
        DataFiles.Reading before = files.look();
        known = before == null ? Set.of() : Set.copyOf(before.relations().keySet());
        looked = known;
        // So that the server has them prepared.
        ProgressReading unused = read(0);
        ProgressReading unusedSize = locked(0, 0);
        Set<String> unusedPaths = committed();
    }

    /** A statement is about to be sent. Cheap; the thread that sends it. */
    void started(int index, int attempt, int pid) {
        running.set(new Run(index, attempt, pid));
    }

    /** A back-fill has changed so many rows so far. Cheap; the thread that runs it. */
    void changed(int index, int attempt, String table, long changed, @Nullable Long total) {
        rows.set(new Rows(index, attempt, table, changed, total));
    }

    /** It has ended. Cheap; the thread that sent it. The returned task writes what was seen last. */
    ProbeLoop.Task ended() {
        running.set(null);
        return () -> {
            close();
            Set<String> all = new HashSet<>(known);
            all.addAll(looked);
            known = all;
            ofFiles = null;
        };
    }

    /** How far the statement that runs has come; null when none runs, or nothing is told of it. Any thread. */
    @Nullable
    StatementAdvance now() {
        return now;
    }

    @Override
    public boolean isAtWork() {
        return running.get() != null;
    }

    @Override
    public void sample() throws SQLException {
        Run run = running.get();
        Seen before = seen;
        if (before != null && !before.run.equals(run)) {
            close();
        }
        if (run == null) {
            return;
        }
        long atNanos = clock.nanos();
        ProgressReading reading = read(run.pid());
        if (reading == null) {
            reading = batches(run);
        }
        if (reading == null) {
            reading = newFiles(run);
        }
        if (reading == null) {
            close();
        } else if (run.equals(running.get())) {
            seen(run, reading, atNanos);
        }
    }

    @Override
    public void finish() {
        close();
    }

    private void seen(Run run, ProgressReading reading, long atNanos) {
        Seen current = seen;
        if (current == null || !reading.isSamePhaseAs(current.last)) {
            close();
            current = new Seen(run, reading, atNanos);
            seen = current;
            write(current);
        } else {
            current.last = reading;
            current.lastNanos = atNanos;
            if (reading.done() != current.writtenDone && atNanos - current.writtenNanos >= WRITE_AGAIN_NANOS) {
                write(current);
            }
        }
        now = new StatementAdvance(
                run.index(),
                reading.command(),
                reading.phase(),
                reading.relation(),
                current.sinceNanos,
                atNanos,
                current.first.done(),
                reading.done(),
                reading.total(),
                reading.unit(),
                !reading.phase().startsWith("waiting") && !reading.phase().equals(BEYOND_THE_HEAP));
    }

    /** The phase is over, or the statement: how far it was seen to come. */
    private void close() {
        Seen current = seen;
        if (current != null && current.writtenNanos != current.lastNanos) {
            write(current);
        }
        seen = null;
        now = null;
    }

    private void write(Seen current) {
        ProgressReading last = current.last;
        facts.add(new Fact.ProgressSeen(
                current.run.index(),
                current.run.attempt(),
                last.source(),
                last.command(),
                last.phase(),
                last.relation(),
                current.lastNanos,
                last.done(),
                last.total(),
                last.unit()));
        current.writtenNanos = current.lastNanos;
        current.writtenDone = last.done();
    }

    private @Nullable ProgressReading read(int pid) throws SQLException {
        for (int i = 1; i <= told.size(); i++) {
            views.setInt(i, pid);
        }
        try (ResultSet row = views.executeQuery()) {
            return row.next()
                    ? ProgressReading.of(
                            ProgressReading.View.valueOf(row.getString(1)),
                            json.readTree(row.getString(3)),
                            row.getString(2))
                    : null;
        } catch (JsonProcessingException broken) {
            throw new SQLException("the server's own JSON could not be read", broken);
        }
    }

    private @Nullable ProgressReading batches(Run run) {
        Rows changed = rows.get();
        return changed == null || changed.index() != run.index() || changed.attempt() != run.attempt()
                ? null
                : new ProgressReading(
                        ProgressReading.BATCHES,
                        "back-fill",
                        "changing rows",
                        changed.table(),
                        changed.rows(),
                        changed.total(),
                        "rows");
    }

    private @Nullable ProgressReading newFiles(Run run) throws SQLException {
        DataFiles.Reading now = files.look();
        if (now == null) {
            return null;
        }
        Told before = ofFiles;
        if (before != null && before.run().equals(run) && before.files().equals(now)) {
            return before.reading();
        }
        looked = Set.copyOf(now.relations().keySet());
        long bytes = bytesOf(now, known);
        if (bytes > 0) {
            bytes = bytesOf(now, committed());
        }
        Told told = new Told(run, now, bytes == 0 ? null : locked(run.pid(), bytes));
        ofFiles = told;
        return told.reading();
    }

    /** Of the files that neither {@code others} names nor those known before. */
    private long bytesOf(DataFiles.Reading now, Set<String> others) {
        return now.relations().entrySet().stream()
                .filter(file -> !others.contains(file.getKey())
                        && !known.contains(file.getKey())
                        && !file.getKey().contains(TEMPORARY))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private Set<String> committed() throws SQLException {
        Set<String> paths = new HashSet<>();
        try (ResultSet row = committed.executeQuery()) {
            while (row.next()) {
                String path = row.getString(1);
                if (path != null) {
                    paths.add(path);
                }
            }
        }
        return paths;
    }

    private @Nullable ProgressReading locked(int pid, long bytes) throws SQLException {
        locked.setInt(1, pid);
        try (ResultSet row = locked.executeQuery()) {
            if (!row.next()) {
                return bytes == 0
                        ? null
                        : new ProgressReading(
                                ProgressReading.FILES, "rewrite", "writing new files", null, bytes, null, "bytes");
            }
            long heap = row.getLong(2);
            boolean beyond = bytes > heap;
            return new ProgressReading(
                    ProgressReading.FILES,
                    "rewrite",
                    beyond ? BEYOND_THE_HEAP : WRITING_THE_HEAP,
                    row.getString(1),
                    bytes,
                    beyond ? heap + row.getLong(3) : heap,
                    "bytes");
        }
    }
}
