package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.LockMode.ACCESS_EXCLUSIVE;
import static dev.pgrehearse.postgres.LockMode.ACCESS_SHARE;
import static dev.pgrehearse.postgres.LockMode.EXCLUSIVE;
import static dev.pgrehearse.postgres.LockMode.ROW_EXCLUSIVE;
import static dev.pgrehearse.postgres.LockMode.SHARE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.LockWaits;
import dev.pgrehearse.recording.QueueOverTime.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class WaitTreeTest {
    private static final int MIGRATION = 1;
    private static final int LONG_READ = 2;

    private final Sessions sessions = new Sessions();
    private final Parties parties = new Parties(sessions);
    private final List<Fact> facts = new ArrayList<>();

    private final WaitTree.Words words = new WaitTree.Words() {
        @Override
        public String nameOf(int pid) {
            return parties.nameOf(pid);
        }

        @Override
        public String relationOf(LockRow row) {
            return row.object();
        }

        @Override
        public double waitedMs(LockRow row) {
            return 1_000 - row.waitStartMicros();
        }
    };

    WaitTreeTest() {
        sessions.begin(MIGRATION, new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
        sessions.begin(LONG_READ, new Sessions.Use(Sessions.Role.ADVERSARY, "longRead"));
        for (int pid = 10; pid < 20; pid++) {
            sessions.begin(pid, new Sessions.Use(Sessions.Role.WORKLOAD, "read_order"));
        }
        for (int pid = 20; pid < 30; pid++) {
            sessions.begin(pid, new Sessions.Use(Sessions.Role.WORKLOAD, "write_order"));
        }
    }

    @Test
    void eachStandsBelowTheNearestAheadThatItWaitsFor() {
        // The writer at 20 holds a row that the one at 21 wants; a second ALTER comes last, behind them all.
        Fact.Tree tree = tree(
                held("orders", LONG_READ, ACCESS_SHARE),
                held("audit", 15, ACCESS_SHARE),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
                waits("orders", 10, ACCESS_SHARE, 200),
                waits("orders", 11, ACCESS_SHARE, 210),
                waits("orders", 20, ROW_EXCLUSIVE, 220),
                held("row", 20, EXCLUSIVE),
                waits("row", 21, SHARE, 230),
                waits("orders", 30, ACCESS_EXCLUSIVE, 300));

        assertThat(tree.waiting()).isEqualTo(6);
        assertThat(tree.untold()).isZero();
        assertThat(tree.nodes())
                .extracting(Node::parent, Node::who, Node::relation, Node::waits, Node::sessions, Node::waitedMs)
                .containsExactly(
                        node(-1, "adversary longRead", "orders", false, 1, 0),
                        node(0, "statement 1", "orders", true, 1, 900),
                        node(1, "read_order", "orders", true, 2, 800),
                        node(1, "write_order", "orders", true, 1, 780),
                        node(3, "other", "orders", true, 1, 700),
                        node(3, "write_order", "row", true, 1, 770));
    }

    @Test
    void whoIsNotTiedToTheMigrationIsNotInItsTree() {
        LockTable table = new LockTable(List.of(
                held("orders", LONG_READ, ACCESS_SHARE),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
                held("row", 20, EXCLUSIVE),
                waits("row", 21, SHARE, 230)));

        assertThat(WaitTree.tiedTo(MIGRATION, table)).containsExactlyInAnyOrder(MIGRATION, LONG_READ);
        assertThat(WaitTree.tiedTo(99, table)).isEmpty();
    }

    @Test
    void aCircleIsOpenedAtWhoCameFirst() {
        Fact.Tree tree = tree(
                held("a", MIGRATION, EXCLUSIVE),
                held("b", 20, EXCLUSIVE),
                waits("a", 20, SHARE, 100),
                waits("b", MIGRATION, SHARE, 200));

        assertThat(tree.nodes())
                .extracting(Node::parent, Node::who)
                .containsExactly(tuple(-1, "write_order"), tuple(0, "statement 1"));
    }

    @Test
    void aThousandSessionsAreAFewGroupsAndTooManyGroupsAreCounted() {
        List<LockRow> rows = new ArrayList<>();
        rows.add(held("orders", LONG_READ, ACCESS_SHARE));
        rows.add(waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 1));
        for (int i = 0; i < 1_000; i++) {
            rows.add(waits("orders", 1_000 + i, ACCESS_SHARE, 2 + i));
        }
        Fact.Tree same = tree(rows.toArray(LockRow[]::new));
        assertThat(same.nodes()).hasSize(3);
        assertThat(same.nodes().get(2).sessions()).isEqualTo(1_000);

        for (int i = 0; i < 1_000; i++) {
            sessions.begin(1_000 + i, new Sessions.Use(Sessions.Role.WORKLOAD, "operation " + i));
        }
        Fact.Tree different = tree(rows.toArray(LockRow[]::new));
        assertThat(different.nodes()).hasSize(WaitTree.NODES);
        assertThat(different.untold()).isEqualTo(1_002 - WaitTree.NODES);
        assertThat(different.waiting()).isEqualTo(1_001);
    }

    @Test
    void aQueueTellsHoldersInTheWayThenThoseAhead() {
        LockTable table = new LockTable(List.of(
                held("orders", LONG_READ, ACCESS_SHARE),
                held("orders", 10, ACCESS_SHARE),
                waits("orders", MIGRATION, ACCESS_EXCLUSIVE, 100),
                waits("orders", 11, ACCESS_SHARE, 200),
                waits("orders", 12, ACCESS_SHARE, 210),
                waits("orders", 20, ROW_EXCLUSIVE, 220)));
        WaitQueues queues = new WaitQueues(facts::add);
        WaitQueues.Look look = new WaitQueues.Look(table.queues().get(0), parties);

        assertThat(queues.behind(look.ahead(0))).isEqualTo(new WaitQueues.Standing(1, 2));
        assertThat(queues.behind(look.ahead(1))).isEqualTo(new WaitQueues.Standing(2, 3));
        assertThat(queues.behind(look.ahead(2))).isEqualTo(new WaitQueues.Standing(3, 4));
        assertThat(queues.behind(look.ahead(3)))
                .as("one reader more, the same list")
                .isEqualTo(new WaitQueues.Standing(3, 5));
        assertThat(listed(3))
                .containsExactly(
                        new LockWaits.Ahead("adversary longRead", "ACCESS SHARE", true, 1),
                        new LockWaits.Ahead("read_order", "ACCESS SHARE", true, 1),
                        new LockWaits.Ahead("statement 1", "ACCESS EXCLUSIVE", false, 1),
                        new LockWaits.Ahead("read_order", "ACCESS SHARE", false, null));
    }

    @Test
    void aQueueOfAThousandKindsIsTwentyAndTheRest() {
        WaitQueues queues = new WaitQueues(facts::add);
        WaitQueues.Line line = new WaitQueues.Line();
        Set<Integer> numbers = new HashSet<>();
        for (int i = 1; i <= 1_000; i++) {
            line.add("operation " + i % 2, "SHARE", false);
            WaitQueues.Standing standing = queues.behind(line);
            assertThat(standing.ahead()).isEqualTo(i);
            numbers.add(standing.number());
        }
        assertThat(numbers).hasSize(WaitQueues.ENTRIES + 1);
        assertThat(facts).hasSize(WaitQueues.ENTRIES + 1);
        assertThat(listed(WaitQueues.ENTRIES + 1))
                .hasSize(WaitQueues.ENTRIES + 1)
                .endsWith(new LockWaits.Ahead(LockWaits.FURTHER, "", false, null));
    }

    @Test
    void aFilmIsWrittenOnChangeTwiceASecondAndAtTheEnd() {
        QueueFilm film = new QueueFilm(facts::add);
        film.sampled(0, null);
        assertThat(facts).as("no queue yet").isEmpty();
        for (int millis = 20; millis <= 1_500; millis += 20) {
            film.sampled(millis * 1_000_000L, growing(millis / 20));
        }
        film.sampled(1_520_000_000L, null);
        film.finish();

        // At 20 ms, then each half second, and the last change however soon.
        assertThat(facts)
                .extracting(fact -> ((Fact.QueueMoved) fact).atNanos() / 1_000_000)
                .containsExactly(20L, 520L, 1_020L, 1_520L);
        assertThat(((Fact.QueueMoved) facts.get(3)).tree().nodes()).isEmpty();

        facts.clear();
        QueueFilm still = new QueueFilm(facts::add);
        for (int millis = 0; millis <= 10_000; millis += 500) {
            still.sampled(millis * 1_000_000L, growing(7));
        }
        still.finish();
        assertThat(facts).as("nothing changes but the time").hasSize(1);
    }

    private static Fact.Tree growing(int readers) {
        return new Fact.Tree(readers, List.of(new Node(-1, "read", "t", "SHARE", true, readers, 5, readers)), 0);
    }

    private List<LockWaits.Ahead> listed(int number) {
        return facts.stream()
                .map(Fact.QueueListed.class::cast)
                .filter(listed -> listed.number() == number)
                .findFirst()
                .orElseThrow()
                .ahead();
    }

    private Fact.Tree tree(LockRow... rows) {
        LockTable table = new LockTable(List.of(rows));
        return WaitTree.of(WaitTree.tiedTo(MIGRATION, table), table, words);
    }

    private static Tuple node(int parent, String who, String relation, boolean waits, int sessions, double waitedMs) {
        return tuple(parent, who, relation, waits, sessions, waitedMs);
    }

    private static LockRow held(String object, int pid, LockMode mode) {
        return new LockRow("relation", object, 5, 16_384, pid, mode, true, 0);
    }

    private static LockRow waits(String object, int pid, LockMode mode, long since) {
        return new LockRow("relation", object, 5, 16_384, pid, mode, false, since);
    }
}
