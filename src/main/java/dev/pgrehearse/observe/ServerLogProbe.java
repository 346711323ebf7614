package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.LockWaits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the server's jsonlog, or its csvlog where it has no other, through SQL, so that it needs no access to the server's
 * files: the exact length of every lock wait beyond {@code deadlock_timeout}, the errors that end waits, deadlocks,
 * checkpoints, autovacuum, crashes.
 *
 * <p>The log may be rotated under its eyes. While it cannot be read the sampler is alone, and a doubt tells from when to
 * when, and what that costs.
 */
final class ServerLogProbe implements Probe {
    /** How much is read at once, and how often in one sample: a server that logs each statement cannot hold us up. */
    private static final int CHUNK_BYTES = 1 << 20;

    private static final int CHUNKS_PER_SAMPLE = 16;

    /** No line comes later than so after its time. */
    private static final long LATE_MICROS = 10_000_000;

    private static final long HALF_A_MILLI_MICROS = 500;

    /** Command tags: ROLLBACK is that of ROLLBACK TO, too. */
    private static final Set<String> ENDS_TRANSACTION = Set.of("COMMIT", "ROLLBACK");

    /** The first version that writes jsonlog. */
    private static final int FIRST_WITH_JSON = 15;

    private static final String JSON = "jsonlog";
    private static final String CSV = "csvlog";

    private static final String DOUBT = "no-server-log";
    private static final String ACCURACY = " Lock waits come from the sampler alone: their starts are exact, their ends"
            + " up to one look late, and whether one was granted or given up is not known.";

    /** What nobody else tells, and would look as if it had not been. */
    private static final String IN_THE_LOG_ALONE =
            " Deadlocks with their sides, what made checkpoints come, and autovacuum"
                    + " that began or was cancelled between two looks are in the log alone: none in the report does not mean that there was none."
                    + " Holds end when the client learned of it.";

    /**
     * The file that the server writes now.
     *
     * @param size null when it is not there
     */
    private record LogFile(String path, @Nullable Long size) {}

    private final Connection connection;
    private final RehearsalClock clock;
    private final ServerTime serverTime;
    private final WaitLedger ledger;
    private final FactSink facts;
    private final Doubts doubts;
    private final Sessions sessions;
    private final RelationNames names;
    private final LogGaps gaps;
    private String format = JSON;
    private LogLines lines = new LogLines(false);
    private @Nullable LogLineParser parser;
    private @Nullable String file;
    private long offset;
    private long unreadable;
    private long readUpToNanos;
    private long notBeforeMicros = Long.MIN_VALUE;
    private boolean complete = true;
    private Duration deadlockTimeout = Duration.ofSeconds(1);

    ServerLogProbe(
            Connection connection,
            RehearsalClock clock,
            ServerTime serverTime,
            WaitLedger ledger,
            FactSink facts,
            Doubts doubts,
            Sessions sessions) {
        this.connection = connection;
        this.clock = clock;
        this.serverTime = serverTime;
        this.ledger = ledger;
        this.facts = facts;
        this.doubts = doubts;
        this.sessions = sessions;
        this.names = new RelationNames(connection);
        this.gaps = new LogGaps(doubts);
    }

    @Override
    public String name() {
        return "server log";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(250);
    }

    @Override
    public void prepare() throws SQLException {
        names.readAll();
        String current;
        try {
            LogFile found = findFile();
            if (found == null) {
                doubts.raise(
                        DOUBT,
                        "The server writes neither jsonlog nor csvlog (log_destination, logging_collector)." + ACCURACY
                                + IN_THE_LOG_ALONE);
                return;
            }
            current = found.path();
            offset = found.size() == null ? 0 : found.size();
            read(current, offset, 1);
        } catch (SQLException e) {
            doubts.raise(
                    DOUBT, "The server's log cannot be read: " + e.getMessage() + "." + ACCURACY + IN_THE_LOG_ALONE);
            return;
        }
        checkSettings();
        boolean csv = format.equals(CSV);
        lines = new LogLines(csv);
        parser = new LogLineParser(zone(), connection.getCatalog(), csv);
        file = current;
        deadlockTimeout = Duration.ofMillis(Long.parseLong(setting("deadlock_timeout")));
        readUpToNanos = clock.nanos();
        ledger.logIsRead(deadlockTimeout);
    }

