package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.LockMode.ACCESS_EXCLUSIVE;
import static dev.pgrehearse.postgres.LockMode.ACCESS_SHARE;
import static dev.pgrehearse.postgres.LockMode.EXCLUSIVE;
import static dev.pgrehearse.postgres.LockMode.ROW_EXCLUSIVE;
import static dev.pgrehearse.postgres.LockMode.SHARE;
import static dev.pgrehearse.postgres.LockMode.SHARE_UPDATE_EXCLUSIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlameTest {
    private static final int MIGRATION = 1;
    private static final int LONG_READ = 2;
    private static final int READER = 10;
    private static final int OTHER_READER = 11;
    private static final int WRITER = 20;
    private static final int STRANGER = 30;

    private final Sessions sessions = new Sessions();
    private final Parties parties = new Parties(sessions);

    BlameTest() {
        sessions.begin(MIGRATION, new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
        sessions.begin(LONG_READ, new Sessions.Use(Sessions.Role.ADVERSARY, "longRead"));
        for (int pid : new int[] {READER, OTHER_READER, WRITER}) {
            sessions.begin(pid, new Sessions.Use(Sessions.Role.WORKLOAD, "operation"));
        }
    }

    @Test
    void readersBehindAWaitingAlterAreTheAlters() {
        Blame blame = blame(
                held("orders", LONG_READ, ACCESS_SHARE),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
                waits("orders", READER, ACCESS_SHARE, 200),
                waits("orders", OTHER_READER, ACCESS_SHARE, 201));

        assertThat(blame.of(MIGRATION).behind()).isEqualTo("adversary longRead");
        assertThat(blame.of(READER).behind()).isEqualTo("statement 1");
        assertThat(blame.of(OTHER_READER).behind()).isEqualTo("statement 1");
    }

    @Test
    void blameGoesFromObjectToObject() {
        // The writer waits for a row that another writer changed, and that one stands behind the ALTER.
        Blame blame = blame(
                held("orders", STRANGER, ACCESS_SHARE),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
                waits("orders", READER, ROW_EXCLUSIVE, 150),
                held("transaction 7", READER, EXCLUSIVE),
                waits("transaction 7", WRITER, SHARE, 200));

        assertThat(blame.of(WRITER).behind()).isEqualTo("statement 1");
        assertThat(blame.of(WRITER).through()).isEqualTo(new Fact.Wanted("orders", "ROW EXCLUSIVE"));
        assertThat(blame.of(READER).through()).as("it waits for that itself").isNull();
        assertThat(blame.of(MIGRATION).behind()).isEqualTo("other");
    }

    @Test
    void whoWaitsForTheMigrationsLockAndForAnothersIsReachedByTheMigrations() {
        // Two hold what the second writer wants: the first writer, who waits for orders, and the migration itself.
        Blame blame = blame(
                held("orders", MIGRATION, ACCESS_EXCLUSIVE),
                held("items", READER, ROW_EXCLUSIVE),
                held("items", MIGRATION, SHARE),
                waits("orders", READER, ROW_EXCLUSIVE, 150),
                waits("items", WRITER, EXCLUSIVE, 200));

        assertThat(blame.of(WRITER).behind()).isEqualTo("statement 1");
        assertThat(blame.of(WRITER).through()).isNull();
    }

    @Test
    void whoWaitsForALookOfOursIsToldSo() {
        sessions.begin(STRANGER, new Sessions.Use(Sessions.Role.OBSERVER, "observer"));
        Blame blame =
                blame(held("virtualxid 3/7", STRANGER, EXCLUSIVE), waits("virtualxid 3/7", MIGRATION, SHARE, 100));

        assertThat(blame.of(MIGRATION).behind()).isEqualTo("observer");
    }

    @Test
    void whoCameEarlierThanTheAlterIsNotItsVictim() {
        Blame blame = blame(
                held("orders", STRANGER, ACCESS_EXCLUSIVE),
                waits("orders", READER, ACCESS_SHARE, 50),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100));

        assertThat(blame.of(READER).behind()).isEqualTo("other");
    }

    @Test
    void modesThatDoNotConflictBlameNobody() {
        Blame blame = blame(
                held("orders", MIGRATION, SHARE_UPDATE_EXCLUSIVE),
                held("orders", WRITER, ROW_EXCLUSIVE),
                waits("orders", READER, SHARE, 100));

        assertThat(blame.of(READER).behind())
                .as("SHARE conflicts with both that are held, the migration's counts")
                .isEqualTo("statement 1");
        assertThat(blame(
                                held("orders", MIGRATION, SHARE_UPDATE_EXCLUSIVE),
                                held("orders", WRITER, EXCLUSIVE),
                                waits("orders", READER, ROW_EXCLUSIVE, 100))
                        .of(READER)
                        .behind())
                .isEqualTo("workload");
    }

    @Test
    void inADeadlockTheMigrationIsNotBehindItself() {
        Blame blame = blame(
                held("a", MIGRATION, EXCLUSIVE),
                held("b", WRITER, EXCLUSIVE),
                waits("b", MIGRATION, EXCLUSIVE, 100),
                waits("a", WRITER, EXCLUSIVE, 200));

        assertThat(blame.of(MIGRATION).behind()).isEqualTo("workload");
        assertThat(blame.of(WRITER).behind()).isEqualTo("statement 1");
    }

    @Test
    void aParallelWorkerIsItsLeader() {
        parties.serverProcesses(Set.of(40), Map.of(41, MIGRATION), Set.of());
        Blame blame = blame(
                held("orders", 41, SHARE),
                held("items", 40, SHARE_UPDATE_EXCLUSIVE),
                waits("orders", WRITER, ROW_EXCLUSIVE, 100),
                waits("items", READER, SHARE, 100));

        assertThat(blame.of(WRITER).behind()).isEqualTo("statement 1");
        assertThat(blame.of(READER).behind()).isEqualTo("autovacuum");
    }

    @Test
    void theQueueIsInTheOrderOfComing() {
        LockTable table = table(
                waits("orders", OTHER_READER, ACCESS_SHARE, 300),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
                waits("orders", WRITER, ROW_EXCLUSIVE, 0),
                waits("orders", READER, ACCESS_SHARE, 200),
                held("orders", LONG_READ, ACCESS_SHARE));

        LockTable.Queue queue = table.queues().get(0);
        assertThat(queue.waiters()).extracting(LockRow::pid).containsExactly(MIGRATION, READER, OTHER_READER, WRITER);
        assertThat(queue.holdersInTheWay()).extracting(LockRow::pid).containsExactly(LONG_READ);
    }

    @Test
    void whoHoldsWhatAnEarlierOneWaitsForGoesBeforeIt() {
        // The writer has read in its transaction: were it behind the ALTER, each would wait for the other.
        LockRow[] rows = {
            held("orders", LONG_READ, SHARE),
            held("orders", WRITER, ACCESS_SHARE),
            waits("orders", READER, SHARE_UPDATE_EXCLUSIVE, 50),
            waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
            waits("orders", WRITER, ROW_EXCLUSIVE, 200),
            waits("orders", OTHER_READER, ROW_EXCLUSIVE, 300)
        };

        assertThat(table(rows).queues().get(0).waiters())
                .extracting(LockRow::pid)
                .containsExactly(READER, WRITER, MIGRATION, OTHER_READER);
        assertThat(blame(rows).of(WRITER).behind()).isEqualTo("adversary longRead");
        assertThat(blame(rows).of(OTHER_READER).behind()).isEqualTo("statement 1");
    }

    @Test
    void aThousandWaitersAreAllCharged() {
        List<LockRow> rows = new ArrayList<>();
        rows.add(held("orders", LONG_READ, ACCESS_SHARE));
        rows.add(waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 1));
        IntStream.range(1_000, 2_000).forEach(pid -> rows.add(waits("orders", pid, ACCESS_SHARE, pid)));

        assertThat(new LockTable(rows).behind(List.of(MIGRATION))).hasSize(1_000);
    }

    private Blame blame(LockRow... rows) {
        return new Blame(table(rows), parties, LockRow::object);
    }

    private static LockTable table(LockRow... rows) {
        return new LockTable(List.of(rows));
    }

    private static LockRow held(String object, int pid, LockMode mode) {
        return new LockRow("relation", object, 5, 16_384, pid, mode, true, 0);
    }

    private static LockRow waits(String object, int pid, LockMode mode, long since) {
        return new LockRow("relation", object, 5, 16_384, pid, mode, false, since);
    }
}
