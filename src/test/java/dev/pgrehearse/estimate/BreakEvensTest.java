package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.BreakEven.Answer;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.scenario.Limits.ResponseLimit;
import dev.pgrehearse.verdict.Ruling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quiet rungs of 32 000 to 1 024 000 orders, and the top one under load. A build takes 1 µs a row unless a test says more. */
class BreakEvensTest {
    private static final long TOP = 1_024_000;
    private static final double HELD = 1.024;
    private static final long TARGET = 10_240_000;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Nothing is sorted for it, so that it takes as long for each row at any size. */
    private static final Did INDEX = Did.of("create index i on orders using brin (a)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");

    private static final Did SORTED = Did.of("create index i on orders (a)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did SORTED_CONCURRENTLY = Did.of(
                    "create index concurrently i on orders (a)", Map.of("orders", "SHARE UPDATE EXCLUSIVE"))
            .making("i")
            .unwrapped();
    private static final Did CONCURRENTLY = Did.of(
                    "create index concurrently i on orders using brin (a)", Map.of("orders", "SHARE UPDATE EXCLUSIVE"))
            .making("i")
            .unwrapped();
    private static final Did COLUMN =
            Did.of("alter table orders add column notes text", Map.of("orders", "ACCESS EXCLUSIVE"));
    private static final Did UPDATE =
            Did.of("update orders set a = 1", Map.of("orders", "ROW EXCLUSIVE")).scanning("orders");

    private static List<Rung> rungs(Did did, DoubleUnaryOperator seconds, UnaryOperator<Recording> edit) {
        return rungs(did, Runs.roomy(), seconds, edit);
    }

