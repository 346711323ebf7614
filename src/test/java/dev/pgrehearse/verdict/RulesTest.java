package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Limits;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule on both sides of its limit: equal to the limit passes, above fails. */
class RulesTest {
    private static final String RUN = "/migration/statements/4";
    private static final String LOCK = RUN + "/locks/0";
    private static final String READS = "/requests/operations/0";
    private static final String WRITES = "/requests/operations/1";

    private final Limits limits = SampleRecordings.limits();

    /** Name of the rule; where; a JSON value at its limit; one just above. */
    static Stream<Arguments> limits() {
        return Stream.of(
                Arguments.of("longest-stall", READS + "/phases/migration/stallMs", "2000", "2000.001"),
                Arguments.of("longest-stall", WRITES + "/phases/recovery/stallMs", "2000", "2000.001"),
                Arguments.of("pool-exhausted", "/pools/1/longestExhaustedMs", "2000", "2000.001"),
                Arguments.of("response-p99", READS + "/phases/migration/p99Ms", "3000", "3000.001"),
                Arguments.of("response-p99", WRITES + "/phases/recovery/p99Ms", "3000", "3000.001"),
                Arguments.of("lock-held", LOCK + "/heldMs", "2000", "2000.001"),
                Arguments.of("lock-wait", RUN + "/lockWaitMs", "10000", "10000.001"),
                // Asked for after 1800 ms of waiting, so 200 ms of holding make the limit of 2 s full.
                Arguments.of("reads-blocked", LOCK + "/heldMs", "200", "200.001"),
                Arguments.of("writes-blocked", LOCK + "/heldMs", "200", "200.001"),
                Arguments.of("reads-blocked", "/lockWaits/1/durationMs", "2000", "2000.001"),
                Arguments.of("writes-blocked", "/lockWaits/5/durationMs", "2000", "2000.001"),
                Arguments.of("over-duration", "/migration/durationMs", "1800000", "1800000.001"),
                Arguments.of("migration-failed", "/migration/outcome", "\"ok\"", "\"failed\""),
                Arguments.of("invalid-index-left", "/leftovers/invalidIndexes", "[]", "[\"orders_email_idx\"]"),
                Arguments.of("no-recovery", "/recovery/calmAtMs", "53000", "null"),
                Arguments.of(
                        "max-connections-reached",
                        READS + "/outcomesByPhase/migration/too_many_connections",
                        "0",
                        "1"));
    }

    /** Advice that is copied at 2 AM must run: a name is quoted where it needs to be, and what has no name is not one. */
    @Test
    void whoHoldsTheTableIsAskedByItsName() {
        assertThat(SaferWay.ofWaiting("shop.Orders"))
                .contains("l.relation = 'shop.\"Orders\"'::regclass ORDER BY a.xact_start`");
        assertThat(SaferWay.ofWaiting("(transaction)"))
                .doesNotContain("regclass")
                .contains("`SELECT pid, now() - xact_start AS age, state, query FROM pg_stat_activity WHERE");
    }

