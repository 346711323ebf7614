package dev.pgrehearse.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.postgres.SqlState;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads records of PostgreSQL's jsonlog, or of its csvlog, which versions before 15 have alone. Immutable and thread-safe.
 *
 * <p>Source of the wordings: {@code ProcSleep} in {@code src/backend/storage/lmgr/proc.c}, unchanged from 13 to 18, and
 * {@code DescribeLockTag} beside it, and {@code exec_simple_query} in {@code src/backend/tcop/postgres.c}; of the fields: documentation, "Using JSON-Format Log Output". They are the English
 * ones: other values of {@code lc_messages} are not understood.
 */
final class LogLineParser {
    /** Codes of errors that end a wait for a lock. */
    private static final Set<String> WAIT_ENDS = Set.of(
            SqlState.LOCK_NOT_AVAILABLE, SqlState.QUERY_CANCELED, SqlState.DEADLOCK_DETECTED, SqlState.ADMIN_SHUTDOWN);

    /** Lines without any of these are not even parsed: a server that logs each statement writes many. */
    private static final List<String> WORTH_PARSING = List.of(
            "still waiting for",
            " acquired ",
            "\"duration: ",
            "55P03",
            "57014",
            "40P01",
            "57P01",
            "checkpoint ",
            "automatic ",
            "autovacuum",
            "PANIC",
            "was terminated by signal",
            "reinitializing");

    private static final Pattern WAIT = Pattern.compile(
            "process (\\d+) (still waiting for|acquired) (\\w+) on (.+) after (\\d+\\.\\d+) ms", Pattern.DOTALL);
    /** With the statement behind it where {@code log_min_duration_statement} says so. */
    private static final Pattern DONE =
            Pattern.compile("duration: (\\d+\\.\\d+) ms(?: {2}statement: .*)?", Pattern.DOTALL);