    private static List<Rung> rungs(
            Did did, Map<String, Double> settings, DoubleUnaryOperator seconds, UnaryOperator<Recording> edit) {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = TOP / 32; rows <= TOP; rows *= 2) {
            rungs.add(new Rung(
                    Map.of("orders", rows, "customers", rows / 10),
                    List.of(new Rung.Run(
                            edit.apply(Runs.recording(did, rows, seconds.applyAsDouble((double) rows))),
                            Runs.facts(settings, did, rows)))));
        }
        return rungs;
    }

    private static List<Rung> builds() {
        return rungs(INDEX, rows -> 1e-6 * rows, UnaryOperator.identity());
    }

    private static BreakEven breakEven(List<Rung> rungs, long target, Recording loaded, Limits limits) {
        Estimator.Question question = new Estimator.Question(
                "shop", "as-written", Map.of("orders", target, "customers", target / 10), Set.of("orders"), null);
        return BreakEvens.of(
                question,
                rungs,
                KeysAlone.NONE,
                Estimator.estimate(question, rungs, null),
                new LoadedRung(Map.of("orders", TOP, "customers", TOP / 10), loaded, PATIENCE),
                limits);
    }

    /** The longest stall and hold as given, everything else out of the way. */
    private static Limits stall(double seconds) {
        return limits(seconds, seconds, 3600, 3600, 3600);
    }

    private static Limits limits(double stall, double held, double pool, double duration, double p99) {
        Limits sample = SampleRecordings.limits();
        return new Limits(
                seconds(stall),
                sample.errorRate(),
                seconds(pool),
                seconds(held),
                sample.lockWait(),
                seconds(duration),
                sample.standbyLag(),
                new ResponseLimit(seconds(p99), null),
                Map.of(),
                Set.of());
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    private static Recording blocked(double heldSeconds) {
        return Loads.recording(INDEX, TOP, heldSeconds, "create_order");
    }

    @Test
    void theSizeAtWhichTheCurveCrossesTheStallIsTheBreakEven() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), stall(2));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.atTarget()).isEqualTo(Ruling.NO_GO);
        assertThat(found.rows()).isCloseTo(2_000_000, within(2_000.0));
        assertThat(found.fromRows()).isBetween(1_700_000.0, 1_950_000.0);
        assertThat(found.toRows()).isBetween(2_010_000.0, 2_200_000.0);
        assertThat(found.table()).isEqualTo("orders");
        assertThat(found.limit()).isEqualTo("longestStall");
        assertThat(found.statement()).isEqualTo(1);
        assertThat(found.orFewer()).isFalse();
        assertThat(found.reasons().get(0))
                .startsWith("Statement 1 holds SHARE on orders for as long as it works, and under load create_order"
                        + " waited for that. From about 2\u00a0000\u00a0000 rows of orders on");
    }

    /** 1.5 s, at most 1.65 s: within 2 s. 1.95 s may be above 2 s, and 2.1 s is. */
    @ParameterizedTest
    @CsvSource({"1500000, GO, GO", "1950000, UNKNOWN, UNKNOWN", "2100000, NO_GO_FROM, NO_GO"})
    void atTheTargetTheUpperValueMakesItGoAndTheCentralOneNoGo(long target, Answer answer, Ruling atTarget) {
        BreakEven found = breakEven(builds(), target, blocked(HELD), stall(2));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(answer);
        assertThat(found.atTarget()).isEqualTo(atTarget);
        assertThat(found.rows()).as("told in each case").isCloseTo(2_000_000, within(2_000.0));
    }

    @Test
    void upToTheTopRungWhatWasMeasuredDecides() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), stall(0.3));
        assertThat(found.answer()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.rows()).isCloseTo(300_000, within(300.0));
        assertThat(found.underLoad()).isNotNull();
        assertThat(found.underLoad().verdict()).isEqualTo(Ruling.NO_GO);
    }

    @Test
    void tooLongAtTheSmallestRungIsSaidSo() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), stall(0.03));
        assertThat(found.orFewer()).isTrue();
        assertThat(found.rows()).isCloseTo(32_000, within(1e-6));
        assertThat(breakEven(builds(), TARGET, blocked(HELD), stall(0.034)).orFewer())
                .isFalse();
    }

    /** By the quiet runs 1.024 s, at most 1.064 s: from 0.668 s to 1.696 s agree. */
    @ParameterizedTest
    @CsvSource({"0.66, false", "0.68, true", "1.68, true", "1.71, false"})
    void whatWasHeldUnderLoadMustAgreeWithTheCurve(double held, boolean agrees) {
        BreakEven found = breakEven(builds(), TARGET, blocked(held), stall(2));
        assertThat(found.answer()).isEqualTo(agrees ? Answer.NO_GO_FROM : Answer.UNKNOWN);
        if (!agrees) {
            assertThat(found.rows()).isNull();
            assertThat(found.reasons().get(0)).contains("do not agree");
        }
    }

    /** Up to 1.696 s, and ten times the mean distance of 60 requests a second: 1.862 s. */
    @Test
    void anOperationThatStoodStillForLongerThanTheLockDoesNotAgree() {
        Recording longer = Loads.edited(blocked(HELD), tree -> Loads.stall(tree, "create_order", 1_880));
        BreakEven found = breakEven(builds(), TARGET, longer, stall(2));
        assertThat(found.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(found.reasons()).anySatisfy(reason -> assertThat(reason).contains("create_order stood still"));
        Recording within = Loads.edited(blocked(HELD), tree -> Loads.stall(tree, "create_order", 1_840));
        assertThat(breakEven(builds(), TARGET, within, stall(2)).answer()).isEqualTo(Answer.NO_GO_FROM);
    }

    /** 1.28 times as long as by the quiet runs, which is 2 s at 1 562 500 rows; without that it would be at 2 million. */
    @Test
    void whatTakesLongerUnderLoadTurnsItEarlier() {
        BreakEven plain = breakEven(builds(), TARGET, blocked(HELD), stall(2));
        BreakEven slower = breakEven(builds(), TARGET, blocked(HELD * 1.28), stall(2));
        assertThat(slower.rows()).isCloseTo(1_562_500, within(1_600.0));
        assertThat(slower.fromRows() / plain.fromRows()).isBetween(1 / 1.29, 1 / 1.2);
        assertThat(slower.toRows()).isEqualTo(plain.toRows());
        assertThat(slower.reasons())
                .anySatisfy(reason -> assertThat(reason).contains("1.28\u00a0× as long", "counted so at any size"));
        // Shorter than in quiet runs it was by chance.
        BreakEven faster = breakEven(builds(), TARGET, blocked(HELD * 0.8), stall(2));
        assertThat(faster.rows()).isEqualTo(plain.rows());
    }

    /** 1.28 µs a row under load are 5 s at 3 906 250 rows. */
    @Test
    void allStatementsTogetherTakeLongerUnderLoadToo() {
        List<Rung> rungs = rungs(CONCURRENTLY, rows -> 1e-6 * rows, UnaryOperator.identity());
        BreakEven found =
                breakEven(rungs, TARGET, Loads.recording(CONCURRENTLY, TOP, HELD * 1.28), limits(2, 2, 3600, 5, 3600));
        assertThat(found.limit()).isEqualTo("duration");
        assertThat(found.rows()).isCloseTo(3_906_250, within(4_000.0));
        assertThat(found.toRows()).isGreaterThan(5_000_000);
    }

    @Test
    void aLockThatNobodyOfTheWorkloadMeetsCountsForWhoeverComes() {
        Recording unmet = Loads.edited(Loads.recording(INDEX, TOP, HELD), tree -> tree.putArray("operationLocks"));
        BreakEven found = breakEven(builds(), TARGET, unmet, stall(2));
        assertThat(found.answer()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.reasons().get(0)).contains("nobody of this workload");
    }

    @Test
    void withoutALockInTheWaySizeDecidesNothing() {
        List<Rung> rungs = rungs(CONCURRENTLY, rows -> 1e-6 * rows, UnaryOperator.identity());
        Recording loaded = Loads.recording(CONCURRENTLY, TOP, HELD);
        BreakEven found = breakEven(rungs, TARGET, loaded, stall(2));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.SIZE_DECIDES_NOTHING);
        assertThat(found.atTarget()).isEqualTo(Ruling.GO);
        assertThat(found.rows()).isNull();
        assertThat(found.reasons()).anySatisfy(reason -> assertThat(reason).contains("older than itself"));
    }

    /** 5 s at 5 million rows. */
    @Test
    void theDurationOfTheWholeTurnsItToo() {
        List<Rung> rungs = rungs(CONCURRENTLY, rows -> 1e-6 * rows, UnaryOperator.identity());
        Recording loaded = Loads.recording(CONCURRENTLY, TOP, HELD);
        BreakEven found = breakEven(rungs, TARGET, loaded, limits(2, 2, 3600, 5, 3600));
        assertThat(found.answer()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.limit()).isEqualTo("duration");
        assertThat(found.statement()).isNull();
        assertThat(found.rows()).isCloseTo(5_000_000, within(5_000.0));
        // What it took under load beside its work is there at any size: 2 s less are left.
        Recording waited =
                Loads.edited(loaded, tree -> ((ObjectNode) tree.get("migration")).put("durationMs", (HELD + 2) * 1e3));
        assertThat(breakEven(rungs, TARGET, waited, limits(2, 2, 3600, 5, 3600)).rows())
                .isCloseTo(3_000_000, within(3_000.0));
    }

    @Test
    void aWaitBehindALongReadIsTheSameAtAnySize() {
        List<Rung> rungs = rungs(COLUMN, rows -> 0.01, UnaryOperator.identity());
        BreakEven asWritten = breakEven(rungs, TARGET, SampleRecordings.asWritten(), SampleRecordings.limits());
        assertThat(asWritten.answer()).isEqualTo(Answer.SIZE_DECIDES_NOTHING);
        assertThat(asWritten.atTarget()).isEqualTo(Ruling.NO_GO);
        assertThat(asWritten.reasons().get(0))
                .contains("waited 30.0\u00a0s for ACCESS EXCLUSIVE on orders behind a long read");
        BreakEven withTimeout = breakEven(rungs, TARGET, SampleRecordings.withTimeout(), SampleRecordings.limits());
        assertThat(withTimeout.answer()).as("%s", withTimeout.reasons()).isEqualTo(Answer.SIZE_DECIDES_NOTHING);
        assertThat(withTimeout.atTarget()).isEqualTo(Ruling.GO);
    }

    @Test
    void aWaitBehindTheWorkloadItselfIsUnknownAtOtherSizes() {
        List<Rung> rungs = rungs(COLUMN, rows -> 0.01, UnaryOperator.identity());
        Recording loaded = Loads.edited(SampleRecordings.asWritten(), tree -> {
            tree.get("lockWaits").forEach(wait -> {
                if (wait.get("operation").asText().equals("migration")) {
                    ((ObjectNode) wait).put("behind", "workload");
                }
            });
            tree.putArray("adversaries");
        });
        assertThat(breakEven(rungs, TARGET, loaded, SampleRecordings.limits()).answer())
                .isEqualTo(Answer.UNKNOWN);
    }

    /** 64 MB hold 1 677 721 entries of the sort: beyond that the quiet runs say nothing. */
    @Test
    void nothingIsSaidBeyondACliffAndWhatLiesBeforeItIs() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", 64 * Runs.MIB);
        List<Rung> rungs = rungs(SORTED, settings, rows -> 1e-6 * rows, UnaryOperator.identity());
        BreakEven beyond = breakEven(rungs, TARGET, blocked(HELD), stall(2));
        assertThat(beyond.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(beyond.reachRows()).isBetween(1_677_000.0, 1_677_722.0);
        assertThat(beyond.reachEnds()).startsWith("cliff: the sort of i leaves maintenance_work_mem");
        assertThat(beyond.reasons()).anySatisfy(reason -> assertThat(reason).contains("maintenance_work_mem"));
        BreakEven before = breakEven(rungs, TARGET, blocked(HELD), stall(1.2));
        assertThat(before.answer()).as("%s", before.reasons()).isEqualTo(Answer.NO_GO_FROM);
        // n * 1e-6 * (1 + 0.05 * log2(n / 1_024_000)) = 1.2
        assertThat(before.rows()).isCloseTo(1_187_330, within(1_200.0));
        // Below the target it is no cliff of the estimate, and what is said of larger sizes has to know of it.
        BreakEven near = breakEven(rungs, 1_300_000, blocked(HELD), stall(2));
        assertThat(near.answer()).as("%s", near.reasons()).isEqualTo(Answer.GO);
        assertThat(near.rows()).isNull();
        assertThat(near.reachRows()).isBetween(1_677_000.0, 1_677_722.0);
        assertThat(near.reachEnds()).isEqualTo(beyond.reachEnds());
        List<Rung> concurrent = rungs(SORTED_CONCURRENTLY, settings, rows -> 1e-6 * rows, UnaryOperator.identity());
        BreakEven nothing = breakEven(concurrent, 1_300_000, Loads.recording(CONCURRENTLY, TOP, HELD), stall(2));
        assertThat(nothing.answer()).isEqualTo(Answer.SIZE_DECIDES_NOTHING);
        assertThat(nothing.reachRows()).isBetween(1_677_000.0, 1_677_722.0);
        assertThat(nothing.reachEnds()).isEqualTo(beyond.reachEnds());
    }

    /** A worker helps from 1.5 million rows on; at 1.2 million it is too slow without. */
    @Test
    void whereOneWorkerMoreTakesPartBeforeTheTargetNobodyKnowsWhetherItStaysTooSlow() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("max_parallel_maintenance_workers", 1.0);
        settings.put("min_parallel_table_scan_size", 1_500_000.0 * Runs.HEAP_BYTES);
        List<Rung> rungs = rungs(INDEX, settings, rows -> 1e-6 * rows, UnaryOperator.identity());
        BreakEven found = breakEven(rungs, TARGET, blocked(HELD), stall(1.2));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.UNKNOWN);
        assertThat(found.rows()).isCloseTo(1_200_000, within(1_200.0));
        assertThat(found.reasons().get(0)).contains("index builds get 1\u00a0worker");
        assertThat(breakEven(rungs, 1_400_000, blocked(HELD), stall(1.2)).answer())
                .isEqualTo(Answer.NO_GO_FROM);
        // With the worker it is too slow already.
        settings.put("min_parallel_table_scan_size", 900_000.0 * Runs.HEAP_BYTES);
        List<Rung> shown = rungs(INDEX, settings, rows -> 1e-6 * rows, UnaryOperator.identity());
        assertThat(breakEven(shown, TARGET, blocked(HELD), stall(0.5)).answer()).isEqualTo(Answer.NO_GO_FROM);
    }

    /** By the curves 1.2 s are at 1.2 million rows, at least at 1.1: the rung at 1.024 million stood still for longer. */
    @Test
    void aSizeThatWasSeenToBeTooLargeIsNoGo() {
        Recording longer = Loads.edited(blocked(HELD), tree -> Loads.stall(tree, "create_order", 1_210));
        BreakEven found = breakEven(builds(), TOP, longer, limits(1.2, 3600, 3600, 3600, 3600));
        assertThat(found.underLoad().verdict()).isEqualTo(Ruling.NO_GO);
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.rows()).isEqualTo(TOP);
        assertThat(found.reasons()).anySatisfy(reason -> assertThat(reason).contains("earlier than by the curves"));
    }

    /** By the curves 1 s is at 1 million rows; the rung at 1.024 million had 0.99 s. */
    @Test
    void aSizeThatWasSeenToBeGoIsNotNoGo() {
        BreakEven larger = breakEven(builds(), TARGET, blocked(0.99), stall(1));
        assertThat(larger.answer()).as("%s", larger.reasons()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(larger.rows()).isEqualTo(TOP);
        assertThat(larger.fromRows()).isBetween(900_000.0, 1_000_000.0);
        assertThat(larger.reasons()).anySatisfy(reason -> assertThat(reason).contains("GO still"));
        BreakEven same = breakEven(builds(), TOP, blocked(0.99), stall(1));
        assertThat(same.answer()).as("%s", same.reasons()).isEqualTo(Answer.UNKNOWN);
        assertThat(same.rows()).isEqualTo(TOP);
    }

    /** 102.4 million are 100 times the top rung. */
    @Test
    void nothingIsSaidBeyondAHundredTimesTheTopRung() {
        BreakEven near =
                breakEven(rungs(INDEX, rows -> 2e-8 * rows, UnaryOperator.identity()), TARGET, blocked(0.02), stall(2));
        assertThat(near.answer()).as("%s", near.reasons()).isEqualTo(Answer.GO);
        assertThat(near.rows()).isCloseTo(100_000_000, within(1e5));
        BreakEven far = breakEven(
                rungs(INDEX, rows -> 1.9e-8 * rows, UnaryOperator.identity()), TARGET, blocked(0.02), stall(2));
        assertThat(far.answer()).isEqualTo(Answer.GO);
        assertThat(far.rows()).isNull();
        assertThat(far.reachRows()).isCloseTo(102_400_000, within(1.0));
        assertThat(far.reachEnds()).isEqualTo("100\u00a0× the top rung");
        assertThat(far.reasons()).anySatisfy(reason -> assertThat(reason).contains("100\u00a0× the top rung"));
    }

    /** Empty 0.26 s after the start, and not for longer than 1 s allowed: 1.26 s of the build. */
    @Test
    void aPoolThatWasSeenToFillTurnsItByItsOwnLimit() {
        Recording loaded = Loads.edited(blocked(HELD), tree -> Loads.exhausted(tree, 260, HELD * 1e3));
        BreakEven found = breakEven(builds(), TARGET, loaded, limits(2, 2, 1, 3600, 3600));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.limit()).isEqualTo("poolExhausted");
        assertThat(found.limitSeconds()).isCloseTo(1.26, within(1e-9));
        assertThat(found.rows()).isCloseTo(1_260_000, within(1_260.0));
    }

    /** A pool that never was empty in 1.024 s is not for 0.5 s more before 1.524 s: from there on it may. */
    @Test
    void aPoolThatWasNeverEmptyMakesTheLeastSizeSmallerAndNothingElse() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), limits(2, 2, 0.5, 3600, 3600));
        assertThat(found.limit()).isEqualTo("longestStall");
        assertThat(found.rows()).isCloseTo(2_000_000, within(2_000.0));
        assertThat(found.fromRows()).isBetween(1_300_000.0, 1_524_000.0);
        assertThat(found.reasons()).anySatisfy(reason -> assertThat(reason).contains("limits.poolExhausted", "may be"));
    }

    /** The slowest hundredth of those that come while it builds wait for 99 % of it at least: 2.1 s of 2.1212 s. */
    @Test
    void theResponseTimeOfThoseThatWaitFollowsFromTheHold() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), limits(2.5, 2.5, 3600, 3600, 2.1));
        assertThat(found.limit()).isEqualTo("response");
        assertThat(found.rows()).isCloseTo(2_100_000 / 0.99, within(2_500.0));
    }

    /** Requests give up after 3 s; the stall may last 4 s. */
    @Test
    void wherePatienceEndsBeforeTheLimitItMayTurnEarlier() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), stall(4));
        assertThat(found.rows()).isCloseTo(4_000_000, within(4_000.0));
        assertThat(found.fromRows()).isBetween(2_400_000.0, 3_000_000.0);
        assertThat(found.reasons()).anySatisfy(reason -> assertThat(reason).contains("limits.errorRate"));
        assertThat(breakEven(builds(), 3_500_000, blocked(HELD), stall(4)).answer())
                .isEqualTo(Answer.UNKNOWN);
    }

    @Test
    void rowsThatRequestsWaitedForAreHeldAsLongAsTheStatementWorks() {
        List<Rung> rungs = rungs(UPDATE, rows -> 1e-6 * rows, UnaryOperator.identity());
        Recording met = Loads.edited(
                Loads.recording(UPDATE, TOP, HELD),
                tree -> ((ArrayNode) tree.get("lockWaits")).add(Loads.wait("create_order", "(transaction)", 900)));
        BreakEven found = breakEven(rungs, TARGET, met, stall(2));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.rows()).isCloseTo(2_000_000, within(2_000.0));
        assertThat(found.reasons().get(0)).contains("rows that it changed");
    }

    @Test
    void rowsThatNobodyHappenedToWaitForMayBeWaitedForLater() {
        List<Rung> rungs = rungs(UPDATE, rows -> 1e-6 * rows, UnaryOperator.identity());
        Recording unmet = Loads.recording(UPDATE, TOP, HELD);
        BreakEven far = breakEven(rungs, TARGET, unmet, stall(2));
        assertThat(far.answer()).as("%s", far.reasons()).isEqualTo(Answer.UNKNOWN);
        assertThat(far.fromRows()).isBetween(1_700_000.0, 2_000_000.0);
        assertThat(breakEven(rungs, 1_500_000, unmet, stall(2)).answer()).isEqualTo(Answer.GO);
    }

    @Test
    void aNoGoThatNothingThatGrowsExplainsIsUnknown() {
        Recording loaded = Loads.edited(blocked(HELD), tree -> Loads.stall(tree, "read_order", 2_500));
        BreakEven found = breakEven(builds(), TARGET, loaded, limits(2, 60, 3600, 3600, 3600));
        assertThat(found.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(found.reasons().get(0)).contains("NO-GO already");
    }

    @Test
    void aLimitOnTheWaitForALockIsBrokenAtAnySize() {
        Recording loaded = Loads.edited(
                blocked(HELD), tree -> ((ObjectNode) tree.at("/migration/statements/0")).put("lockWaitMs", 11_000));
        BreakEven found = breakEven(builds(), TARGET, loaded, stall(2));
        assertThat(found.answer()).isEqualTo(Answer.SIZE_DECIDES_NOTHING);
        assertThat(found.atTarget()).isEqualTo(Ruling.NO_GO);
    }

    @Test
    void whatWasNotMeasuredWellEnoughIsUnknown() {
        Recording cutOff =
                Loads.edited(blocked(HELD), tree -> tree.put("complete", false).put("fault", "The disk is full."));
        BreakEven broken = breakEven(builds(), TARGET, cutOff, stall(2));
        assertThat(broken.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(broken.reasons()).singleElement().asString().contains("The disk is full.");
        Recording late = Loads.edited(
                blocked(HELD),
                tree -> ((ArrayNode) tree.get("doubts"))
                        .addObject()
                        .put("id", "driver-too-late")
                        .put("text", "The driver was late."));
        BreakEven unsure = breakEven(builds(), TARGET, late, stall(2));
        assertThat(unsure.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unsure.reasons()).contains("The driver was late.");
    }

    @Test
    void aLockThatWasHadSeveralTimesIsNoCurve() {
        Recording several = Loads.edited(
                blocked(HELD),
                tree -> ((ObjectNode) tree.at("/migration/statements/0/locks/0")).put("longestHeldMs", 400));
        BreakEven found = breakEven(builds(), TARGET, several, stall(2));
        assertThat(found.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(found.reasons()).singleElement().asString().contains("several times");
    }

    /** ALTER in a transaction with the build: its ACCESS EXCLUSIVE is held to the COMMIT. */
    @Test
    void aLockIsHeldToTheEndOfItsTransaction() {
        UnaryOperator<Recording> inTransaction = recording -> Loads.edited(recording, tree -> {
            ObjectNode migration = (ObjectNode) tree.get("migration");
            ObjectNode build = (ObjectNode) migration.at("/statements/0");
            double start = build.get("startMs").asDouble();
            double end = build.get("endMs").asDouble();
            ArrayNode statements = migration.putArray("statements");
            statements.add(other(build, 1, "BEGIN;", start, ""));
            statements.add(other(build, 2, "ALTER TABLE orders ADD COLUMN a int;", start, "ACCESS EXCLUSIVE"));
            build.put("index", 3).put("wrapped", false);
            statements.add(build);
            statements.add(other(build, 4, "COMMIT;", end, ""));
            ((ObjectNode) statements.at("/1/locks/0")).put("heldMs", end - start);
            tree.get("lockWaits").forEach(wait -> ((ObjectNode) wait).put("behind", "statement 2"));
        });
        BreakEven found = breakEven(
                rungs(INDEX, rows -> 1e-6 * rows, inTransaction), TARGET, inTransaction.apply(blocked(HELD)), stall(2));
        assertThat(found.answer()).as("%s", found.reasons()).isEqualTo(Answer.NO_GO_FROM);
        assertThat(found.rows()).isCloseTo(2_000_000, within(4_000.0));
        assertThat(found.statement()).isEqualTo(2);
        assertThat(found.reasons().get(0)).contains("while statements 2 to 4 work");
    }

    private static ObjectNode other(ObjectNode build, int index, String sql, double atMs, String mode) {
        ObjectNode statement = build.deepCopy();
        statement.put("index", index).put("sql", sql).put("wrapped", false).put("lockWaitMs", 0);
        statement.put("startMs", atMs).put("endMs", atMs);
        statement.putArray("scanned");
        ArrayNode locks = statement.putArray("locks");
        if (!mode.isEmpty()) {
            locks.add(((ObjectNode) build.at("/locks/0")).deepCopy().put("mode", mode));
        }
        return statement;
    }

    @Test
    void whatWasSeenUnderLoadIsToldBesideTheQuietRuns() {
        BreakEven found = breakEven(builds(), TARGET, blocked(HELD), stall(2));
        UnderLoad seen = found.underLoad();
        assertThat(seen).isNotNull();
        assertThat(seen.statements()).singleElement().satisfies(waits -> {
            assertThat(waits.quietSeconds()).isCloseTo(HELD, within(1e-9));
            assertThat(waits.seconds()).isCloseTo(HELD, within(1e-9));
            assertThat(waits.requests()).isEqualTo(1);
            assertThat(waits.longestSeconds()).isCloseTo(HELD, within(1e-9));
            assertThat(waits.operations()).containsExactly("create_order");
        });
        assertThat(seen.checks()).extracting(UnderLoad.Check::agrees).containsExactly(true, true);
    }
}
