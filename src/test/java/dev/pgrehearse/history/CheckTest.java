package dev.pgrehearse.history;

import static dev.pgrehearse.history.Samples.INDEX;
import static dev.pgrehearse.history.Samples.NOW;
import static dev.pgrehearse.history.Samples.VALIDATE;
import static dev.pgrehearse.history.Samples.estimate;
import static dev.pgrehearse.history.Samples.known;
import static dev.pgrehearse.history.Samples.recording;
import static dev.pgrehearse.history.Samples.unknown;
import static dev.pgrehearse.history.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.estimate.Space;
import dev.pgrehearse.history.Samples.Ran;
import dev.pgrehearse.recording.Recording;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {
    private static Check check(Recording recording, Estimates estimates) throws NotComparable {
        return Check.of(MeasuredRun.of(recording), estimates, NOW);
    }

    private static Estimates index(double central, double upper) {
        return written(estimate(known(1, INDEX, Operation.INDEX_BUILD, central, upper)));
    }

    private static CheckedStatement held(double central, double upper, double measured) throws NotComparable {
        return check(recording(new Ran(INDEX, measured)), index(central, upper))
                .checked()
                .get(0);
    }

    private static void refused(Recording recording, Estimates estimates, String... expected) {
        assertThatThrownBy(() -> check(recording, estimates))
                .isInstanceOf(NotComparable.class)
                .message()
                .contains(expected);
    }

    private static void refused(Consumer<ObjectNode> change, String expected) {
        refused(recording(change, new Ran(INDEX, 12.5)), index(12, 15), expected);
    }

    @Test
    void aStatementIsHeldWithoutItsLockWaitsAndAllThatIsToBeRememberedIsThere() throws Exception {
        CheckedStatement checked = held(12, 15, 12.5);
        assertThat(checked)
                .isEqualTo(new CheckedStatement(
                        "pgrehearse-history/1",
                        NOW,
                        "lock-queue",
                        "as-written",
                        Samples.RECORDED_AT,
                        Samples.ESTIMATED_AT,
                        1,
                        "86ad699590d958c3022ee19e586309f8bac3003ffee02510f3f5d010a910a737",
                        Operation.INDEX_BUILD,
                        "orders",
                        1_000_000,
                        1_000_000,
                        10,
                        12,
                        15,
                        12.5,
                        true,
                        Samples.MACHINE));
        // 12 s are 0.5 s below 12.5 s, and 0.5 / 12.5 = 0.04.
        assertThat(checked.error()).isEqualTo(-0.04, within(1e-12));
        assertThat(held(15, 18, 12.5).error()).isEqualTo(0.2, within(1e-12));
    }

    @Test
    void aQuietRunIsNotUnderLoad() throws Exception {
        Check check = check(recording(tree -> tree.putNull("requests"), new Ran(INDEX, 12.5)), index(12, 15));
        assertThat(check.checked().get(0).underLoad()).isFalse();
    }

    @Test
    void theUpperValueItselfIsKeptAndWhatIsAboveIsNot() throws Exception {
        assertThat(held(12, 15, 15).aboveUpper()).isFalse();
        assertThat(held(12, 15, 15.001).aboveUpper()).isTrue();
    }

    @Test
    void whatIsNegligibleOnBothSidesHasNoErrorAndIsNeverAboveItsUpperValue() throws Exception {
        assertThat(held(0.05, 0.04, 0.05).negligible()).isTrue();
        assertThat(held(0.001, 0.002, 0.05).aboveUpper()).isFalse();
        assertThat(held(0.001, 0.002, 0.051).negligible()).isFalse();
        assertThat(held(0.001, 0.002, 0.051).aboveUpper()).isTrue();
        assertThat(held(0.051, 0.06, 0.05).negligible()).isFalse();
        // 70 ms too much, set against 50 ms and not against the 10 ms that were measured.
        assertThat(held(0.08, 0.1, 0.01).error()).isEqualTo(1.4, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({
        "950000, 100000, true",
        "949999, 100000, false",
        "1050000, 100000, true",
        "1050001, 100000, false",
        "1000000, 95000, true",
        "1000000, 94999, false"
    })
    void rowsMayDifferByFivePercentAndNoMore(long orders, long customers, boolean comparable) throws Exception {
        Recording recording = recording(
                tree -> Samples.rows(tree, Map.of("orders", orders, "customers", customers, "log", 5L)),
                new Ran(INDEX, 12.5));
        if (comparable) {
            assertThat(check(recording, index(12, 15)).checked().get(0).measuredRows())
                    .isEqualTo(orders);
        } else {
            refused(recording, index(12, 15), "--target customers=" + customers + ",orders=" + orders);
        }
    }

    @Test
    void ofAFewRowsOneMoreIsRoundingAndTwoAreNot() throws Exception {
        Estimate estimate = estimate(known(1, INDEX, Operation.INDEX_BUILD, 12, 15));
        Estimates few = written(with(estimate, Map.of("orders", 1_000_000L, "currencies", 3L)));
        assertThat(check(
                                recording(
                                        tree -> Samples.rows(tree, Map.of("orders", 1_000_000L, "currencies", 4L)),
                                        new Ran(INDEX, 12.5)),
                                few)
                        .checked())
                .hasSize(1);
        refused(
                recording(
                        tree -> Samples.rows(tree, Map.of("orders", 1_000_000L, "currencies", 5L)),
                        new Ran(INDEX, 12.5)),
                few,
                "it is for currencies 3, orders 1\u00a0000\u00a0000 rows, and the recording has currencies 5,",
                "--target currencies=5,orders=1000000");
        refused(recording(new Ran(INDEX, 12.5)), few, "and the recording has orders 1\u00a0000\u00a0000;");
    }

    private static Estimate with(Estimate estimate, Map<String, Long> target) {
        return new Estimate(
                estimate.scenario(),
                estimate.variant(),
                target,
                estimate.rungs(),
                estimate.statements(),
                null,
                null,
                null,
                estimate.answer(),
                estimate.reasons(),
                estimate.machine(),
                estimate.space());
    }

    @Test
    void otherSettingsThatDecideAreRefusedAndOthersAreNot() throws Exception {
        Recording run = recording(
                tree -> settings(tree).put("maintenance_work_mem", "1GB").put("log_lock_waits", "on"),
                new Ran(INDEX, 12.5));
        Map<String, String> same = MeasuredRun.of(run).settings();
        assertThat(same).containsEntry("maintenance_work_mem", "1GB").doesNotContainKey("log_lock_waits");

        assertThat(check(run, settled(same)).checked()).hasSize(1);
        Map<String, String> less = new TreeMap<>(same);
        less.put("maintenance_work_mem", "64MB");
        refused(run, settled(less), "other settings than the recording: maintenance_work_mem = 64MB and not 1GB");
        less.remove("maintenance_work_mem");
        refused(run, settled(less), "maintenance_work_mem = its default and not 1GB");
    }

    private static ObjectNode settings(ObjectNode recording) {
        return (ObjectNode) recording.at("/server/settings");
    }

    private static Estimates settled(Map<String, String> settings) {
        return written(estimate(known(1, INDEX, Operation.INDEX_BUILD, 12, 15)).with(settings));
    }

    @Test
    void anotherScenarioOrVariantIsRefused() {
        refused(
                tree -> ((ObjectNode) tree.get("scenario")).put("name", "shop"),
                "it is of lock-queue, as-written, and the recording is of shop, as-written");
        refused(
                tree -> ((ObjectNode) tree.get("scenario")).put("variant", "in-steps"),
                "and the recording is of lock-queue, in-steps");
    }

    @Test
    void ofSeveralVariantsTheRecordingsOwnIsTaken() throws Exception {
        Estimate other = new Estimate(
                "lock-queue",
                "in-steps",
                Map.of("orders", 1L),
                List.of(),
                List.of(),
                null,
                null,
                null,
                Estimate.Answer.UNKNOWN,
                List.of(),
                "nowhere",
                Space.NONE);
        assertThat(check(
                                recording(new Ran(INDEX, 12.5)),
                                written(other, estimate(known(1, INDEX, Operation.INDEX_BUILD, 12, 15))))
                        .estimate()
                        .variant())
                .isEqualTo("as-written");
    }

    @Test
    void anotherMigrationIsRefusedAndShownWhereItDiffers() {
        refused(
                recording(new Ran("create index i on orders (b)", 12.5)),
                index(12, 15),
                "its statement 1 is `create index i on orders (a)`, and the recording's is `create index i on orders (b)`");
        refused(
                recording(new Ran(INDEX, 12.5), new Ran(VALIDATE, 1)),
                index(12, 15),
                "of its statement 2, `" + VALIDATE + "`, there is nothing in the estimate");
        refused(
                recording(new Ran(INDEX, 12.5)),
                written(estimate(
                        known(1, INDEX, Operation.INDEX_BUILD, 12, 15), known(2, VALIDATE, Operation.SCAN, 1, 2))),
                "of its statement 2, `" + VALIDATE + "`, there is nothing in the recording");
        String begin = "update orders set note = '" + "x".repeat(300);
        refused(
                recording(new Ran(begin + "y'", 12.5)),
                written(estimate(known(1, begin + "z'", Operation.BULK_UPDATE, 12, 15))),
                "xz'`, and the recording's is `…",
                "xy'`");
    }

    @Test
    void anotherMachineAndARecordingOfEarlierAreRefused() {
        refused(
                tree -> ((ObjectNode) tree.get("host")).put("cpus", 2),
                "and the recording with PostgreSQL 18.6 (embedded) on 2\u00a0processors");
        refused(tree -> ((ObjectNode) tree.get("server")).put("kind", "container"), "PostgreSQL 18.6 (container)");
        refused(
                tree -> tree.put("startedAt", "2026-03-01T00:59:59.999Z"),
                "it was made at 2026-03-01T01:00:00Z, after the recording of 2026-03-01T00:59:59.999Z");
    }

    @Test
    void aRecordingOfTheSameSecondIsNotEarlier() throws Exception {
        assertThat(check(
                                recording(
                                        tree -> tree.put("startedAt", "2026-03-01T01:00:00.000Z"),
                                        new Ran(INDEX, 12.5)),
                                index(12, 15))
                        .checked())
                .hasSize(1);
    }

    @Test
    void aRunThatTheEstimateWasMadeFromSaysNothing() throws Exception {
        // The runs of the top rung took 1.25 and 1.5 s.
        refused(recording(new Ran(INDEX, 1.5)), index(1.4, 2), "it was made from this very run");
        assertThat(held(1.4, 2, 1.5001).negligible()).isFalse();
        Estimates two = written(
                estimate(known(1, INDEX, Operation.INDEX_BUILD, 1.4, 2), known(2, VALIDATE, Operation.SCAN, 1.4, 2)));
        refused(recording(new Ran(INDEX, 1.25), new Ran(VALIDATE, 1.5)), two, "it was made from this very run");
        assertThat(check(recording(new Ran(INDEX, 1.25), new Ran(VALIDATE, 1.3)), two)
                        .checked())
                .hasSize(2);
    }

    @Test
    void aMigrationThatDidNotRunToItsEndIsRefused() {
        refused(
                tree -> tree.put("complete", false).put("fault", "The disk was full."),
                "its rehearsal did not come to its end: The disk was full.");
        for (String outcome : List.of("failed", "interrupted", "stopped")) {
            refused(
                    tree -> ((ObjectNode) tree.get("migration")).put("outcome", outcome),
                    "its migration did not run to its end (" + outcome + ")");
        }
        refused(tree -> tree.putNull("migration"), "its migration never began");
        refused(tree -> tree.putNull("dataset"), "its rows were not counted");
        refused(tree -> tree.put("startedAt", "yesterday"), "its startedAt, yesterday, is no time");
    }

    @Test
    void everythingThatIsInTheWayIsToldAtOnce() {
        refused(
                recording(
                        tree -> {
                            Samples.rows(tree, Map.of("orders", 2_000_000L, "customers", 200_000L));
                            ((ObjectNode) tree.get("host")).put("cpus", 2);
                        },
                        new Ran(VALIDATE, 1)),
                index(12, 15),
                "--target customers=200000,orders=2000000",
                "another migration",
                "on 2\u00a0processors");
    }

    @Test
    void whatIsUnknownIsToldAndNotCounted() throws Exception {
        Check check = check(
                recording(new Ran(INDEX, 12.5), new Ran(VALIDATE, 3)),
                written(estimate(known(1, INDEX, Operation.INDEX_BUILD, 12, 15), unknown(2, VALIDATE))));
        assertThat(check.checked()).extracting(CheckedStatement::index).containsExactly(1);
        assertThat(check.statements().get(1).measuredSeconds()).isEqualTo(3, within(1e-12));
        assertThat(check.statements().get(1).leftOut()).isEqualTo("It was UNKNOWN: A cliff is in the way.");
        refused(
                recording(new Ran(VALIDATE, 3)),
                written(estimate(unknown(1, VALIDATE))),
                "statement 1: It was UNKNOWN: A cliff is in the way.");
        refused(recording(new Ran(VALIDATE, 3)), written(estimate()), "it has no figure");
    }

    @Test
    void withoutItsLockWaitsMeasuredNothingIsCompared() throws Exception {
        Check check = check(
                recording(
                        tree -> ((ObjectNode) tree.at("/migration/statements/1")).putNull("lockWaitMs"),
                        new Ran(INDEX, 12.5),
                        new Ran(VALIDATE, 3)),
                written(estimate(
                        known(1, INDEX, Operation.INDEX_BUILD, 12, 15), known(2, VALIDATE, Operation.SCAN, 3, 4))));
        assertThat(check.checked()).hasSize(1);
        assertThat(check.statements().get(1).leftOut()).startsWith("Its waits for locks were not measured");
    }

    @Test
    void ofATransactionThatWasTriedAgainTheLastTryCounts() throws Exception {
        Check check = check(
                recording(
                        tree -> {
                            ArrayNode statements = (ArrayNode) tree.at("/migration/statements");
                            ObjectNode again = statements.get(0).deepCopy();
                            statements.insert(1, again.put("attempt", 2).put("endMs", 13_005));
                        },
                        new Ran(INDEX, 12.5),
                        new Ran(VALIDATE, 3)),
                written(estimate(
                        known(1, INDEX, Operation.INDEX_BUILD, 12, 15), known(2, VALIDATE, Operation.SCAN, 3, 4))));
        assertThat(check.checked())
                .extracting(CheckedStatement::measuredSeconds)
                .containsExactly(13.0, 3.0);
    }
}
