package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.TableGrowth;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How much of the disk the server takes, by its directories; and how large tables are before and after each statement.
 *
 * <p>A database of very many files costs more to look at: between two looks at least {@value #REST} times as long passes as
 * a look takes. Its methods are tasks of one loop.
 */
final class DiskProbe implements Probe {
    /** From one look to the next while a statement is young. */
    private static final Duration YOUNG = Duration.ofMillis(250);

    /** At most a twentieth of one of the server's processors. */
    private static final int REST = 20;

    /** On a busy machine a look takes long for want of a processor: the fastest of so many tells what it costs. */
    private static final int LOOKS = 8;

    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();

    /** A statement that begins so soon after a look, as right after the one before it, needs none of its own. */
    private static final long FRESH_NANOS = Duration.ofMillis(20).toNanos();

    /** While no statement of the migration runs there is no peak to miss. */
    private static final long BESIDE_NANOS = Duration.ofSeconds(3).toNanos();

    /** The workload may change every table; the statement's own are among the most changed. */
    private static final int MOST_TABLES = 1_000;

    private static final String DOUBT = "disk-not-measured";

    private final DataFiles files;
    private final TableFiles tables;
    private final LinuxProcesses processes;
    private final RehearsalClock clock;
    private final StatementAge age;
    private final FactSink facts;
    private final Doubts doubts;
    private boolean readable;
    private final Deque<Long> tookNanos = new ArrayDeque<>();
    private long lookedNanos;
    private long restNanos = BESIDE_NANOS;
    private volatile DataFiles.@Nullable Reading latest;
    private DataFiles.@Nullable Reading atMigration;
    private List<Fact.TableSize> atStart = List.of();
    private Fact.@Nullable DiskSampled written;

    DiskProbe(
            Connection connection,
            LinuxProcesses processes,
            RehearsalClock clock,
            StatementAge age,
            FactSink facts,
            Doubts doubts)
            throws SQLException {
        this.files = new DataFiles(connection);
        this.tables = new TableFiles(connection);
        this.processes = processes;
        this.clock = clock;
        this.age = age;
        this.facts = facts;
        this.doubts = doubts;
    }

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public Duration period() {
        return age.period(YOUNG);
    }

    @Override
    public void prepare() {
        try {
            DataFiles.Reading reading = look();
            facts.add(new Fact.TablesMeasured(false, tables.sizes(reading)));
            readable = true;
        } catch (SQLException e) {
            doubts.raise(
                    DOUBT,
                    "How much of the disk the migration takes is not known: the server's directories cannot be read ("
                            + e.getMessage() + "). The role must be a superuser, or a member of pg_read_server_files.");
            return;
        }
        if (processes.freeDiskBytes().isEmpty()) {
            doubts.raise(
                    "free-disk-not-measured",
                    "How much of the disk is free is not known: the server's data directory is not visible on this"
                            + " machine. Hold the migration's peak against the free disk of the machine that it will run on.");
        }
    }

    @Override
    public void sample() throws SQLException {
        if (readable && clock.nanos() - lookedNanos >= Math.max(restNanos, REST * Collections.min(tookNanos))) {
            look();
        }
    }

    /** The last look; null before the first. Any thread. */
    DataFiles.@Nullable Reading latest() {
        return latest;
    }

    /** The migration begins: files that come from now on are its own. */
    void migrationBegan() throws SQLException {
        if (readable) {
            atMigration = look();
            atStart = tables.sizes(atMigration);
        }
    }

    /** A statement was sent just now. Its tables were looked at when the one before had ended. */
    void statementStarted() throws SQLException {
        restNanos = 0;
        if (readable && (!isWritten() || clock.nanos() - lookedNanos > FRESH_NANOS)) {
            lookAndWrite();
        }
    }

    /** A statement has ended just now. */
    void statementEnded(int index, int attempt) throws SQLException {
        restNanos = BESIDE_NANOS;
        if (readable) {
            List<Fact.TableSize> now = tables.sizes(lookAndWrite());
            facts.add(new Fact.TablesGrew(
                    index,
                    attempt,
                    TableGrowth.between(atStart, now).stream()
                            .limit(MOST_TABLES)
                            .toList()));
            atStart = now;
        }
    }

    /** After load and adversaries were closed. */
    void measureTables() throws SQLException {
        if (readable) {
            facts.add(new Fact.TablesMeasured(true, tables.sizes(look())));
        }
    }

    /** What a statement grew is the difference of two that are written, be there nothing new in them. */
    private DataFiles.Reading lookAndWrite() throws SQLException {
        written = null;
        return look();
    }

    /** Whether the last look was. */
    private boolean isWritten() {
        Fact.DiskSampled last = written;
        return last != null && last.atNanos() == lookedNanos;
    }

    private DataFiles.Reading look() throws SQLException {
        long began = clock.nanos();
        DataFiles.Reading reading = files.read();
        lookedNanos = clock.nanos();
        tookNanos.addLast(lookedNanos - began);
        if (tookNanos.size() > LOOKS) {
            tookNanos.removeFirst();
        }
        latest = reading;
        OptionalLong free = processes.freeDiskBytes();
        Fact.DiskSampled sampled = new Fact.DiskSampled(
                lookedNanos,
                reading.relationBytes(),
                reading.temporaryBytes(),
                reading.walBytes(),
                atMigration == null ? 0 : reading.newSince(atMigration),
                free.isPresent() ? (Long) free.getAsLong() : null);
        if (changed(sampled)) {
            facts.add(sampled);
            written = sampled;
        }
        return reading;
    }

    /** What is free changes with every log line of anybody: that alone is worth a point a second. */
    private boolean changed(Fact.DiskSampled now) {
        Fact.DiskSampled before = written;
        return before == null
                || before.relationBytes() != now.relationBytes()
                || before.temporaryBytes() != now.temporaryBytes()
                || before.walBytes() != now.walBytes()
                || now.atNanos() - before.atNanos() >= HEARTBEAT_NANOS;
    }
}
