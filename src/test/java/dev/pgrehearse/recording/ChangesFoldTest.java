package dev.pgrehearse.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Recording.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the migration changed, from facts whose figures come from arithmetic. Baseline 0 to 10 s, recovery 20 to 30 s. */
class ChangesFoldTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<Fact> facts = new ArrayList<>(List.of(
            new Fact.PhaseBegan(Phase.BASELINE, 0),
            new Fact.PhaseBegan(Phase.MIGRATION, 10 * SECOND),
            new Fact.PhaseBegan(Phase.RECOVERY, 20 * SECOND)));

    @Test
    void hotUpdatesAreDifferencesWithinAPhase() {
        read(Fact.TablesRead.BEFORE, table(1, 7, 0, 0, Map.of("id", 1)));
        read(Phase.BASELINE, table(1, 7, 100, 90, Map.of("id", 1)));
        read(Phase.MIGRATION, table(1, 7, 1_100, 1_010, Map.of("id", 1)));
        read(Phase.RECOVERY, table(1, 7, 8_000, 1_400, Map.of("id", 1)));
        // What backends told late is not the recovery's.
        read(Fact.TablesRead.SETTLED, table(1, 7, 9_000, 1_500, Map.of("id", 1)));
        read(Fact.TablesRead.END, table(1, 7, 9_500, 1_700, Map.of("id", 1)));
        facts.add(locked());

        TableChange orders = changes(List.of()).tables().get(0);

        assertThat(orders.hotShareBefore()).isEqualTo(0.92);
        assertThat(orders.hotShareAfter()).isEqualTo(0.4);
        assertThat(orders.rewritten()).isFalse();
        assertThat(orders.statisticsLost()).isEmpty();
    }

    @Test
    void aTableThatTheMigrationLeftAloneIsNotTold() {
        read(Fact.TablesRead.BEFORE, table(1, 7, 0, 0, Map.of("id", 1)));
        read(Fact.TablesRead.END, table(1, 7, 9_500, 1_700, Map.of("id", 1)));
        assertThat(changes(List.of()).tables()).isEmpty();
    }

    /** A column that is gone, or has another name, lost nothing; one of two partitions without is a loss. */
    @Test
    void statisticsAreLostOfWhatIsStillThere() {
        Map<String, Integer> before = Map.of("amount", 2, "country", 2, "gone", 2, "kept", 2);
        Map<String, Integer> migrated = Map.of("amount", 0, "country", 1, "kept", 2, "fresh", 0);
        Map<String, Integer> end = Map.of("amount", 0, "country", 2, "kept", 2, "fresh", 0);
        read(Fact.TablesRead.BEFORE, table(1, 7, 0, 0, before));
        read(Phase.RECOVERY, table(1, 8, 0, 0, migrated));
        read(Fact.TablesRead.END, table(1, 8, 0, 0, end));

        TableChange orders = changes(List.of()).tables().get(0);

        assertThat(orders.rewritten()).isTrue();
        assertThat(orders.statisticsLost()).containsExactly("amount", "country");
        assertThat(orders.statisticsMissing()).containsExactly("amount");
        assertThat(orders.neverAnalyzed()).containsExactly("fresh");
        assertThat(orders.deadRowsAfter()).as("of a rewritten table").isNull();
        assertThat(orders.updatesAfter()).isZero();
        assertThat(orders.updatesBefore()).as("never read").isNull();
    }

    /** Of three partitions, all analyzed, one is detached, or a fourth comes; a rewrite replaces the storage of one. */
    @Test
    void aPartitionThatComesOrGoesIsNeitherARewriteNorALoss() {
        CatalogueTable three = partitioned(List.of(7L, 8L, 9L), 3);
        assertThat(change(three, partitioned(List.of(7L, 9L), 2)).rewritten()).isFalse();
        assertThat(change(three, partitioned(List.of(7L, 9L), 2)).statisticsLost())
                .isEmpty();
        assertThat(change(three, partitioned(List.of(7L, 8L, 9L, 10L), 3)).rewritten())
                .isFalse();
        assertThat(change(three, partitioned(List.of(7L, 8L, 9L, 10L), 3)).statisticsLost())
                .isEmpty();
        assertThat(change(three, partitioned(List.of(7L, 9L), 1)).statisticsLost())
                .containsExactly("id");
        assertThat(change(three, partitioned(List.of(7L, 11L, 9L), 3)).rewritten())
                .isTrue();
    }

    private TableChange change(CatalogueTable was, CatalogueTable is) {
        List<Fact> own = new ArrayList<>(facts);
        own.add(new Fact.TablesRead(Fact.TablesRead.BEFORE, 0, List.of(was)));
        own.add(new Fact.TablesRead(Phase.RECOVERY, 0, List.of(is)));
        own.add(new Fact.TablesRead(Fact.TablesRead.END, 0, List.of(is)));
        own.add(locked());
        return new ChangesFold(own, List.of(), List.of(), Phases.of(own, 30 * SECOND))
                .fold(List.of())
                .tables()
                .get(0);
    }

    private static CatalogueTable partitioned(List<Long> storage, int known) {
        return new CatalogueTable(1, "orders", storage, 10L, 5L, 100, 3, 0, 0, Map.of("id", known));
    }

    @Test
    void ofATableThatWasReplacedByOneOfItsNameNothingIsSubtracted() {
        read(Fact.TablesRead.BEFORE, table(1, 7, 0, 0, Map.of("id", 1)));
        read(Phase.BASELINE, table(1, 7, 100, 90, Map.of("id", 1)));
        read(Phase.MIGRATION, table(9, 9, 10, 1, Map.of("id", 0)));
        read(Fact.TablesRead.END, table(9, 9, 20, 2, Map.of("id", 0)));
        TableChange orders = changes(List.of()).tables().get(0);
        assertThat(orders.statisticsLost()).containsExactly("id");
        assertThat(orders.hotShareBefore()).isNull();
        assertThat(orders.deadRowsBefore()).isNull();
    }

    /** 100 requests in the baseline; those of the last fifth take 9 ms, all others 2 ms. */
    @Test
    void timesAreOfTheBaselineAndOfTheCalm() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            requests.add(Requests.ok(i * 100, i * 100 + (i < 80 ? 2 : 9)));
            requests.add(Requests.ok(20_000 + i * 100, 20_000 + i * 100 + (i < 50 ? 500 : 3)));
        }
        requests.add(Requests.ended(Outcome.SQL_ERROR, 5_000, 9_999));
        OperationPlans half = changes(requests).operations().get(0);
        OperationTimes before = Objects.requireNonNull(half.before());
        assertThat(before.count()).isEqualTo(100);
        assertThat(before.serviceP50Ms()).isEqualTo(2);
        assertThat(before.serviceP95Ms()).isEqualTo(9);
        assertThat(before.worstP50Ms()).isEqualTo(9);
        // Never calm: the second half of the recovery.
        assertThat(Objects.requireNonNull(half.after()).serviceP50Ms()).isEqualTo(3);
        assertThat(Objects.requireNonNull(half.after()).count()).isEqualTo(50);

        facts.add(new Fact.Calm(20 * SECOND));
        OperationPlans calm = changes(requests).operations().get(0);
        assertThat(Objects.requireNonNull(calm.after()).count()).isEqualTo(100);
        assertThat(Objects.requireNonNull(calm.after()).p95Ms()).isEqualTo(500);
    }

    @Test
    void fewerThanTwentyRequestsTellNothing() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 0; i < OperationTimesFold.LEAST; i++) {
            requests.add(Requests.ok(i * 100, i * 100 + 2));
        }
        assertThat(changes(requests).operations().get(0).before()).isNotNull();
        requests.remove(0);
        assertThat(changes(requests).operations()).isEmpty();
    }

    @Test
    void errorsOfAKindAreOneWithTheirPhases() {
        facts.add(error("23505", "duplicate key in orders_1", 3, 9));
        facts.add(error("42703", "column \"note\" does not exist", 5, 12));
        facts.add(error("23505", "duplicate key in orders_2", 4, 21));
        List<SqlErrors> errors = changes(List.of()).errors();
        assertThat(errors).hasSize(2);
        assertThat(errors.get(0).count()).isEqualTo(7);
        assertThat(errors.get(0).byPhase()).isEqualTo(Map.of(Phase.BASELINE, 3L, Phase.RECOVERY, 4L));
        assertThat(errors.get(0).firstMs()).isEqualTo(9_000);
        assertThat(errors.get(0).lastMs()).isEqualTo(21_500);
        assertThat(errors.get(1).byPhase()).isEqualTo(Map.of(Phase.MIGRATION, 5L));
    }

    /** As the server does after five executions: the generic plan, unless those with parameters are cheaper. */
    @Test
    void thePlanThatStandsForAStatementIsTheOneThatTheServerWouldKeep() {
        StatementPlan generic = plan(StatementPlan.GENERIC, 1, "generic", 10);
        assertThat(standing(List.of(generic, plan(StatementPlan.CUSTOM, 10, "custom", 10))))
                .isEqualTo("generic");
        assertThat(standing(List.of(generic, plan(StatementPlan.CUSTOM, 10, "custom", 9.99))))
                .isEqualTo("custom");
        assertThat(standing(List.of(
                        generic,
                        plan(StatementPlan.CUSTOM, 6, "often", 5),
                        plan(StatementPlan.CUSTOM, 4, "rarely", 17.4))))
                .as("a mean of 9.96")
                .isEqualTo("often");
        assertThat(standing(List.of(generic))).isEqualTo("generic");
    }

    private static String standing(List<StatementPlan> plans) {
        return Objects.requireNonNull(new StatementPlans(1, "", plans, List.of(), null, null).before())
                .shape();
    }

    private static StatementPlan plan(String kind, int samples, String shape, double cost) {
        return new StatementPlan(kind, samples, shape, cost, List.of(), List.of(), List.of());
    }

    private Changes changes(List<RequestEntry> requests) {
        return new ChangesFold(facts, requests, List.of("read_order"), Phases.of(facts, 30 * SECOND)).fold(List.of());
    }

    private void read(String moment, CatalogueTable table) {
        facts.add(new Fact.TablesRead(moment, 0, List.of(table)));
    }

    private static CatalogueTable table(
            long oid, long storage, long updates, long hot, Map<String, Integer> statistics) {
        return new CatalogueTable(oid, "orders", List.of(storage), 10L, 5L, 100, 3, updates, hot, statistics);
    }

    private static Fact locked() {
        return new Fact.LockSeen(
                1, "orders", new Fact.LockModeName("SHARE"), true, 11 * SECOND, 12 * SECOND, 13 * SECOND);
    }

    private static Fact error(String state, String message, long count, long second) {
        return new Fact.SqlErrorsSeen(
                "read_order", state, SqlErrors.OTHER, message, count, second * SECOND, second * SECOND + SECOND / 2);
    }
}