    @ParameterizedTest(name = "{0}: {1} {2} | {3}")
    @MethodSource
    void limits(String rule, String pointer, String atLimit, String above) {
        Edited edited = Edited.of(SampleRecordings.withTimeout());
        assertThat(noGo(edited.set(pointer, atLimit).recording(), rule)).isEmpty();
        List<Finding> found = noGo(edited.set(pointer, above).recording(), rule);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).title()).isNotBlank();
        assertThat(found.get(0).effect()).isNotBlank();
        assertThat(found.get(0).safer()).startsWith("1. ");
    }

    /** The same of a recording with a standby. */
    static Stream<Arguments> limitsOfStandbys() {
        return Stream.of(
                Arguments.of("standby-lag", "/standby/lagPeakMs", "30000", "30000.001"),
                Arguments.of("standby-reads-blocked", "/standby/blocked/0/longestMs", "2000", "2000.001"));
    }

    @ParameterizedTest(name = "{0}: {1} {2} | {3}")
    @MethodSource
    void limitsOfStandbys(String rule, String pointer, String atLimit, String above) {
        Edited edited = Edited.of(SampleRecordings.withStandby());
        assertThat(noGo(edited.set(pointer, atLimit).recording(), rule)).isEmpty();
        List<Finding> found = noGo(edited.set(pointer, above).recording(), rule);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).effect()).isNotBlank();
        assertThat(found.get(0).safer()).startsWith("1. ");
        assertThat(found(edited.set("/standby", "null").recording(), rule)).isEmpty();
    }

    /** Warnings of a recording with a standby. */
    static Stream<Arguments> warningsOfStandbys() {
        return Stream.of(
                Arguments.of("standby-lag", "/standby/behind/0/caughtUpMs", "24100", "null"),
                Arguments.of(
                        "standby-reads-cancelled", READS + "/outcomesByPhase/recovery/recovery_conflict", "0", "1"));
    }

    @ParameterizedTest(name = "{0}: {1} {2} | {3}")
    @MethodSource
    void warningsOfStandbys(String rule, String pointer, String without, String with) {
        Edited edited = Edited.of(SampleRecordings.withStandby());
        assertThat(found(edited.set(pointer, without).recording(), rule)).isEmpty();
        assertThat(found(edited.set(pointer, with).recording(), rule))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
    }

    /** A rule that warns; where; a JSON value that does not make it warn; one that does. */
    static Stream<Arguments> warnings() {
        return Stream.of(
                Arguments.of("not-valid-constraint-left", "/leftovers/notValidConstraints", "[]", "[\"orders_check\"]"),
                Arguments.of("left-behind", "/leftovers/other", "[]", "[\"orders_idx_ccnew\"]"),
                Arguments.of("no-lock-timeout", "/migration/lockTimeoutMs", "2000", "null"),
                // 0 is PostgreSQL's word for "for ever".
                Arguments.of("no-lock-timeout", "/migration/lockTimeoutMs", "1", "0"),
                Arguments.of("table-rewritten", RUN + "/rewrote", "[]", "[\"orders\"]"),
                // 64 000 000 000 bytes are free.
                Arguments.of("disk-room", "/resources/disk/peakGrowthBytes", "32000000000", "32000000001"),
                // 200 slots, 3 of them reserved.
                Arguments.of("max-connections-reached", "/costs/connectionsPeak", "196", "197"),
                Arguments.of("workload-coverage", "/workload", covered(0.95), covered(0.9499)));
    }

    private static String covered(double callsShare) {
        return "{\"source\": \"profile\", \"ratePerSecond\": 100, \"askedShare\": 0.95, \"callsShare\": " + callsShare
                + ", \"timeShare\": 1, \"notInProfile\": 0, \"statements\": [], \"leftOut\": []}";
    }

    @ParameterizedTest(name = "{0}: {1} {2} | {3}")
    @MethodSource
    void warnings(String rule, String pointer, String without, String with) {
        Edited edited = Edited.of(SampleRecordings.withTimeout());
        assertThat(found(edited.set(pointer, without).recording(), rule)).isEmpty();
        assertThat(found(edited.set(pointer, with).recording(), rule))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
    }

    /** With ordinary spaces between figures and units. */
    private static String plain(String text) {
        return text.replaceAll("[\\u00a0\\u202f]", " ");
    }

    @Test
    void whatIsTrueOfSeveralOperationsIsOneFindingThatNamesThemAll() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set(READS + "/phases/migration/stallMs", "4000")
                .set(WRITES + "/phases/migration/stallMs", "5000")
                .set(
                        WRITES + "/phases/migration/stalls",
                        "{\"aboveMs\": 100, \"count\": 3, \"totalMs\": 9000, \"open\": true}")
                .recording();

        List<Finding> stalls = noGo(recording, "longest-stall");

        assertThat(stalls).hasSize(1);
        assertThat(stalls.get(0).measured()).isEqualTo(5_000);
        assertThat(plain(stalls.get(0).title()))
                .isEqualTo("No create_order succeeded for 5.0 s; likewise 1 other operation");
        assertThat(plain(stalls.get(0).effect()))
                .contains(
                        "create_order stood still 3 times for longer than 100 ms, ≥ 9.0 s in all.",
                        "Likewise: No read_order succeeded for 4.0 s (limit 2.0 s).");
    }

    @Test
    void errorShareCountsEveryRequestThatDidNotEndOk() {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set(WRITES + "/outcomesByPhase/migration", "{}")
                .set(WRITES + "/outcomesByPhase/recovery", "{}")
                .set(READS + "/outcomesByPhase/recovery", "{\"ok\": 500}")
                .set(READS + "/outcomesByPhase/migration", "{\"ok\": 499, \"unfinished\": 1}");
        assertThat(noGo(edited.recording(), "error-share")).isEmpty();
        edited.set(READS + "/outcomesByPhase/migration", "{\"ok\": 498, \"unfinished\": 1, \"deadlock\": 1}");
        Finding finding = noGo(edited.recording(), "error-share").get(0);
        assertThat(finding.measured()).isEqualTo(2 / 1000.0);
        assertThat(finding.effect()).contains("1 × unfinished").contains("1 × deadlock");
    }

    @Test
    void aStallThatTheBorderOfPhasesCutsIsOne() {
        Recording sample = SampleRecordings.withTimeout();
        double end = sample.phases().get(2).endMs();
        Edited edited = Edited.of(sample)
                .set(READS + "/phases/migration/stallMs", "1500")
                .set(READS + "/phases/migration/stallStartMs", Double.toString(end - 1500))
                .set(READS + "/phases/recovery/stallStartMs", Double.toString(end))
                .set(READS + "/phases/recovery/stallMs", "500");
        assertThat(noGo(edited.recording(), "longest-stall")).isEmpty();
        edited.set(READS + "/phases/recovery/stallMs", "600");
        assertThat(noGo(edited.recording(), "longest-stall"))
                .extracting(Finding::measured)
                .containsExactly(2100.0);
    }

    @Test
    void whatTheMigrationItselfMadeBlocksNobody() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set(RUN + "/locks/0", """
                        {"relation": "orders_new", "mode": "ACCESS EXCLUSIVE", "granted": true, "waitedMs": 0,
                         "heldMs": 3600000, "heldSource": "exact", "longestHeldMs": null}""")
                .recording();
        assertThat(noGo(recording, "lock-held")).isEmpty();
        assertThat(noGo(recording, "reads-blocked")).isEmpty();
    }

    @Test
    void manyShortHoldsAreNoLongOne() {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set("/lockWaits", "[]")
                .set(LOCK + "/waitedMs", "3600000")
                .set(LOCK + "/heldMs", "3600000")
                .set(LOCK + "/longestHeldMs", "200");
        assertThat(noGo(edited.recording(), "lock-held")).isEmpty();

        edited.set(LOCK + "/longestHeldMs", "2000.001");
        Finding finding = noGo(edited.recording(), "lock-held").get(0);
        assertThat(finding.measured()).isEqualTo(2000.001);
        assertThat(finding.effect())
                .contains("held more than once")
                .contains("all together were " + Figures.duration(3_600_000));
        assertThat(noGo(edited.recording(), "reads-blocked"))
                .extracting(Finding::measured)
                .containsExactly(2000.001);
    }

    @Test
    void aShareLockBlocksWritesAndNotReads() {
        Edited edited = Edited.of(SampleRecordings.withTimeout()).set("/lockWaits", "[]");
        for (int i = 0; i < 5; i++) {
            edited.set("/migration/statements/" + i + "/locks/0/mode", "\"SHARE\"");
        }
        edited.set(LOCK + "/heldMs", "60000").set(RUN + "/sql", "\"CREATE INDEX orders_email_idx ON orders (email)\"");
        assertThat(found(edited.recording(), "reads-blocked")).isEmpty();
        Finding finding = noGo(edited.recording(), "writes-blocked").get(0);
        assertThat(finding.title()).contains("Writes of orders").contains("CREATE INDEX orders_email_idx");
        assertThat(finding.safer()).contains("CREATE INDEX CONCURRENTLY orders_email_idx");
    }

    /** The table is in the name of the wait, or else in the lock that goes with the change. */
    @ParameterizedTest
    @CsvSource({"(transaction) shop.orders, shop.orders", "(tuple) shop.orders, shop.orders", "(transaction), archive"})
    void rowsThatAreWaitedForAreThoseOfATable(String relation, String table) {
        Edited edited = Edited.of(SampleRecordings.asWritten())
                .set("/migration/statements/0/sql", "\"update shop.orders set note = 'n'\"");
        edited.set("/migration/statements/0/locks/0/mode", "\"ROW EXCLUSIVE\"")
                .set("/migration/statements/0/locks/0/relation", "\"archive\"");
        edited.set("/lockWaits", """
                [{"startMs": 20100, "durationMs": 3900, "pid": 7, "relation": "%s", "mode": "SHARE",
                  "operation": "create_order", "behind": "statement 1", "ended": "granted", "source": "log",
                  "kind": "%s", "statement": null, "place": null, "queue": null, "ahead": 0}]""".formatted(relation, relation.startsWith("(tuple)") ? "tuple" : "transactionid"));
        assertThat(noGo(edited.recording(), "writes-blocked")).singleElement().satisfies(finding -> {
            assertThat(finding.title())
                    .isEqualTo("Writes of rows of " + table
                            + " stood still for 3.9\u00a0s while update shop.orders set note ="
                            + " 'n' had changed them, in a transaction that went on");
            assertThat(finding.safer())
                    .contains("Change " + table + " in batches", "VACUUM (ANALYZE) " + table + " when");
        });
    }

    @Test
    void theSaferWayOfAForeignKeyNamesTheTableThatIsAltered() {
        String added = "alter table if exists only invoices add constraint fk foreign key (c) references orders (id)";
        assertThat(SaferWay.of(added, "orders")).contains("ALTER TABLE invoices VALIDATE CONSTRAINT");
        assertThat(SaferWay.of("alter table invoices add column c bigint references orders (id)", "orders"))
                .contains("ALTER TABLE invoices VALIDATE CONSTRAINT");
        assertThat(SaferWay.of(added + " not valid", "orders"))
                .contains("`NOT VALID` already")
                .doesNotContain("VALIDATE CONSTRAINT");
        assertThat(SaferWay.of("alter table orders add check (total > 0) not valid", "orders"))
                .contains("`NOT VALID` already");
        assertThat(SaferWay.of("alter table orders add check (total > 0)", "orders"))
                .contains("ALTER TABLE orders VALIDATE CONSTRAINT");
    }

    @Test
    void aSessionThatIsBeingRefusedMakesNoSlotMore() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set("/costs/connectionsPeak", "198")
                .recording();
        assertThat(found(recording, "max-connections-reached").get(0).title())
                .isEqualTo("All 197 connection slots were in use");
    }

    @Test
    void aMigrationThatNeverBeganIsToldWithItsReason() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set("/migration/outcome", "\"failed\"")
                .set("/migration/statements", "[]")
                .set("/migration/state", "\"nothing was run: no session could be opened: FATAL: too many clients\"")
                .recording();
        Finding finding = noGo(recording, "migration-failed").get(0);
        assertThat(finding.title()).endsWith("no session could be opened: FATAL: too many clients");
        assertThat(finding.safer()).contains("max_connections").doesNotContain("Correct the statement");
    }

    @Test
    void aShareUpdateExclusiveLockDisturbsNobody() {
        Edited edited = Edited.of(SampleRecordings.withTimeout()).set("/lockWaits", "[]");
        for (int i = 0; i < 5; i++) {
            edited.set("/migration/statements/" + i + "/locks/0/mode", "\"SHARE UPDATE EXCLUSIVE\"");
        }
        Recording recording = edited.set(LOCK + "/heldMs", "3600000").recording();
        for (String rule : List.of("reads-blocked", "writes-blocked", "lock-held")) {
            assertThat(found(recording, rule)).isEmpty();
        }
    }

    @Test
    void aRewriteUnderAShortLockWarnsAndUnderALongOneStops() {
        Edited edited = Edited.of(SampleRecordings.withTimeout()).set(RUN + "/rewrote", "[\"orders\"]");
        assertThat(found(edited.set(LOCK + "/heldMs", "200").recording(), "table-rewritten"))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
        assertThat(noGo(edited.set(LOCK + "/heldMs", "200.001").recording(), "table-rewritten"))
                .hasSize(1);
    }

    @Test
    void concurrentlyNeedsNoLockTimeoutAndAScriptMaySetItsOwn() {
        Edited edited = Edited.of(SampleRecordings.withTimeout()).set("/migration/lockTimeoutMs", "null");
        for (int i = 0; i < 5; i++) {
            edited.set("/migration/statements/" + i + "/sql", "\"CREATE INDEX CONCURRENTLY i ON orders (email)\"");
        }
        assertThat(found(edited.recording(), "no-lock-timeout")).isEmpty();
        for (int i = 0; i < 5; i++) {
            edited.set("/migration/statements/" + i + "/sql", "\"SET LOCAL lock_timeout = '2s'\"");
        }
        assertThat(found(edited.recording(), "no-lock-timeout")).isEmpty();
        for (int i = 0; i < 5; i++) {
            edited.set("/migration/statements/" + i + "/sql", "\"SET lock_timeout = 0\"");
        }
        assertThat(found(edited.recording(), "no-lock-timeout")).hasSize(1);
    }

    @Test
    void theTitleNamesStatementLockAndWhoHeldIt() {
        Finding finding = noGo(SampleRecordings.asWritten(), "reads-blocked").get(0);
        assertThat(finding.measured()).isEqualTo(30_009);
        assertThat(finding.title().replace('\u00a0', ' '))
                .isEqualTo("Reads and writes of orders stood still for 30.0 s while ALTER TABLE orders ADD COLUMN notes"
                        + " text waited 30.0 s for ACCESS EXCLUSIVE behind a long read");
    }

    @Test
    void nobodyIsSaidToHaveWaitedForATableThatOnlyTheStatementLocked() {
        String lock = "{\"relation\": \"%s\", \"mode\": \"ACCESS EXCLUSIVE\", \"granted\": true, \"waitedMs\": 0,"
                + " \"heldMs\": 60000, \"heldSource\": \"exact\", \"longestHeldMs\": null}";
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set("/dataset", "null")
                .set(RUN + "/locks", "[" + lock.formatted("audit") + "]");
        assertThat(noGo(edited.recording(), "reads-blocked").get(0).title()).contains("of audit were forbidden for");
        edited.set(RUN + "/locks", "[" + lock.formatted("audit") + ", " + lock.formatted("orders") + "]");
        assertThat(noGo(edited.recording(), "reads-blocked").get(0).title()).contains("of orders stood still for");
    }

    @Test
    void whatTheStatementItselfIsMakingIsNotWhatOthersWaitedFor() {
        String made = """
                {"relation": "oid 16536", "mode": "ACCESS EXCLUSIVE", "granted": true, "waitedMs": 0, "heldMs": 9000,
                 "heldSource": "sampled", "longestHeldMs": null}""";
        String table = made.replace("oid 16536", "orders").replace("ACCESS EXCLUSIVE", "SHARE");
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set(RUN + "/sql", "\"CREATE INDEX ON orders (note)\"")
                .set(RUN + "/blocking/sessionMs", "1e9")
                .set(RUN + "/locks", "[" + made + ", " + table + "]")
                .recording();
        assertThat(SaferWay.firstFor(recording)).startsWith("Name the index");
        assertThat(Statements.locks(recording, Statements.runs(recording).get(4)))
                .extracting(Recording.Lock::relation)
                .containsExactly("orders");
        assertThat(SaferWay.of("create index on orders (note)", "orders")).doesNotContain("oid");
    }

    @Test
    void sqlToCopyNamesTheRelationAsItMustBeQuoted() {
        assertThat(SaferWay.of("alter table \"Orders\" add check (total > 0)", "Orders"))
                .contains("`ALTER TABLE \"Orders\" VALIDATE CONSTRAINT");
        assertThat(SaferWay.of("update x set a = 1", "Orders")).startsWith("1. Change Orders in batches");
    }

    @Test
    void aStopThatLeftNothingInvalidStillTellsWhatIsCommitted() {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set("/migration/outcome", "\"stopped\"")
                .set("/migration/state", "\"statement 1 (a.sql:1) is committed; statement 2 (a.sql:2) was cancelled\"")
                .set("/migration/stop", """
                        {"atMs": 38000, "askedBy": "scenario", "endedMs": 12, "cleaningFrom": null, "cleaningMs": null,
                         "leftovers": {"invalidIndexes": [], "notValidConstraints": [], "other": []}}""");
        assertThat(Stops.inWords(edited.recording()))
                .contains(
                        "It had left no INVALID index and no constraint NOT VALID that was not there before.",
                        "Of its statements: statement 1 (a.sql:1) is committed; statement 2 (a.sql:2) was cancelled.",
                        "There was no INVALID index to clean.");
    }

    @Test
    void everyRuleHasAnIdOfItsOwnAndAllItsWords() {
        assertThat(Rules.ALL).extracting(Rule::id).doesNotHaveDuplicates();
        assertThat(Rules.ALL).allSatisfy(rule -> {
            assertThat(rule.id()).matches("[a-z0-9-]+");
            assertThat(rule.title()).isNotBlank();
            assertThat(rule.guards()).endsWith(".");
            assertThat(rule.safer()).endsWith(".");
        });
    }

    @Test
    void deadlocksOfTheMigrationAreToldAndThoseOfTheWorkloadAloneAreNot() {
        String deadlock = """
                {"atMs": 31000, "withMigration": %s, "sides": [
                 {"pid": 5, "who": "statement 1", "mode": "ACCESS EXCLUSIVE", "relation": "orders", "blockedBy": 6,
                  "victim": false, "sql": null},
                 {"pid": 6, "who": "pay_order", "mode": "ROW EXCLUSIVE", "relation": "payments", "blockedBy": 5,
                  "victim": true, "sql": null}]}""";
        Edited edited = Edited.of(SampleRecordings.withTimeout());
        edited.set("/waits/deadlocks", "[" + deadlock.formatted("false") + "]");
        assertThat(found(edited.recording(), "deadlock")).isEmpty();
        edited.set("/waits/deadlocks", "[" + deadlock.formatted("true") + ", " + deadlock.formatted("true") + "]");
        assertThat(found(edited.recording(), "deadlock")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.measured()).isEqualTo(2);
            assertThat(finding.effect())
                    .contains(
                            "statement 1 wanted ACCESS EXCLUSIVE on orders, and pay_order wanted ROW EXCLUSIVE on payments",
                            "The server ended pay_order in 2 of 2.");
            assertThat(finding.statement()).isEqualTo(1);
            assertThat(finding.safer()).contains("order in which the application takes them");
        });
        String rows = deadlock.formatted("true")
                .replace("\"orders\"", "\"(transaction)\"")
                .replace("\"payments\"", "\"(transaction)\"")
                .replace("true, \"sql\"", "x, \"sql\"")
                .replace("false, \"sql\"", "true, \"sql\"")
                .replace("x, \"sql\"", "false, \"sql\"");
        edited.set("/waits/deadlocks", "[" + rows + "]");
        assertThat(found(edited.recording(), "deadlock")).singleElement().satisfies(finding -> {
            assertThat(finding.effect()).contains("The server ended the migration in 1 of 1.");
            assertThat(finding.safer()).contains("small batches", "40P01");
        });
    }

    private List<Finding> found(Recording recording, String id) {
        return Rules.ALL.stream()
                .filter(rule -> rule.id().equals(id))
                .flatMap(rule -> rule.findings(recording, limits).stream())
                .toList();
    }

    private List<Finding> noGo(Recording recording, String id) {
        return found(recording, id).stream()
                .filter(finding -> finding.severity() == Severity.NO_GO)
                .toList();
    }
}
