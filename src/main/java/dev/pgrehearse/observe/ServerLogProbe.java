package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows the server's jsonlog through SQL, so that it needs no access to the server's files: the exact length of every
 * lock wait beyond {@code deadlock_timeout}, the errors that end waits, deadlocks, checkpoints, autovacuum, crashes.
 */
final class ServerLogProbe implements Probe {
    /** How much is read at once, and how often in one sample: a server that logs each statement cannot hold us up. */
    private static final int CHUNK_BYTES = 1 << 20;

    private static final int CHUNKS_PER_SAMPLE = 16;
    /** Longer lines are not ours. */
    private static final int LINE_BYTES = 16 << 20;

    private static final String DOUBT = "no-server-log";
    private static final String ACCURACY = " Lock waits come from the sampler alone: their starts are exact, their ends"
            + " up to one sampling period late, and whether one was granted or given up is not known.";

    private final Connection connection;
    private final RehearsalClock clock;
    private final ServerTime serverTime;
    private final WaitLedger ledger;
    private final Doubts doubts;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private @Nullable LogLineParser parser;
    private @Nullable String file;
    private long offset;
    private long unreadable;
    private Duration deadlockTimeout = Duration.ofSeconds(1);

    ServerLogProbe(
            Connection connection, RehearsalClock clock, ServerTime serverTime, WaitLedger ledger, Doubts doubts) {
        this.connection = connection;
        this.clock = clock;
        this.serverTime = serverTime;
        this.ledger = ledger;
        this.doubts = doubts;
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
        String current;
        try {
            current = currentFile();
            if (current == null) {
                doubts.raise(DOUBT, "The server writes no jsonlog (log_destination, logging_collector)." + ACCURACY);
                return;
            }
            offset = sizeOf(current);
        } catch (SQLException e) {
            doubts.raise(DOUBT, "The server's log cannot be read: " + e.getMessage() + "." + ACCURACY);
            return;
        }
        checkSettings();
        parser = new LogLineParser(zone(), connection.getCatalog());
        file = current;
        deadlockTimeout = Duration.ofMillis(Long.parseLong(setting("deadlock_timeout")));
        ledger.logIsRead(deadlockTimeout);
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
            ledger.logIsLost();
            throw e;
        }
    }

    private void follow(String open) throws SQLException {
        long began = clock.nanos();
        String current = currentFile();
        boolean complete = readOn(open);
        if (current != null && !current.equals(open) && complete) {
            // The old file is read once more: the collector may have written between the two questions.
            complete = readOn(open);
            partial.reset();
            file = current;
            offset = 0;
            complete = complete && readOn(current);
        }
        ledger.logIsRead(deadlockTimeout);
        if (complete) {
            ledger.logReadUpTo(began);
        }
    }

    @Override
    public void finish() throws SQLException {
        if (file != null && !connection.isClosed()) {
            sample();
        }
        if (unreadable > 0) {
            doubts.raise(
                    "server-log-unreadable",
                    unreadable + " lines of the server's log could not be read. Waits that they told of have the"
                            + " sampler's ends, up to one sampling period late.");
        }
        if (ledger.lateLines() > 0) {
            doubts.raise(
                    "server-log-late",
                    ledger.lateLines() + " lines of the server's log came more than 2 s late. Their waits have the"
                            + " sampler's ends, up to one sampling period late.");
        }
    }

    /** Reads what is new, bounded; false when there is more. */
    private boolean readOn(String path) throws SQLException {
        long size = sizeOf(path);
        if (size < offset) {
            // Truncated on rotation: the file of the same name begins anew.
            offset = 0;
            partial.reset();
        }
        for (int chunk = 0; chunk < CHUNKS_PER_SAMPLE && offset < size; chunk++) {
            byte[] bytes = read(path, offset, (int) Math.min(CHUNK_BYTES, size - offset));
            if (bytes.length == 0) {
                return true;
            }
            offset += bytes.length;
            take(bytes);
        }
        return offset >= size;
    }

    private void take(byte[] bytes) {
        int lineStart = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                partial.write(bytes, lineStart, i - lineStart);
                take(partial.toString(StandardCharsets.UTF_8));
                partial.reset();
                lineStart = i + 1;
            }
        }
        partial.write(bytes, lineStart, bytes.length - lineStart);
        if (partial.size() > LINE_BYTES) {
            unreadable++;
            partial.reset();
        }
    }

    private void take(String line) {
        LogLineParser lines = parser;
        if (line.isBlank() || lines == null) {
            return;
        }
        List<LogEntry> entries;
        try {
            entries = lines.parse(line);
        } catch (IllegalArgumentException e) {
            unreadable++;
            return;
        }
        for (LogEntry entry : entries) {
            if (entry instanceof LogEntry.StillWaiting waiting) {
                ledger.stillWaiting(waiting);
            } else if (entry instanceof LogEntry.Acquired acquired) {
                ledger.acquired(acquired);
            } else if (entry instanceof LogEntry.GaveUp gaveUp) {
                ledger.gaveUp(gaveUp);
            } else if (entry instanceof LogEntry.Event event) {
                doubts.happened(serverTime.nanosAt(event.atMicros()), event.kind(), event.text());
            }
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
                            + " looks like one that was granted, and ends up to one sampling period late.");
        }
        String language = setting("lc_messages");
        boolean english = language.isEmpty()
                || language.equals("C")
                || language.startsWith("C.")
                || language.equals("POSIX")
                || language.startsWith("en");
        if (!english) {
            doubts.raise(
                    DOUBT, "lc_messages is " + language + ": only English lines of the log are understood." + ACCURACY);
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

    private @Nullable String currentFile() throws SQLException {
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT pg_catalog.pg_current_logfile('jsonlog')");
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private long sizeOf(String path) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT coalesce((pg_catalog.pg_stat_file(?, true)).size, 0)")) {
            statement.setString(1, path);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
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
