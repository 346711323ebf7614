package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaitFoldTest {
    private static final Phases PHASES = new Phases(
            List.of(
                    new Phases.Span("baseline", 0, nanos(10_000)),
                    new Phases.Span("migration", nanos(10_000), nanos(20_000)),
                    new Phases.Span("recovery", nanos(20_000), nanos(30_000))),
            0);
    private static final Fact.HeldLock ALL = new Fact.HeldLock("orders", new Fact.LockModeName("ACCESS EXCLUSIVE"));

    @TempDir
    Path folder;

    @Test
    void waitsOfTheWorkloadItselfAreSummedApartByPhase() {
        LockWaits together = fold(
                        wait(8, "(transaction)", "place_order", "workload", 1_000, 1_010),
                        wait(9, "(transaction)", "place_order", "workload", 2_000, 2_030),
                        wait(8, "(transaction)", "place_order", "workload", 11_000, 11_005),
                        wait(8, "orders", "place_order", "statement 1", 12_000, 13_000),
                        alter(1, 12_000, 13_000))
                .together();

        assertThat(together.sums())
                .containsExactlyInAnyOrder(
                        new LockWaits.Sum("baseline", "(transaction)", "SHARE", "place_order", "workload", 2, 40, 30),
                        new LockWaits.Sum("migration", "(transaction)", "SHARE", "place_order", "workload", 1, 5, 5),
                        new LockWaits.Sum(
                                "migration", "orders", "SHARE", "place_order", "statement 1", 1, 1_000, 1_000));
        assertThat(together.seen()).isEqualTo(4);
        assertThat(together.file()).isNull();
    }

    @Test
    void theMigrationsOwnWaitsNameStatementAndLine() {
        List<Recording.LockWait> waits = fold(
                        alter(1, 10_000, 11_000),
                        alter(2, 11_000, 15_000),
                        wait(5, "orders", "migration", "adversary longRead", 10_999, 14_000),
                        wait(8, "(tuple) orders", "place_order", "statement 2", 14_000, 14_500))
                .listed();

        assertThat(waits.get(0).statement()).isEqualTo(2);
        assertThat(waits.get(0).place()).isEqualTo("two.sql:2");
        assertThat(waits.get(0).kind()).isEqualTo("relation");
        assertThat(waits.get(1).statement()).isNull();
        assertThat(waits.get(1).kind()).isEqualTo("tuple");
    }

    /** Three milliseconds at its end, seen gone 12 late: by then the next one runs, which waited for nothing. */
    @Test
    void aWaitThatWasSeenToEndLateNamesTheStatementInWhichItBegan() {
        List<Recording.LockWait> waits = fold(
                        alter(1, 10_000, 11_000),
                        alter(2, 11_000, 15_000),
                        wait(5, "orders", "migration", "workload", 10_990, 11_015))
                .listed();

        assertThat(waits.get(0).statement()).isEqualTo(1);
    }

    @Test
    void aQueueNamesTheStatementThatTookTheLock() {
        List<LockWaits.Ahead> ahead = List.of(
                new LockWaits.Ahead("statement 2", "ACCESS EXCLUSIVE", true, 1),
                new LockWaits.Ahead("read_order", "ACCESS SHARE", false, null));
        WaitFold fold = fold(
                run(1, 7, 10_000, 10_010, ALL),
                run(2, 7, 10_010, 14_000),
                new Fact.QueueListed(3, ahead),
                new Fact.Waited(
                        8,
                        "orders",
                        "SHARE",
                        "place_order",
                        "statement 2",
                        nanos(11_000),
                        nanos(14_000),
                        "granted",
                        "log",
                        3,
                        9,
                        null));

        assertThat(fold.listed()).singleElement().satisfies(wait -> {
            assertThat(wait.behind()).isEqualTo("statement 1");
            assertThat(wait.ahead()).isEqualTo(9);
            assertThat(fold.together().queues().get(wait.queue()).ahead())
                    .containsExactly(new LockWaits.Ahead("statement 1", "ACCESS EXCLUSIVE", true, 1), ahead.get(1));
        });
    }

    @Test
    void aDeadlockIsTheMigrationsOnlyWhenItIsOneOfItsSides() {
        LockWaits.Side writer = new LockWaits.Side(8, "place_order", "SHARE", "(transaction)", 5, true, "UPDATE");
        LockWaits.Side other = new LockWaits.Side(5, "read_order", "SHARE", "(transaction)", 8, false, null);
        LockWaits.Side its = new LockWaits.Side(5, "statement 3", "SHARE", "(transaction)", 8, false, "ALTER");
        List<LockWaits.Deadlock> deadlocks = fold(
                        new Fact.Deadlocked(nanos(11_000), List.of(writer, other)),
                        new Fact.Deadlocked(nanos(12_000), List.of(writer, its)))
                .together()
                .deadlocks();

        assertThat(deadlocks).extracting(LockWaits.Deadlock::withMigration).containsExactly(false, true);
        assertThat(WaitFold.inWords(deadlocks.get(1)))
                .isEqualTo("place_order (pid 8) wanted SHARE on (transaction) behind statement 3 (pid 5); statement 3"
                        + " (pid 5) wanted SHARE on (transaction) behind place_order (pid 8). The server ended"
                        + " place_order (pid 8).");
    }

    @Test
    void aFilmThatIsTooLongIsThinnedEvenlyAndSaysSo() {
        List<Fact> facts = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            facts.add(new Fact.QueueMoved(nanos(10_000 + i * 500), new Fact.Tree(i, List.of(), 0)));
        }
        QueueOverTime film = fold(facts.toArray(Fact[]::new)).together().queueOverTime();

        // 1 000 moments half a second apart, so at 2 s every fourth, and the last one.
        assertThat(film.seen()).isEqualTo(1_000);
        assertThat(film.apartMs()).isEqualTo(2_000);
        assertThat(film.moments()).hasSize(251);
        assertThat(film.moments().get(1).waiting()).isEqualTo(4);
        assertThat(film.moments().get(250).waiting()).isEqualTo(999);
    }

    @Test
    void ofVeryManyWaitsTheLongestAreListedAllAreCountedAndWritten() throws IOException {
        List<Fact> facts = new ArrayList<>();
        facts.add(alter(1, 10_000, 20_000));
        int behind = 15_000;
        for (int i = 0; i < behind; i++) {
            facts.add(wait(i, "orders", "place_order", "statement 1", 10_000, 10_001 + i));
        }
        for (int i = 0; i < 5_000; i++) {
            facts.add(wait(i, "(transaction)", "place_order", "workload", 1_000, 9_000));
        }
        WaitFold fold = fold(facts.toArray(Fact[]::new));
        fold.writeFile(folder);

        assertThat(fold.listed()).hasSize(WaitFold.LISTED).allSatisfy(wait -> {
            assertThat(wait.behind()).isEqualTo("statement 1");
            assertThat(wait.durationMs()).isGreaterThan(behind - WaitFold.LISTED);
        });
        LockWaits together = fold.together();
        assertThat(fold.unlisted())
                .hasValueSatisfying(doubt -> assertThat(doubt.text()).startsWith("20000 lock waits"));
        assertThat(together.seen()).isEqualTo(20_000);
        assertThat(together.file()).isEqualTo("lock-waits.ndjson");
        assertThat(together.sums())
                .contains(new LockWaits.Sum(
                        "migration",
                        "orders",
                        "SHARE",
                        "place_order",
                        "statement 1",
                        behind,
                        behind * (behind + 1.0) / 2,
                        behind));
        try (Stream<String> lines = Files.lines(folder.resolve(together.file()))) {
            assertThat(lines)
                    .hasSize(20_000)
                    .allSatisfy(line -> assertThat(RecordingJson.mapper()
                                    .readValue(line, Recording.LockWait.class)
                                    .durationMs())
                            .isPositive());
        }
    }

    private static WaitFold fold(Fact... facts) {
        Facts byKind = new Facts(List.of(facts));
        return new WaitFold(byKind, new MigrationFold(byKind, List.of("place_order", "read_order"), PHASES), PHASES);
    }

    private static Fact.StatementRan alter(int index, double start, double end) {
        return run(index, 0, start, end, ALL);
    }

    private static Fact.StatementRan run(int index, int transaction, double start, double end, Fact.HeldLock... locks) {
        return new Fact.StatementRan(
                index,
                1,
                transaction,
                "two.sql",
                index,
                "ALTER",
                nanos(start),
                nanos(end),
                "ok",
                null,
                null,
                false,
                true,
                List.of(locks),
                List.of(),
                List.of());
    }

    private static Fact.Waited wait(
            int pid, String relation, String operation, String behind, double start, double end) {
        return new Fact.Waited(pid, relation, "SHARE", operation, behind, nanos(start), nanos(end), "granted", "log");
    }
}