    /** Of the formats that can be read the better one: csvlog has the same, in another form. */
    private @Nullable LogFile findFile() throws SQLException {
        if (connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_JSON) {
            LogFile json = currentFile();
            if (json != null) {
                return json;
            }
        }
        format = CSV;
        return currentFile();
    }

    @Override
    public void sample() throws SQLException {
        String open = file;
        if (open == null) {
            return;
        }
        try {
            follow(open);
        } catch (SQLException e) {
            gaps.lost(readUpToNanos, "reading it failed: " + e.getMessage());
            ledger.logIsLost();
            throw e;
        }
    }

    private void follow(String open) throws SQLException {
        long began = clock.nanos();
        LogFile now = currentFile();
        if (now == null) {
            lost("the server writes none any more");
            return;
        }
        String current = now.path();
        Boolean read = readOn(open, current.equals(open) ? now.size() : sizeOf(open));
        if (!current.equals(open) && !Boolean.FALSE.equals(read)) {
            read = moveOn(open, current, read != null);
        }
        if (read == null) {
            lost("its file " + current + " is gone");
            return;
        }
        complete = read;
        gaps.readAgain(clock.nanos());
        ledger.logIsRead(deadlockTimeout);
        if (complete) {
            readUpToNanos = began;
            ledger.logReadUpTo(began);
        }
    }

    private void lost(String why) {
        gaps.lost(readUpToNanos, why);
        ledger.logIsLost();
    }

    /** What was written since the last look is lost, the log itself is not: that a line is missing tells nothing of its wait. */
    private void notRead(String why) {
        gaps.span(readUpToNanos, clock.nanos(), why);
        ledger.logHasAGap();
    }

    /** The log was rotated: what is left of the old file, all of those between, the new one from its begin. */
    private @Nullable Boolean moveOn(String open, String current, boolean oldIsThere) throws SQLException {
        if (oldIsThere) {
            // Once more: the collector may have written between the two questions.
            if (!Boolean.TRUE.equals(readOn(open, sizeOf(open)))) {
                return false;
            }
        } else {
            notRead("its file " + open + " was gone before it was read to its end");
        }
        // A file of that name may have been there for long, with lines of other days.
        notBeforeMicros = serverTime.microsAt(readUpToNanos) - LATE_MICROS;
        String next = nextFile(open, current);
        lines.beginAnew();
        file = next;
        offset = 0;
        Boolean read = readOn(next, sizeOf(next));
        boolean moreToCome = !next.equals(current) && read != null;
        return moreToCome ? Boolean.FALSE : read;
    }