    private static final Pattern HOLDERS = Pattern.compile("Process(?:es)? holding the lock: ([\\d, ]*)\\.");
    private static final Pattern QUEUE = Pattern.compile("Wait queue: ([\\d, ]*)\\.");
    private static final Pattern TABLE =
            Pattern.compile("automatic (?:aggressive )?(vacuum|analyze)[^\"]*\"([^\"]+)\"");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);
    private static final int TIME_LENGTH = "2000-01-01 00:00:00.000".length();
    private static final BigDecimal MICROS_PER_MILLI = BigDecimal.valueOf(1_000);

    private final ObjectMapper json = new ObjectMapper();
    private final ZoneId zone;
    private final String database;
    private final boolean csv;

    /** The fields that count, of either format. */
    private record Told(
            String time,
            int pid,
            String command,
            String severity,
            String sqlState,
            String message,
            String detail,
            String context) {}

    /**
     * A reader of jsonlog, whose times are in one zone.
     *
     * @param zone the server's {@code log_timezone}
     * @param database the one that is watched: what autovacuum does in others disturbs nobody here
     */
    LogLineParser(ZoneId zone, String database) {
        this(zone, database, false);
    }

    /** The same, of csvlog when {@code csv} says so. */
    LogLineParser(ZoneId zone, String database, boolean csv) {
        this.zone = zone;
        this.database = database;
        this.csv = csv;
    }

    /**
     * What the record tells; nothing for lines about other things.
     *
     * @throws IllegalArgumentException when the line looks like one of ours and cannot be read
     */
    List<LogEntry> parse(String line) {
        if (WORTH_PARSING.stream().noneMatch(line::contains)) {
            return List.of();
        }
        Told told;
        long atMicros;
        try {
            told = csv ? ofCsv(line) : ofJson(line);
            atMicros = microsOf(told.time());
        } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "not a line of PostgreSQL's " + (csv ? "csvlog: " : "jsonlog: ") + shortened(line), e);
        }
        return entries(told, atMicros);
    }

    private Told ofJson(String line) throws JsonProcessingException {
        JsonNode node = json.readTree(line);
        return new Told(
                node.path("timestamp").asText(),
                node.path("pid").asInt(),
                node.path("ps").asText(),
                node.path("error_severity").asText(),
                node.path("state_code").asText(),
                node.path("message").asText(),
                node.path("detail").asText(),
                node.path("context").asText());
    }

    private static Told ofCsv(String line) {
        List<String> fields = CsvRecord.fields(line);
        return new Told(
                fields.get(CsvRecord.TIME),
                Integer.parseInt(fields.get(CsvRecord.PID)),
                fields.get(CsvRecord.COMMAND),
                fields.get(CsvRecord.SEVERITY),
                fields.get(CsvRecord.SQL_STATE),
                fields.get(CsvRecord.MESSAGE),
                fields.get(CsvRecord.DETAIL),
                fields.get(CsvRecord.CONTEXT));
    }

    private List<LogEntry> entries(Told told, long atMicros) {
        String message = told.message();
        String severity = told.severity();
        String sqlState = told.sqlState();
        int pid = told.pid();
        Matcher wait = WAIT.matcher(message);
        if (wait.matches()) {
            return List.of(waitEntry(wait, told.detail(), atMicros));
        }
        Matcher done = DONE.matcher(message);
        if (done.matches()) {
            return List.of(new LogEntry.Done(atMicros, pid, told.command(), micros(done.group(1))));
        }
        List<LogEntry> entries = new ArrayList<>();
        // NOWAIT has the same code as a lock timeout, but never waited.
        boolean neverWaited =
                sqlState.equals(SqlState.LOCK_NOT_AVAILABLE) && message.startsWith("could not obtain lock");
        boolean isError = severity.equals("ERROR") || severity.equals("FATAL");
        if (isError && WAIT_ENDS.contains(sqlState) && !neverWaited) {
            entries.add(new LogEntry.GaveUp(atMicros, pid, sqlState, message));
            if (sqlState.equals(SqlState.DEADLOCK_DETECTED)) {
                entries.add(new LogEntry.Deadlock(atMicros, pid, DeadlockDetail.waits(told.detail())));
            }
        }
        if (message.startsWith("canceling autovacuum task")) {
            entries.add(new LogEntry.Event(atMicros, "autovacuum", "cancelled: " + tableIn(told.context())));
        } else if (message.startsWith("automatic ") && message.contains("\"" + database + ".")) {
            entries.add(new LogEntry.Event(atMicros, "autovacuum", tableIn(message) + " ended"));
        } else if (message.startsWith("checkpoint starting") || message.startsWith("checkpoint complete")) {
            entries.add(new LogEntry.Event(atMicros, "checkpoint", message));
        } else if (severity.equals("PANIC")
                || message.contains("was terminated by signal")
                || message.contains("reinitializing")) {
            entries.add(new LogEntry.Event(atMicros, "server crash", message));
        }
        return entries;
    }

    private static LogEntry waitEntry(Matcher wait, String detail, long atMicros) {
        int pid = Integer.parseInt(wait.group(1));
        long waited = micros(wait.group(5));
        return wait.group(2).equals("acquired")
                ? new LogEntry.Acquired(atMicros, pid, wait.group(3), wait.group(4), waited)
                : new LogEntry.StillWaiting(
                        atMicros,
                        pid,
                        wait.group(3),
                        wait.group(4),
                        waited,
                        pids(HOLDERS, detail),
                        pids(QUEUE, detail));
    }

    private static long micros(String millis) {
        return new BigDecimal(millis).multiply(MICROS_PER_MILLI).longValue();
    }

    private static List<Integer> pids(Pattern pattern, String detail) {
        Matcher matcher = pattern.matcher(detail);
        List<Integer> pids = new ArrayList<>();
        if (matcher.find()) {
            for (String pid : matcher.group(1).split(",", -1)) {
                if (!pid.isBlank()) {
                    pids.add(Integer.parseInt(pid.strip()));
                }
            }
        }
        return pids;
    }

    private static String tableIn(String text) {
        Matcher table = TABLE.matcher(text);
        return table.find() ? "automatic " + table.group(1) + " of " + table.group(2) : shortened(text);
    }

    private long microsOf(String timestamp) {
        if (timestamp.length() < TIME_LENGTH) {
            throw new DateTimeException("no timestamp in '" + timestamp + "'");
        }
        Instant instant = LocalDateTime.parse(timestamp.substring(0, TIME_LENGTH), TIME)
                .atZone(zone)
                .toInstant();
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static String shortened(String text) {
        int limit = 200;
        return text.length() <= limit ? text : text.substring(0, limit) + "…";
    }
}
