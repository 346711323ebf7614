package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationFoldTest {
    private static final Phases PHASES = new Phases(List.of(new Phases.Span("baseline", 0, nanos(60_000))), 0);
    private static final Fact.HeldLock ALL = new Fact.HeldLock("orders", new Fact.LockModeName("ACCESS EXCLUSIVE"));

    @Test
    void waitingIsNotHolding() {
        // The ALTER asks at 1 000, has the lock at 31 000 and commits at 31 005.
        Recording.Statement statement =
                only(run(1, 1, 0, 1_000, 31_005, "ok", ALL), wait("migration", "adversary longRead", 1_000, 31_000));

        assertThat(statement.lockWaitMs()).isEqualTo(30_000);
        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 30_000, 5, "exact"));
    }

    @Test
    void aLockThatWasGivenUpTwiceIsHeldSinceTheTryThatGotIt() {
        // BEGIN; DO, which tries again within exception blocks; the COMMIT ends at 5 000.
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 900, 901, "ok"),
                run(2, 1, 7, 1_000, 4_010, "ok", ALL),
                run(3, 1, 7, 4_990, 5_000, "ok"),
                own(1_000, 1_500, "gave up"),
                own(2_000, 2_500, "gave up"),
                own(3_000, 4_000, "granted"));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 2_000, 1_000, "exact"));
        assertThat(statements.get(1).lockWaitMs()).isEqualTo(2_000);
    }

    @Test
    void aWaitThatWasSeenToEndLateIsNotTheNextStatementsToo() {
        // It got its lock at about 1 298 and was done at 1 300; the sampler's next look was at 1 315.
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 1_000, 1_300, "ok", ALL),
                run(2, 1, 0, 1_301, 1_401, "ok", ALL),
                new Fact.Waited(
                        9,
                        "orders",
                        "ACCESS EXCLUSIVE",
                        "migration",
                        "workload",
                        nanos(1_000),
                        nanos(1_315),
                        "granted",
                        "sampled"));

        assertThat(statements.get(0).lockWaitMs()).isEqualTo(300);
        assertThat(statements.get(1).lockWaitMs()).isZero();
        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 100, "sampled"));
    }

    @Test
    void aWaitThatBeganWithTheStatementIsItsOwnAlthoughTheClocksDifferALittle() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 500, 999, "ok", ALL),
                run(2, 1, 0, 1_000, 31_005, "ok", ALL),
                wait("migration", "adversary longRead", 998, 31_000));

        assertThat(statements.get(1).locks().get(0).heldMs()).isEqualTo(5);
        assertThat(statements.get(1).lockWaitMs()).isEqualTo(30_000);
    }

    @Test
    void aLockIsHeldToTheEndOfItsTransactionAndBelongsToTheStatementThatTookIt() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 15, "ok", ALL),
                run(3, 1, 7, 30, 5_030, "ok"),
                run(4, 1, 7, 5_030, 5_040, "ok"));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 5_030, "exact"));
        assertThat(statements.get(2).locks()).isEmpty();
    }

    /** Sent at 10 and begun at 17, COMMIT done at 5 031 and heard of at 5 040: held for 5 014, and not for 5 030. */
    @Test
    void theServersLogKnowsBetterThanItsClientWhenAHoldBeganAndEnded() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 20, "ok", ALL),
                run(3, 1, 7, 30, 5_030, "ok"),
                run(4, 1, 7, 5_030, 5_040, "ok"),
                new Fact.ServerDone(nanos(0.2), nanos(0.8), false),
                new Fact.ServerDone(nanos(17), nanos(19.8), false),
                new Fact.ServerDone(nanos(30.2), nanos(5_029.8), false),
                new Fact.ServerDone(nanos(5_030.2), nanos(5_031), true));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 5_014, "exact"));
        // What the whole took is what its client waited for.
        assertThat(statements.get(3).endMs()).isEqualTo(5_040);
    }

    /** Looks at 12 and at 5 036 showed the lock: then it was held for 5 019 at least, whatever the log seems to say. */
    @Test
    void aLookThatShowsALockIsBelievedBeforeTheServersLog() {
        Recording.Statement statement = statements(
                        run(1, 1, 7, 0, 1, "ok"),
                        run(2, 1, 7, 10, 20, "ok", ALL),
                        run(3, 1, 7, 30, 5_030, "ok"),
                        run(4, 1, 7, 5_030, 5_040, "ok"),
                        new Fact.LockSeen(
                                9, "orders", ALL.mode(), true, nanos(9), nanos(12), nanos(5_036), nanos(5_045)),
                        new Fact.ServerDone(nanos(17), nanos(19.8), false),
                        new Fact.ServerDone(nanos(5_030.2), nanos(5_030.8), true))
                .get(1);

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 5_019, "exact"));
    }

    @Test
    void whoWaitedBehindAStatementIsChargedToTheRunThatWasUnderWay() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 1_000, 3_000, "retried"),
                run(1, 2, 0, 8_000, 8_010, "ok", ALL),
                wait("read_order", "statement 1", 1_100, 3_000),
                wait("place_order", "statement 1", 1_200, 3_001),
                wait("other", "statement 1", 2_900, 3_000),
                wait("read_order", "workload", 1_100, 2_000));

        assertThat(statements.get(0).blocking())
                .isEqualTo(
                        new Recording.Blocking(3, 1_900 + 1_801 + 100, 1_900, 2, List.of("place_order", "read_order")));
        assertThat(statements.get(1).blocking()).isEqualTo(Recording.Blocking.NONE);
    }

    @Test
    void aWaitIsChargedToTheStatementThatTookTheLockNotToTheOneThatRuns() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 20, "ok", ALL),
                run(3, 1, 7, 30, 3_030, "ok"),
                run(4, 1, 7, 3_030, 3_040, "ok"),
                wait("read_order", "statement 3", 40, 3_040),
                wait("place_order", "migration", 25, 3_040));

        assertThat(statements.get(1).blocking())
                .isEqualTo(new Recording.Blocking(2, 3_000 + 3_015, 3_015, 2, List.of("place_order", "read_order")));
        assertThat(statements.get(2).blocking()).isEqualTo(Recording.Blocking.NONE);
    }

    @Test
    void aLockThatAStatementTookLateWasNotHeldFromItsStart() {
        // A DO block in a transaction that does something else for 3 s first.
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 3_510, "ok", ALL),
                run(3, 1, 7, 3_510, 3_520, "ok"),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), true, nanos(3_000), nanos(3_020), nanos(3_500), nanos(3_520)));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 520, "sampled"));
    }

    @Test
    void aLockThatWasWaitedForTooShortlyToBeSeenWaitingIsHeldSinceTheLookThatDidNotShowIt() {
        // Sent at 1 000; a look at 1 012 shows nothing, one at 1 017 the lock; the COMMIT's answer is there at 1 100.
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 1_100, "ok", ALL),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), true, nanos(1_012), nanos(1_017), nanos(1_097), nanos(1_137)));

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 88, "exact"));
    }

    /** Sent at 1 000, and first seen when a look came: whoever waited before that without being seen got it later. */
    @ParameterizedTest
    @CsvSource({"1005, exact", "1006, sampled"})
    void aHoldIsExactWhereItsBeginIsKnownWithinFiveMilliseconds(double first, String source) {
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 1_100, "ok", ALL),
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(995), nanos(first), nanos(1_097), nanos(1_137)));

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 100, source));
    }

    @Test
    void aLockThatTheStatementBeforeHadTooIsHeldSinceItsOwnStart() {
        // The look of 1 204.4 shows it again already: for the sampler it never was away.
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 1_000, 1_200, "ok", ALL), run(2, 1, 0, 1_204, 1_304, "ok", ALL), again(1_204.4));

        assertThat(statements.get(0).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 200, "exact"));
        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 100, "exact"));
        assertThat(statements(
                                run(1, 1, 0, 1_000, 1_200, "ok", ALL),
                                run(2, 1, 0, 1_204, 1_304, "ok", ALL),
                                again(1_239))
                        .get(1)
                        .locks())
                .as("it may have waited for another that had it in between")
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 100, "sampled"));
    }

    private static Fact.LockSeen again(double againMs) {
        return new Fact.LockSeen(
                9,
                "orders",
                ALL.mode(),
                true,
                nanos(960),
                nanos(1_001),
                nanos(1_299),
                nanos(1_307),
                List.of(nanos(againMs)));
    }

    /** The look of 1 001 still shows what the statement before had; then this one waits for something else, for 3 s. */
    @Test
    void aLockThatALookDidNotShowInBetweenIsNotHadSinceTheStart() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 500, 1_001, "ok", ALL),
                run(2, 1, 0, 1_000.5, 4_500, "ok", ALL),
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(480), nanos(503), nanos(1_001), nanos(1_007)),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), true, nanos(3_990), nanos(3_994), nanos(4_494), nanos(4_534)));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 510, "exact"));
    }

    /** Locked for 2 ms without being seen, given back, and locked again 30 s later, in one transaction. */
    @Test
    void aHoldThatNoLookShowedIsNotTheNextOneOfTheSameLock() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 12, "ok", ALL),
                run(3, 1, 7, 20, 30_000, "ok"),
                run(4, 1, 7, 30_001, 30_003, "ok", ALL),
                run(5, 1, 7, 31_000, 31_001, "ok"),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), true, nanos(29_990), nanos(30_005), nanos(30_995), nanos(31_005)));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 29_980, "sampled"));
        assertThat(statements.get(3).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 1_000, "exact"));
    }

    /** Readers waited for the statement before; the last of them woke up when this one had begun. */
    @Test
    void whoCameBeforeAStatementProvesNoReleaseOfIts() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 1_000, 4_000, "ok", ALL),
                run(2, 1, 0, 4_004, 8_004, "ok", ALL),
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(960), nanos(1_003), nanos(4_001), nanos(4_003)),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), true, nanos(4_003), nanos(4_008), nanos(8_000), nanos(8_040)),
                reader("statement 1", 2_000, 4_000.4, "granted", "log"),
                reader("statement 1", 2_000, 4_004.3, "granted", "log"));

        assertThat(statements.get(1).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 4_000, "exact"));
    }

    @Test
    void aLockThatIsSeenUnderAnotherNameIsHeldSinceTheStart() {
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 1_035, "ok", ALL),
                new Fact.LockSeen(
                        9, "orders_new", ALL.mode(), true, nanos(1_000), nanos(1_005), nanos(1_030), nanos(1_040)));

        assertThat(statement.locks())
                .contains(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 35, "sampled"));
    }

    @Test
    void aLockThatALookDoesNotShowAnyMoreIsReleasedAlthoughTheAnswerIsNotThereYet() {
        Fact.LockSeen gone =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(990), nanos(1_004), nanos(1_090), nanos(1_096));

        // 4 ms and 40 ms before the answer.
        assertThat(only(run(1, 1, 0, 1_000, 1_100, "ok", ALL), gone).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 96, "exact"));
        assertThat(only(run(1, 1, 0, 1_000, 1_136, "ok", ALL), gone).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 96, "sampled"));
    }

    @Test
    void aLockIsHeldNoLongerThanToTheSavepointThatWasRolledBackTo() {
        Fact.StatementRan rollback = saying("ROLLBACK TO before_alter", run(3, 1, 7, 500, 510, "ok"));
        Fact.StatementRan commit = run(5, 1, 7, 3_510, 3_520, "ok");
        Fact.LockSeen gone =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(5), nanos(25), nanos(505), nanos(525));
        Fact.LockSeen stays =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(5), nanos(25), nanos(3_505), nanos(3_525));

        assertThat(statements(run(2, 1, 7, 10, 15, "ok", ALL), rollback, commit, gone)
                        .get(0)
                        .locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 500, "exact"));
        assertThat(statements(run(2, 1, 7, 10, 15, "ok", ALL), rollback, commit, stays)
                        .get(0)
                        .locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 3_510, "exact"));
    }

    @Test
    void aLockIsReleasedWhenTheFirstBehindItIsGrantedNotWhenTheClientLearnsOfIt() {
        // Had at 31 000, the readers behind it are granted 9 to 17 ms later, COMMIT's answer comes after 193.5 ms.
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 31_193.5, "ok", ALL),
                wait("migration", "adversary longRead", 1_000, 31_000),
                reader("statement 1", 2_000, 31_017, "granted", "log"),
                reader("statement 1", 2_000, 31_009, "granted", "log"));

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 30_000, 9, "exact"));
    }

    @Test
    void aWaitThatProvesNoReleaseLeavesTheLockToTheEndOfItsTransaction() {
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 31_193.5, "ok", ALL),
                wait("migration", "adversary longRead", 1_000, 31_000),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), true, nanos(30_995), nanos(31_015), nanos(31_175), nanos(31_195)),
                // Ahead of it, at another table, given up, and a sampled one that can only have given up.
                reader("workload", 900, 31_001, "granted", "log"),
                reader("statement 1", 900, 31_000, "granted", "log"),
                new Fact.Waited(
                        8,
                        "audit",
                        "ACCESS SHARE",
                        "read_order",
                        "statement 1",
                        nanos(2_000),
                        nanos(31_009),
                        "granted",
                        "log"),
                reader("statement 1", 2_000, 31_020, "gave up", "log"),
                reader("statement 1", 2_000, 31_174, "granted", "sampled"));

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 30_000, 193.5, "exact"));
    }

    @Test
    void aReleaseThatTheSamplerAloneToldIsSampled() {
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 1_200, "ok", ALL),
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(990), nanos(1_010), nanos(1_030), nanos(1_050)),
                reader("statement 1", 1_005, 1_050, "granted", "sampled"));

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 50, "sampled"));
    }

    @Test
    void aQueueNamesTheStatementThatTookTheLockNotTheOneThatRuns() {
        List<Fact> facts =
                List.of(run(1, 1, 7, 0, 1, "ok"), run(2, 1, 7, 10, 20, "ok", ALL), run(3, 1, 7, 30, 3_030, "ok"));
        Recording.QueueEntry sleeping = new Recording.QueueEntry(9, "statement 3", "ACCESS EXCLUSIVE", 0);
        Recording.QueueEntry reader = new Recording.QueueEntry(8, "read_order", "ACCESS SHARE", 100);
        Fact.QueueSeen queue =
                new Fact.QueueSeen(nanos(1_000), "orders", List.of(sleeping, reader), List.of(reader), 1);

        assertThat(new MigrationFold(facts, List.of("read_order"), PHASES).holders(queue))
                .extracting(Recording.QueueEntry::who)
                .containsExactly("statement 2", "read_order");
    }

    @Test
    void aLockThatIsFirstSeenDuringTheCommitIsNotTheCommits() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 20, "ok", ALL),
                run(3, 1, 7, 21, 40, "ok"),
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(9), nanos(29), nanos(29), nanos(49)));

        assertThat(statements.get(2).locks()).isEmpty();
    }

    @Test
    void aLockThatWasNeverSeenWasTakenAfterTheWaitForAnother() {
        // TRUNCATE of two tables: orders is waited for, audit is had for a moment only.
        Fact.HeldLock audit = new Fact.HeldLock("audit", ALL.mode());
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 31_005, "ok", ALL, audit),
                wait("migration", "adversary longRead", 1_000, 31_000),
                new Fact.LockSeen(
                        9, "orders", ALL.mode(), false, nanos(990), nanos(1_010), nanos(30_990), nanos(31_010)));

        assertThat(statement.locks())
                .containsExactly(
                        new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 30_000, 5, "exact"),
                        new Recording.Lock("audit", "ACCESS EXCLUSIVE", true, 0, 15, "sampled"));
    }

    @Test
    void aWaitForARowIsChargedToTheStatementThatCanHaveChangedIt() {
        Fact.HeldLock rows = new Fact.HeldLock("orders", new Fact.LockModeName("ROW EXCLUSIVE"));
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                run(2, 1, 7, 10, 20, "ok", rows),
                run(3, 1, 7, 30, 3_030, "ok"),
                run(4, 1, 7, 3_030, 3_040, "ok"),
                rowWait("(transaction)", "statement 3", 40, 3_040),
                rowWait("(tuple) orders", "migration", 25, 3_040));

        assertThat(statements.get(1).blocking().requests()).isEqualTo(2);
        assertThat(statements.get(2).blocking()).isEqualTo(Recording.Blocking.NONE);
    }

    /** The second change of orders locks it no more, since the first did: its words name it. The third is of another table. */
    @Test
    void aWaitForARowOfAKnownTableIsChargedToTheLastThatCanHaveChangedThat() {
        Fact.HeldLock orders = new Fact.HeldLock("orders", new Fact.LockModeName("ROW EXCLUSIVE"));
        Fact.HeldLock items = new Fact.HeldLock("items", new Fact.LockModeName("ROW EXCLUSIVE"));
        List<Recording.Statement> statements = statements(
                run(1, 1, 7, 0, 1, "ok"),
                saying("UPDATE orders SET a = 1", run(2, 1, 7, 10, 20, "ok", orders)),
                saying("UPDATE Orders SET b = 1", run(3, 1, 7, 20, 30, "ok")),
                saying("UPDATE items SET n = 1 -- of orders_old", run(4, 1, 7, 30, 40, "ok", items)),
                run(5, 1, 7, 40, 3_040, "ok"),
                rowWait("(transaction) orders", "statement 5", 50, 3_040),
                rowWait("(tuple) items", "migration", 50, 3_040),
                rowWait("(transaction) orders", "statement 2", 15, 3_040),
                rowWait("(transaction) shop.payments", "statement 5", 50, 3_040));

        assertThat(statements)
                .extracting(statement -> statement.blocking().requests())
                .as("a table that no statement names may be changed by a trigger of the last")
                .containsExactly(0L, 1L, 1L, 2L, 0L);
    }

    /** Reading a table changes none of its rows; what a call changes nobody knows; a partition is changed without being named. */
    @Test
    void aWaitForARowIsNotChargedToWhoOnlyReadsItsTable() {
        Fact.HeldLock orders = new Fact.HeldLock("orders", new Fact.LockModeName("ROW EXCLUSIVE"));
        Fact.HeldLock read = new Fact.HeldLock("orders", new Fact.LockModeName("ACCESS SHARE"));
        Fact.HeldLock leaf = new Fact.HeldLock("orders_2024", new Fact.LockModeName("ROW EXCLUSIVE"));
        List<Recording.Statement> statements = statements(
                saying("UPDATE orders SET a = 1", run(1, 1, 7, 10, 20, "ok", orders, leaf)),
                saying("INSERT INTO archive SELECT * FROM orders", run(2, 1, 7, 20, 3_020, "ok", read)),
                saying("CALL repair()", run(3, 1, 7, 3_020, 6_020, "ok")),
                saying("UPDATE payments SET n = 1", run(4, 1, 7, 6_020, 6_030, "ok")),
                rowWait("(transaction) orders", "statement 2", 50, 3_000),
                rowWait("(transaction) orders", "statement 4", 6_025, 6_030),
                rowWait("(transaction) orders_2024", "statement 4", 6_026, 6_030));

        assertThat(statements)
                .extracting(statement -> statement.blocking().requests())
                .containsExactly(1L, 0L, 1L, 1L);
    }

    /** What adds rows changes none that others could know: who waits for a row waits for the update before it. */
    @Test
    void aWaitForARowIsNotChargedToWhoOnlyAddsRows() {
        Fact.HeldLock orders = new Fact.HeldLock("orders", new Fact.LockModeName("ROW EXCLUSIVE"));
        Fact.StatementRan update = saying("UPDATE orders SET a = 1", run(1, 1, 7, 10, 60_000, "ok", orders));
        Fact.StatementRan insert = saying("/* b */ INSERT INTO orders SELECT 1", run(2, 1, 7, 60_000, 60_010, "ok"));
        Fact.StatementRan upsert = saying(
                "INSERT INTO orders VALUES (1)\nON CONFLICT (id) DO\nUPDATE SET a = 1",
                run(3, 1, 7, 60_010, 60_020, "ok"));

        assertThat(statements(update, insert, rowWait("(transaction) orders", "statement 2", 60_005, 60_010)))
                .extracting(statement -> statement.blocking().requests())
                .containsExactly(1L, 0L);
        assertThat(statements(update, insert, upsert, rowWait("(transaction) orders", "statement 3", 60_015, 60_020)))
                .extracting(statement -> statement.blocking().requests())
                .containsExactly(0L, 0L, 1L);
        assertThat(statements(
                        saying("INSERT INTO orders SELECT 1", run(1, 1, 7, 10, 20, "ok", orders)),
                        run(2, 1, 7, 20, 30, "ok"),
                        rowWait("(transaction) orders", "statement 2", 25, 30)))
                .as("no other can have")
                .extracting(statement -> statement.blocking().requests())
                .containsExactly(1L, 0L);
    }

    /** An insert that refers to a row locks it against its deletion; one that selects FOR UPDATE against any change. */
    @Test
    void whatAddsRowsMayLockThoseOfAnotherTable() {
        Fact.HeldLock orders = new Fact.HeldLock("orders", new Fact.LockModeName("ROW EXCLUSIVE"));
        Fact.HeldLock shared = new Fact.HeldLock("orders", new Fact.LockModeName("ROW SHARE"));
        Fact.StatementRan update = saying("UPDATE orders SET a = 1", run(1, 1, 7, 10, 20, "ok", orders));
        for (Fact.StatementRan second : List.of(
                saying("INSERT INTO items SELECT id FROM orders", run(2, 1, 7, 20, 60_000, "ok", shared)),
                saying("INSERT INTO items SELECT id FROM orders FOR UPDATE", run(2, 1, 7, 20, 60_000, "ok", orders)))) {
            assertThat(statements(update, second, rowWait("(transaction) orders", "statement 2", 30, 60_000)))
                    .extracting(statement -> statement.blocking().requests())
                    .containsExactly(0L, 1L);
        }
    }

    /** The lock of the second went with its savepoint; the fourth took it again. */
    @Test
    void aWaitIsNotChargedToALockThatWentWithItsSavepoint() {
        Fact[] facts = {
            saying("SAVEPOINT s", run(1, 1, 7, 0, 1, "ok")),
            run(2, 1, 7, 100, 110, "ok", ALL),
            saying("ROLLBACK TO s", run(3, 1, 7, 300, 301, "ok")),
            run(4, 1, 7, 400, 60_400, "ok", ALL),
            saying("COMMIT", run(5, 1, 7, 60_400, 60_401, "ok")),
            new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(80), nanos(105), nanos(295), nanos(310)),
            new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(390), nanos(405), nanos(60_395), nanos(60_410)),
            wait("read_order", "statement 3", 200, 300),
            wait("place_order", "statement 4", 410, 60_401)
        };

        assertThat(statements(facts))
                .extracting(statement -> statement.blocking().requests())
                .containsExactly(0L, 1L, 0L, 1L, 0L);
    }

    /** Its transaction ended long ago: a session's advisory lock is had until it is given back. */
    @Test
    void aWaitForAnAdvisoryLockIsChargedToTheStatementThatTookIt() {
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 100, 110, "ok"),
                run(2, 1, 0, 200, 60_200, "ok", ALL),
                advisory(90, 130, 60_020),
                advisoryWait(1_000, 60_000),
                advisoryWait(60_100, 60_150));

        assertThat(statements)
                .extracting(statement -> statement.blocking().requests())
                .containsExactly(1L, 1L);
        assertThat(statements.get(0).blocking().longestMs()).isEqualTo(59_000);
        assertThat(statements(
                        saying("SELECT pg_advisory_lock(42)", run(1, 1, 0, 100, 110, "ok")),
                        run(2, 1, 0, 111, 60_200, "ok", ALL),
                        advisory(90, 112, 60_020),
                        advisoryWait(1_000, 60_000)))
                .extracting(statement -> statement.blocking().requests())
                .as("the look that shows it comes while the next one runs")
                .containsExactly(1L, 0L);
        assertThat(statements(
                        saying("SELECT pg_advisory_lock(42)", run(1, 1, 0, 100, 110, "ok")),
                        run(2, 1, 0, 111, 60_200, "ok", ALL),
                        advisory(130, 130, 60_020),
                        advisoryWait(1_000, 60_000)))
                .extracting(statement -> statement.blocking().requests())
                .as("the first look of all comes while the next one runs")
                .containsExactly(1L, 0L);
        assertThat(statements(
                        run(1, 1, 0, 100, 110, "ok"),
                        run(2, 1, 0, 200, 60_200, "ok", ALL),
                        advisory(90, 105, 60_020),
                        advisory(190, 210, 60_020),
                        advisoryWait(1_000, 60_000)))
                .extracting(statement -> statement.blocking().requests())
                .as("of two keys nobody knows for which one it waits")
                .containsExactly(0L, 1L);
        assertThat(statements.get(0).locks())
                .as("it forbids nothing but itself")
                .isEmpty();
    }

    private static Fact.LockSeen advisory(double unseenMs, double firstMs, double goneMs) {
        return new Fact.LockSeen(
                9,
                "(advisory lock)",
                new Fact.LockModeName("EXCLUSIVE"),
                true,
                nanos(unseenMs),
                nanos(firstMs),
                nanos(goneMs - 20),
                nanos(goneMs));
    }

    private static Fact.Waited advisoryWait(double startMs, double endMs) {
        return new Fact.Waited(
                1,
                "(advisory lock)",
                "EXCLUSIVE",
                "place_order",
                "statement 2",
                nanos(startMs),
                nanos(endMs),
                "granted",
                "log");
    }

    @Test
    void aLockThatWasGivenUpWasNeverHeld() {
        Recording.Statement statement = only(
                run(1, 1, 0, 1_000, 3_002, "retried"),
                new Fact.LockSeen(9, "orders", ALL.mode(), false, nanos(990), nanos(1_010), nanos(2_990), nanos(3_010)),
                new Fact.Waited(
                        9,
                        "orders",
                        "ACCESS EXCLUSIVE",
                        "migration",
                        "adversary longRead",
                        nanos(1_001),
                        nanos(3_001),
                        "gave up",
                        "log"));

        assertThat(statement.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", false, 2_000, 0, "sampled"));
    }

    @Test
    void aStopIsToldApartFromItsCleaning() {
        // Asked for at 10 000, ended at 10 012; cleaning from 10 100 to 10 600.
        Recording.Leftovers left = new Recording.Leftovers(List.of("orders_note"), List.of(), List.of());
        Recording.MigrationFacts migration = migration(
                run(1, 1, 0, 1_000, 2_000, "ok"),
                run(2, 1, 0, 2_000, 10_012, "stopped"),
                run(3, 1, 0, 10_100, 10_600, "ok"),
                new Fact.MigrationStopped(nanos(10_000), nanos(10_012), left, 3));

        assertThat(migration.durationMs()).isEqualTo(9_012);
        assertThat(migration.stop()).isEqualTo(new Recording.Stop(10_000, "scenario", 12, left, 3, 500.0));
    }

    @Test
    void aStopThatLeavesNothingHasNoCleaning() {
        Recording.MigrationFacts migration = migration(
                run(1, 1, 0, 1_000, 4_000, "stopped"),
                new Fact.MigrationStopped(nanos(4_000), nanos(4_000), Recording.Leftovers.NONE, null));

        assertThat(migration.durationMs()).isEqualTo(3_000);
        assertThat(migration.stop())
                .isEqualTo(new Recording.Stop(4_000, "scenario", 0, Recording.Leftovers.NONE, null, null));
    }

    @Test
    void noticesAndBatchesBelongToTheirRun() {
        Recording.Notice skipped = new Recording.Notice("42P07", "relation \"i\" already exists, skipping");
        Recording.Batches batches = new Recording.Batches(3, 11, 2.5, 4.5, 1);
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 0, 10, "retried"),
                run(1, 2, 0, 20, 30, "ok"),
                run(2, 1, 0, 30, 40, "ok"),
                new Fact.StatementTold(1, 2, List.of(skipped), 7),
                new Fact.BatchesRan(2, 1, batches));

        assertThat(statements.get(0).notices()).isEmpty();
        assertThat(statements.get(1).notices()).containsExactly(skipped);
        assertThat(statements.get(1).moreNotices()).isEqualTo(7);
        assertThat(statements.get(1).batches()).isNull();
        assertThat(statements.get(2).batches()).isEqualTo(batches);
    }

    @Test
    void aLockIsNotHeldBetweenTheTransactionsOfABackfill() {
        Fact.LockModeName mode = new Fact.LockModeName("ROW EXCLUSIVE");
        Recording.Statement backfill = only(
                run(1, 1, 0, 0, 5_000, "ok"),
                new Fact.LockSeen(9, "orders", mode, true, nanos(80), nanos(100), nanos(600), nanos(620)),
                new Fact.LockSeen(9, "orders", mode, true, nanos(1_580), nanos(1_600), nanos(2_400), nanos(2_420)));

        assertThat(backfill.locks())
                .containsExactly(new Recording.Lock("orders", "ROW EXCLUSIVE", true, 0, 1_300, "sampled", 800.0));
    }

    @Test
    void eachHoldOfABackfillBeginsAtItsOwnWaitsEnd() {
        Fact.LockModeName mode = new Fact.LockModeName("SHARE");
        Recording.Statement backfill = only(
                run(1, 1, 0, 0, 5_000, "ok"),
                new Fact.LockSeen(9, "orders", mode, true, nanos(90), nanos(110), nanos(600), nanos(620)),
                new Fact.LockSeen(9, "orders", mode, true, nanos(990), nanos(1_010), nanos(1_400), nanos(1_420)),
                new Fact.LockSeen(9, "orders", mode, true, nanos(3_990), nanos(4_010), nanos(4_110), nanos(4_130)),
                waitFor("SHARE", 1_000, 1_005),
                waitFor("SHARE", 3_000, 4_000));

        // 490 without a wait, 395 after 5 of waiting, 110 after 1 000 of waiting.
        assertThat(backfill.locks())
                .containsExactly(new Recording.Lock("orders", "SHARE", true, 1_005, 995, "sampled", 490.0));
    }

    @Test
    void whoWaitsForARowOfABackfillIsChargedToIt() {
        Fact.StatementRan backfill = saying("WITH batch AS (SELECT 1) UPDATE", run(2, 1, 0, 0, 5_000, "ok"));
        Fact.Waited row = new Fact.Waited(
                8,
                "(transaction)",
                "SHARE",
                "place_order",
                "statement 2",
                nanos(100),
                nanos(140),
                "granted",
                "sampled");

        assertThat(statements(backfill, row).get(0).blocking())
                .isEqualTo(new Recording.Blocking(1, 40, 40, 1, List.of("place_order")));
    }

    @Test
    void aLockThatAnExceptionBlockGaveBackIsToldByTheSampler() {
        // Read at the end: orders. Seen meanwhile: audit from 120 to 320, what the statement made, and a catalogue.
        Fact.LockModeName mode = ALL.mode();
        Recording.Statement statement = only(
                run(1, 1, 0, 0, 1_000, "ok", ALL),
                new Fact.LockSeen(9, "orders", mode, true, nanos(-10), nanos(4), nanos(990), nanos(1_010)),
                new Fact.LockSeen(9, "audit", mode, true, nanos(100), nanos(120), nanos(320), nanos(340)),
                new Fact.LockSeen(9, "oid 16400", mode, true, nanos(100), nanos(120), nanos(320), nanos(340)),
                new Fact.LockSeen(9, "pg_temp_3.t", mode, true, nanos(100), nanos(120), nanos(320), nanos(340)),
                new Fact.LockSeen(
                        9,
                        "pg_catalog.pg_class",
                        new Fact.LockModeName("ROW EXCLUSIVE"),
                        true,
                        nanos(100),
                        nanos(120),
                        nanos(320),
                        nanos(340)));

        assertThat(statement.locks())
                .containsExactly(
                        new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 1_000, "exact"),
                        new Recording.Lock("audit", "ACCESS EXCLUSIVE", true, 0, 200, "sampled"));
        assertThat(statement.locksRead()).isTrue();
    }

    @Test
    void aLockOnACatalogueThatForbidsOthersSomethingIsTold() {
        Recording.Statement reindex = only(
                run(1, 1, 0, 0, 1_000, "ok"),
                new Fact.LockSeen(
                        9,
                        "pg_catalog.pg_class",
                        new Fact.LockModeName("SHARE"),
                        true,
                        nanos(100),
                        nanos(120),
                        nanos(320),
                        nanos(340)));

        assertThat(reindex.locks())
                .containsExactly(new Recording.Lock("pg_catalog.pg_class", "SHARE", true, 0, 200, "sampled"));
    }

    @Test
    void aSessionLockIsHeldFromTheCommandsStartToItsEnd() {
        // CREATE INDEX CONCURRENTLY from 0 to 5 000, seen from the first look after its start to the last before its
        // end.
        Fact.LockModeName mode = new Fact.LockModeName("SHARE UPDATE EXCLUSIVE");
        Recording.Statement build = only(
                run(1, 1, 0, 0, 5_000, "ok"),
                new Fact.LockSeen(9, "orders", mode, true, nanos(-5), nanos(15), nanos(4_995), nanos(5_015)));

        assertThat(build.locks())
                .containsExactly(new Recording.Lock("orders", "SHARE UPDATE EXCLUSIVE", true, 0, 5_000, "sampled"));
        assertThat(build.locksRead()).isFalse();
    }

    @Test
    void aLockOfTheStatementBeforeThatALookStillShowsIsNotTheNextOnes() {
        // Both alone; a look at 1 001, whose picture is from 999, shows the first one's lock.
        List<Recording.Statement> statements = statements(
                run(1, 1, 0, 990, 1_000, "ok", ALL),
                run(2, 1, 0, 1_000.5, 1_400, "ok"),
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(981), nanos(1_001), nanos(1_001), nanos(1_021)));

        assertThat(statements.get(1).locks()).isEmpty();
    }

    /** The look's middle lies before the end of the first statement, which did not have the lock when its own were read. */
    @Test
    void aLockOfTheNextStatementThatALookShowsTooSoonIsNotTheOneBeforesToo() {
        Fact.StatementRan first = run(1, 1, 0, 0, 100, "ok", new Fact.HeldLock("items", ALL.mode()));
        Fact.StatementRan second = run(2, 1, 0, 101, 120, "ok", ALL);
        Fact.LockSeen straddling =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(80), nanos(95), nanos(115), nanos(135));

        List<Recording.Statement> statements = statements(first, second, straddling);
        assertThat(relations(statements.get(0))).containsExactly("items");
        assertThat(relations(statements.get(1))).containsExactly("orders");

        // Long before, and gone: an exception block gave it back, whatever the next one locks.
        Fact.LockSeen before =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(5), nanos(25), nanos(45), nanos(65));
        assertThat(relations(statements(first, second, before).get(0))).containsExactlyInAnyOrder("items", "orders");
    }

    /** Nobody reads what they have locked, since they lock nothing: a look on a busy machine is 20 ms long. */
    @Test
    void aLockThatALookShowsTooSoonIsNotTheBeginsOrTheCommitsBeforeIt() {
        Fact.LockSeen straddling =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(-20), nanos(0.5), nanos(1_015), nanos(1_035));
        Fact.StatementRan second = run(2, 1, 7, 2, 4, "ok", ALL);
        Fact.StatementRan alone = run(2, 1, 0, 2, 4, "ok", ALL);
        for (String sql : List.of("BEGIN", "-- for all\nstart  transaction", "/* now */ Commit", "ROLLBACK")) {
            boolean begins = sql.endsWith("BEGIN") || sql.endsWith("transaction");
            List<Recording.Statement> statements = statements(
                    saying(sql, run(1, 1, 7, 0, 1, "ok")),
                    begins ? second : alone,
                    straddling,
                    wait("read_order", "statement 3", 100, 1_000));

            assertThat(relations(statements.get(0))).as(sql).isEmpty();
            assertThat(relations(statements.get(1))).as(sql).containsExactly("orders");
            assertThat(statements.get(0).blocking()).as(sql).isEqualTo(Recording.Blocking.NONE);
        }
        // What is not known to lock nothing had it.
        assertThat(relations(statements(saying("CALL begin_work()", run(1, 1, 7, 0, 1, "ok")), alone, straddling)
                        .get(0)))
                .containsExactly("orders");
    }

    private static List<String> relations(Recording.Statement statement) {
        return statement.locks().stream().map(Recording.Lock::relation).toList();
    }

    @Test
    void aLockThatAnExceptionBlockGaveUpWaitingForWasNeverHeld() {
        // A DO block that catches its lock_timeout after 500 ms, and succeeds.
        Recording.Statement block = only(
                run(1, 1, 0, 0, 1_000, "ok"),
                new Fact.LockSeen(9, "orders", ALL.mode(), false, nanos(90), nanos(110), nanos(590), nanos(610)),
                new Fact.Waited(
                        9,
                        "orders",
                        "ACCESS EXCLUSIVE",
                        "migration",
                        "adversary longRead",
                        nanos(100),
                        nanos(600),
                        "gave up",
                        "log"));

        assertThat(block.locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", false, 500, 0, "sampled"));
    }

    /** The server tells nobody of an error that a block catches: it looks like a grant, and nothing was held for the minute after. */
    @Test
    void aLockThatIsSeenWaitedForAndNeverSeenHeldWasHeldForALookAtMost() {
        Fact.LockSeen waiting =
                new Fact.LockSeen(9, "orders", ALL.mode(), false, nanos(90), nanos(110), nanos(290), nanos(310));
        Fact.Waited wait = new Fact.Waited(
                9,
                "orders",
                "ACCESS EXCLUSIVE",
                "migration",
                "adversary longRead",
                nanos(100),
                nanos(300),
                "granted",
                "sampled");

        assertThat(only(run(1, 1, 0, 0, 60_300, "ok"), waiting, wait).locks())
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 200, 10, "sampled"));
        assertThat(only(run(1, 1, 0, 0, 304, "ok"), waiting, wait).locks())
                .as("it ends before the next look")
                .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 200, 4, "sampled"));
    }

    /** The look was asked for as the statement was sent: its middle lies before the start, and so does the statement's before. */
    @Test
    void aLockThatALookShowsBeforeAStatementThatNobodyReadIsItsOwn() {
        Fact.StatementRan first = run(1, 1, 0, 0, 100, "ok", new Fact.HeldLock("items", ALL.mode()));
        Fact.StatementRan vacuum = run(2, 1, 0, 101, 60_000, "ok");
        Fact.LockSeen between =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(80), nanos(100.5), nanos(59_990), nanos(60_010));
        Fact.LockSeen within =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(80), nanos(95), nanos(59_990), nanos(60_010));

        for (Fact.LockSeen sighting : List.of(between, within)) {
            List<Recording.Statement> statements = statements(first, vacuum, sighting);
            assertThat(relations(statements.get(0))).containsExactly("items");
            assertThat(statements.get(1).locks())
                    .containsExactly(new Recording.Lock("orders", "ACCESS EXCLUSIVE", true, 0, 59_899, "sampled"));
        }
        Fact.LockSeen late =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(80), nanos(100.5), nanos(140), nanos(160));
        assertThat(statements(first, vacuum, late).get(1).locks()).isEmpty();
    }

    /** No look falls between two statements of which each holds the same for a minute, and gives it back. */
    @Test
    void twoThatHoldTheSameOneAfterTheOtherBothHeldIt() {
        Fact.LockSeen both =
                new Fact.LockSeen(9, "orders", ALL.mode(), true, nanos(0), nanos(5), nanos(119_990), nanos(120_030));

        List<Recording.Statement> statements =
                statements(run(1, 1, 0, 0, 60_000, "ok"), run(2, 1, 0, 60_001, 120_000, "failed"), both);
        assertThat(statements)
                .extracting(statement -> statement.locks().get(0).heldMs())
                .containsExactly(60_000.0, 59_999.0);
        assertThat(statements(
                                run(1, 1, 0, 0, 60_000, "ok"),
                                saying("SET lock_timeout = '1s'", run(2, 1, 0, 60_000.2, 60_000.6, "ok")),
                                run(3, 1, 0, 60_001, 120_000, "failed"),
                                both)
                        .get(1)
                        .locks())
                .as("a moment between the two")
                .isEmpty();
    }

    private static Recording.Statement only(Fact... facts) {
        List<Recording.Statement> statements = statements(facts);
        assertThat(statements).hasSize(1);
        return statements.get(0);
    }

    private static List<Recording.Statement> statements(Fact... facts) {
        return migration(facts).statements();
    }

    private static Recording.MigrationFacts migration(Fact... facts) {
        List<Fact> all = Stream.concat(Stream.of(new Fact.MigrationBegan("sql", null, 0)), Stream.of(facts))
                .toList();
        return new MigrationFold(all, List.of("read_order", "place_order"), PHASES)
                .fold()
                .orElseThrow();
    }

    private static Fact.StatementRan run(
            int index,
            int attempt,
            int transaction,
            double startMs,
            double endMs,
            String outcome,
            Fact.HeldLock... locks) {
        return new Fact.StatementRan(
                index,
                attempt,
                transaction,
                "add.sql",
                1,
                "ALTER TABLE orders",
                nanos(startMs),
                nanos(endMs),
                outcome,
                null,
                null,
                transaction == 0 && locks.length > 0,
                locks.length > 0,
                List.of(locks),
                List.of(),
                List.of());
    }

    private static Fact.StatementRan saying(String sql, Fact.StatementRan run) {
        return new Fact.StatementRan(
                run.index(),
                run.attempt(),
                run.transaction(),
                run.file(),
                run.line(),
                sql,
                run.startNanos(),
                run.endNanos(),
                run.outcome(),
                run.sqlState(),
                run.error(),
                run.wrapped(),
                run.locksKnown(),
                run.locks(),
                run.rewrote(),
                run.scanned());
    }

    private static Fact.Waited own(double startMs, double endMs, String ended) {
        return new Fact.Waited(
                9, "orders", "ACCESS EXCLUSIVE", "migration", "workload", nanos(startMs), nanos(endMs), ended, "log");
    }

    private static Fact.Waited rowWait(String relation, String behind, double startMs, double endMs) {
        return new Fact.Waited(
                1, relation, "SHARE", "place_order", behind, nanos(startMs), nanos(endMs), "granted", "log");
    }

    private static Fact.Waited reader(String behind, double startMs, double endMs, String ended, String source) {
        return new Fact.Waited(
                8, "orders", "ACCESS SHARE", "read_order", behind, nanos(startMs), nanos(endMs), ended, source);
    }

    private static Fact.Waited waitFor(String mode, double startMs, double endMs) {
        return new Fact.Waited(
                9, "orders", mode, "migration", "workload", nanos(startMs), nanos(endMs), "granted", "log");
    }

    private static Fact.Waited wait(String operation, String behind, double startMs, double endMs) {
        return new Fact.Waited(
                1, "orders", "ACCESS EXCLUSIVE", operation, behind, nanos(startMs), nanos(endMs), "granted", "log");
    }
}