    /** The file after one, by name, as file names with times in them are ordered; the current one when none is between. */
    private String nextFile(String open, String current) throws SQLException {
        int slash = current.lastIndexOf('/') + 1;
        int dot = current.lastIndexOf('.');
        boolean inOneFolder = slash > 0 && open.startsWith(current.substring(0, slash));
        if (!inOneFolder || dot < slash || open.compareTo(current) > 0) {
            return current;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT min(name COLLATE "C") FROM pg_catalog.pg_ls_logdir()
                 WHERE name COLLATE "C" > ? AND name COLLATE "C" < ? AND right(name, ?) = ?
                   AND modification >= to_timestamp(?)""")) {
            String suffix = current.substring(dot);
            statement.setString(1, open.substring(slash));
            statement.setString(2, current.substring(slash));
            statement.setInt(3, suffix.length());
            statement.setString(4, suffix);
            statement.setDouble(5, notBeforeMicros / 1e6);
            try (ResultSet rows = statement.executeQuery()) {
                String between = rows.next() ? rows.getString(1) : null;
                return between == null ? current : current.substring(0, slash) + between;
            }
        }
    }

    @Override
    public void finish() throws SQLException {
        if (file != null && !connection.isClosed()) {
            sample();
        }
    }

    /** Tells what was not read. After the last sample. */
    void report() {
        gaps.report(clock.nanos(), ACCURACY + IN_THE_LOG_ALONE);
        if (!complete) {
            doubts.raise(
                    "server-log-behind",
                    "The server wrote more log than could be read: it is read up to " + doubts.when(readUpToNanos)
                            + ". Waits that ended later have the sampler's ends, up to one look late.");
        }
        if (ledger.overflown() > 0) {
            doubts.raise(
                    "server-log-overflow",
                    ledger.overflown()
                            + " lock waits ended faster than the server's log was read. They have the sampler's"
                            + " ends, up to one look late.");
        }
        long untold = unreadable + lines.tooLong();
        if (untold > 0) {
            doubts.raise(
                    "server-log-unreadable",
                    untold + " lines of the server's log could not be read. Waits that they told of have the"
                            + " sampler's ends, up to one look late.");
        }
        if (ledger.lateLines() > 0) {
            doubts.raise(
                    "server-log-late",
                    ledger.lateLines() + " lines of the server's log came more than 2 s late. Their waits have the"
                            + " sampler's ends, up to one look late.");
        }
    }

    /** Whether the log was not read to its end the last time, so that there is more to come. */
    boolean isBehind() {
        return !complete;
    }

    /** Reads what is new, bounded; false when there is more, null when there is no such file. */
    private @Nullable Boolean readOn(String path, @Nullable Long size) throws SQLException {
        if (size == null) {
            lines.beginAnew();
            offset = 0;
            return null;
        }
        if (size < offset) {
            // Truncated on rotation: the file of the same name begins anew.
            notRead("its file " + path + " was emptied");
            offset = 0;
            lines.beginAnew();
        }
        for (int chunk = 0; chunk < CHUNKS_PER_SAMPLE && offset < size; chunk++) {
            byte[] bytes = read(path, offset, (int) Math.min(CHUNK_BYTES, size - offset));
            if (bytes.length == 0) {
                return true;
            }
            offset += bytes.length;
            lines.take(bytes).forEach(this::take);
        }
        return offset >= size;
    }

    private void take(String line) {
        LogLineParser records = parser;
        if (line.isBlank() || records == null) {
            return;
        }
        try {
            records.parse(line).forEach(this::take);
        } catch (IllegalArgumentException e) {
            unreadable++;
        }
    }

    private void take(LogEntry entry) {
        if (entry.atMicros() < notBeforeMicros) {
            return;
        }
        if (entry instanceof LogEntry.StillWaiting waiting) {
            ledger.stillWaiting(waiting.on(relation(waiting.object())));
        } else if (entry instanceof LogEntry.Acquired acquired) {
            ledger.acquired(acquired.on(relation(acquired.object())));
        } else if (entry instanceof LogEntry.GaveUp gaveUp) {
            ledger.gaveUp(gaveUp);
        } else if (entry instanceof LogEntry.Deadlock deadlock) {
            facts.add(new Fact.Deadlocked(
                    serverTime.nanosAt(deadlock.atMicros()),
                    deadlock.waits().stream().map(wait -> side(wait, deadlock)).toList()));
        } else if (entry instanceof LogEntry.Done done) {
            // Known worse than the log's millisecond, the server's clock says nothing that the client's does not.
            boolean exact = serverTime.best().uncertaintyNanos() <= HALF_A_MILLI_MICROS * 1_000;
            if (exact && sessions.isOrWasMigration(done.pid())) {
                facts.add(done(done));
            }
        } else if (entry instanceof LogEntry.Event event) {
            doubts.happened(serverTime.nanosAt(event.atMicros()), event.kind(), event.text());
        }
    }

    private LockWaits.Side side(LogEntry.Deadlock.Wait wait, LogEntry.Deadlock deadlock) {
        String who = ledger.whoWaited(wait.pid(), deadlock.atMicros());
        boolean stranger = who.equals(Parties.OTHER) || who.equals(Parties.AUTOVACUUM);
        return new LockWaits.Side(
                wait.pid(),
                who,
                LockMode.ofCatalogueName(wait.mode()).sqlName(),
                relation(wait.object()),
                wait.blockedBy(),
                wait.pid() == deadlock.victim(),
                stranger || wait.sql().isEmpty() ? null : wait.sql());
    }

    /** The log cuts to milliseconds: in the mean that is half of one too early. */
    private Fact.ServerDone done(LogEntry.Done done) {
        long ended = done.atMicros() + HALF_A_MILLI_MICROS;
        return new Fact.ServerDone(
                serverTime.nanosAt(ended - done.tookMicros()),
                serverTime.nanosAt(ended),
                ENDS_TRANSACTION.contains(done.command()));
    }

    private String relation(String object) {
        try {
            return names.describeLogged(object, clock.nanos());
        } catch (SQLException e) {
            // Its name only: the line itself has been read, and the next question shows whether the server is gone.
            return "(" + object + ")";
        }
    }

    private void checkSettings() throws SQLException {
        if (!setting("log_lock_waits").equals("on")) {
            doubts.raise(
                    DOUBT,
                    "log_lock_waits is off: the server's log tells errors, but not how long a lock was waited for."
                            + ACCURACY);
        }
        String level = setting("log_min_messages");
        if (level.equals("log") || level.equals("fatal") || level.equals("panic")) {
            doubts.raise(
                    "server-log-without-errors",
                    "log_min_messages is " + level
                            + ": the server logs no errors, so a wait for a lock that was given up"
                            + " looks like one that was granted, and ends up to one look late. Deadlocks with their sides are not"
                            + " known: none in the report does not mean that there was none.");
        }
        String language = setting("lc_messages");
        boolean english = language.isEmpty()
                || language.equals("C")
                || language.startsWith("C.")
                || language.equals("POSIX")
                || language.startsWith("en");
        if (!english) {
            doubts.raise(
                    DOUBT,
                    "lc_messages is " + language + ": only English lines of the log are understood." + ACCURACY
                            + IN_THE_LOG_ALONE);
        }
    }

    private ZoneId zone() throws SQLException {
        String zone = setting("log_timezone");
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            doubts.raise(
                    DOUBT,
                    "log_timezone is " + zone + ", which Java does not know: the log's times are taken as UTC."
                            + ACCURACY);
            return ZoneId.of("UTC");
        }
    }

    private String setting(String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT setting FROM pg_catalog.pg_settings WHERE name = ?")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : "";
            }
        }
    }

    /** One question for both, since it is asked four times a second; null when the server writes none in that format. */
    private @Nullable LogFile currentFile() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT path, (pg_catalog.pg_stat_file(path, true)).size FROM pg_catalog.pg_current_logfile(?) path")) {
            statement.setString(1, format);
            try (ResultSet rows = statement.executeQuery()) {
                String path = rows.next() ? rows.getString(1) : null;
                return path == null ? null : new LogFile(path, rows.getObject(2, Long.class));
            }
        }
    }

    /** Null when there is no such file. */
    private @Nullable Long sizeOf(String path) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT (pg_catalog.pg_stat_file(?, true)).size")) {
            statement.setString(1, path);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getObject(1, Long.class) : null;
            }
        }
    }

    private byte[] read(String path, long from, int length) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_catalog.pg_read_binary_file(?, ?, ?, true)")) {
            statement.setString(1, path);
            statement.setLong(2, from);
            statement.setLong(3, length);
            try (ResultSet rows = statement.executeQuery()) {
                byte[] bytes = rows.next() ? rows.getBytes(1) : null;
                return bytes == null ? new byte[0] : bytes;
            }
        }
    }
}
