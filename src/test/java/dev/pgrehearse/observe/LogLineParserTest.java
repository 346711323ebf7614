package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogLineParserTest {
    /** 12:00:00.123 in a zone five and a half hours ahead. */
    private static final long AT = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("2026-03-01T06:30:00.123Z"));

    private final LogLineParser parser = new LogLineParser(ZoneId.of("Asia/Kolkata"), "shop");

    @Test
    void aWaitThatGoesOnNamesHoldersAndQueueInOrder() {
        assertThat(parser.parse(line(
                        "LOG",
                        "00000",
                        "process 12 still waiting for AccessShareLock on relation 16384 of database 5 after 1000.072 ms",
                        "Processes holding the lock: 10, 11. Wait queue: 13, 12.")))
                .containsExactly(new LogEntry.StillWaiting(
                        AT,
                        12,
                        "AccessShareLock",
                        "relation 16384 of database 5",
                        1_000_072,
                        List.of(10, 11),
                        List.of(13, 12)));
    }

    @Test
    void oneHolderHasAWordingOfItsOwn() {
        assertThat(parser.parse(line(
                        "LOG",
                        "00000",
                        "process 12 still waiting for ShareLock on transaction 744 after 1000.001 ms",
                        "Process holding the lock: 10. Wait queue: 12.")))
                .containsExactly(new LogEntry.StillWaiting(
                        AT, 12, "ShareLock", "transaction 744", 1_000_001, List.of(10), List.of(12)));
    }

    @Test
    void aGrantedWaitHasItsLengthToTheMicrosecond() {
        assertThat(parser.parse(line(
                        "LOG",
                        "00000",
                        "process 12 acquired ExclusiveLock on tuple (0,1) of relation 16384 of database 5 after"
                                + " 2999.456 ms",
                        null)))
                .containsExactly(new LogEntry.Acquired(
                        AT, 12, "ExclusiveLock", "tuple (0,1) of relation 16384 of database 5", 2_999_456));
    }

    @Test
    void aSessionThatIsDoneTellsHowLongItTook() {
        LogEntry.Done commit = new LogEntry.Done(AT, 77, "COMMIT", 12_345);
        assertThat(parser.parse(
                        line("LOG", "00000", "duration: 12.345 ms", null).replace("}", ",\"ps\":\"COMMIT\"}")))
                .containsExactly(commit);
        assertThat(new LogLineParser(ZoneId.of("Asia/Kolkata"), "shop", true)
                        .parse(csvRecord("LOG", "00000", "duration: 12.345 ms", "")
                                .replace("\"SELECT\"", "\"COMMIT\"")))
                .containsExactly(commit);
        assertThat(parser.parse(line("LOG", "00000", "duration: 0.020 ms  statement: COMMIT;", null)))
                .containsExactly(new LogEntry.Done(AT, 77, "", 20));
        // Part of a query, and what auto_explain says of one.
        assertThat(parser.parse(line("LOG", "00000", "duration: 0.020 ms  parse <unnamed>: SELECT 1", null)))
                .isEmpty();
        assertThat(parser.parse(line("LOG", "00000", "duration: 0.020 ms  plan:\\nResult", null)))
                .isEmpty();
    }

    @Test
    void errorsThatEndAWait() {
        assertThat(parser.parse(line("ERROR", "55P03", "canceling statement due to lock timeout", null)))
                .containsExactly(new LogEntry.GaveUp(AT, 77, "55P03", "canceling statement due to lock timeout"));
        assertThat(parser.parse(line("ERROR", "57014", "canceling statement due to user request", null)))
                .hasSize(1)
                .first()
                .isInstanceOf(LogEntry.GaveUp.class);
        assertThat(parser.parse(line("ERROR", "55P03", "could not obtain lock on row in relation", null)))
                .as("NOWAIT")
                .isEmpty();
    }

    @Test
    void aDeadlockNamesBothSidesAndWhatTheyRan() {
        List<LogEntry> entries = parser.parse(line(
                "ERROR",
                "40P01",
                "deadlock detected",
                "Process 77 waits for ShareLock on transaction 5; blocked by process 78.\\nProcess 78 waits for"
                        + " AccessExclusiveLock on relation 16384 of database 5; blocked by process 77.\\nProcess 77: UPDATE t"
                        + " SET a = 1\\n  WHERE note = 'Process 99: x'\\nProcess 78: ALTER TABLE t ADD c int"));

        assertThat(entries)
                .containsExactly(
                        new LogEntry.GaveUp(AT, 77, "40P01", "deadlock detected"),
                        new LogEntry.Deadlock(
                                AT,
                                77,
                                List.of(
                                        new LogEntry.Deadlock.Wait(
                                                77,
                                                "ShareLock",
                                                "transaction 5",
                                                78,
                                                "UPDATE t SET a = 1\n  WHERE note = 'Process 99: x'"),
                                        new LogEntry.Deadlock.Wait(
                                                78,
                                                "AccessExclusiveLock",
                                                "relation 16384 of database 5",
                                                77,
                                                "ALTER TABLE t ADD c int"))));
    }

    @Test
    void aDeadlockWithoutDetailTellsNoSides() {
        assertThat(parser.parse(line("ERROR", "40P01", "deadlock detected", null)))
                .contains(new LogEntry.Deadlock(AT, 77, List.of()));
    }

    @Test
    void csvlogTellsTheSame() {
        LogLineParser csv = new LogLineParser(ZoneId.of("Asia/Kolkata"), "shop", true);

        assertThat(csv.parse(csvRecord(
                        "LOG",
                        "00000",
                        "process 12 still waiting for AccessShareLock on relation 16384 of database 5 after 1000.072 ms",
                        "Processes holding the lock: 10, 11. Wait queue: 13, 12.")))
                .containsExactly(new LogEntry.StillWaiting(
                        AT,
                        12,
                        "AccessShareLock",
                        "relation 16384 of database 5",
                        1_000_072,
                        List.of(10, 11),
                        List.of(13, 12)));
        assertThat(
                        csv.parse(
                                csvRecord(
                                        "ERROR",
                                        "40P01",
                                        "deadlock detected",
                                        "Process 77 waits for ShareLock on transaction 5; blocked by process 78.\nProcess 78 waits for"
                                                + " ShareLock on transaction 4; blocked by process 77.\nProcess 78: SELECT \"\"a\"\", 1")))
                .last()
                .isInstanceOfSatisfying(
                        LogEntry.Deadlock.class,
                        deadlock -> assertThat(deadlock.waits())
                                .extracting(LogEntry.Deadlock.Wait::sql)
                                .containsExactly("", "SELECT \"a\", 1"));
        assertThatThrownBy(() -> csv.parse("2026-03-01 12:00:00.123 IST,still waiting for"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRecordOfCsvlogMayGoOverSeveralLines() {
        LogLines lines = new LogLines(true);
        byte[] bytes = "1,\"a\"\"b\nc\",2\n3,4\n5,\"d\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);

        List<String> whole = lines.take(bytes);
        assertThat(whole).containsExactly("1,\"a\"\"b\nc\",2", "3,4");

        // Cut at every byte, also within the doubled quotes.
        LogLines piecewise = new LogLines(true);
        List<String> records = new java.util.ArrayList<>();
        for (byte one : bytes) {
            records.addAll(piecewise.take(new byte[] {one}));
        }
        assertThat(records).isEqualTo(whole);
    }

    @Test
    void whatTheServerDoesByItself() {
        assertThat(parser.parse(line("LOG", "00000", "checkpoint starting: wal", null)))
                .containsExactly(new LogEntry.Event(AT, "checkpoint", "checkpoint starting: wal"));
        assertThat(parser.parse(line(
                        "LOG", "00000", "automatic vacuum of table \\\"shop.public.orders\\\": index scans: 1", null)))
                .containsExactly(new LogEntry.Event(AT, "autovacuum", "automatic vacuum of shop.public.orders ended"));
        assertThat(parser.parse(line(
                        "LOG",
                        "00000",
                        "automatic aggressive vacuum of table \\\"template1.pg_catalog.pg_type\\\": index scans: 0",
                        null)))
                .as("in a database that is not watched")
                .isEmpty();
        assertThat(parser.parse(
                        line("LOG", "00000", "server process (PID 9) was terminated by signal 9: Killed", null)))
                .containsExactly(new LogEntry.Event(
                        AT, "server crash", "server process (PID 9) was terminated by signal 9: Killed"));
    }

    @Test
    void otherLinesTellNothing() {
        assertThat(parser.parse(line("ERROR", "42P01", "relation \\\"t\\\" does not exist", null)))
                .isEmpty();
        assertThat(parser.parse(line("FATAL", "53300", "sorry, too many clients already", null)))
                .isEmpty();
        assertThat(parser.parse("")).isEmpty();
    }

    @Test
    void aBrokenLineIsNotSwallowed() {
        assertThatThrownBy(() -> parser.parse("{\"message\":\"process 1 still waiting for"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** As PostgreSQL 13 writes it: 24 columns. */
    private static String csvRecord(String severity, String sqlState, String message, String detail) {
        return "2026-03-01 12:00:00.123 IST,\"app\",\"shop\",77,\"127.0.0.1:1\",64.4d,3,\"SELECT\",2026-03-01 11:59:00 IST,3/7,0,"
                + severity + "," + sqlState + ",\"" + message + "\",\"" + detail
                + "\",,,,,\"SELECT 1\",,,\"app-1\",\"client backend\"";
    }

    private static String line(String severity, String sqlState, String message, String detail) {
        return "{\"timestamp\":\"2026-03-01 12:00:00.123 IST\",\"pid\":77,\"error_severity\":\"" + severity
                + "\",\"state_code\":\"" + sqlState + "\",\"message\":\"" + message + "\""
                + (detail == null ? "" : ",\"detail\":\"" + detail + "\"") + "}";
    }
}
