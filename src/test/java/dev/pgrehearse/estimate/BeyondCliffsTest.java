package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.estimate.Shrinking.CannotShrink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What is done about a cliff that no rung is above, and the room that a migration needs. An index entry takes 40 bytes of a
 * sort, so 64 MB hold 1 677 721; a row of orders is 100 bytes, and 22 of each index.
 */
class BeyondCliffsTest {
    private static final long TARGET = 10_240_000;
    private static final long TOP = 1_024_000;
    private static final double KIB = 1024;
    private static final Did INDEX = Did.of("create index i on orders (customer_id)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did FOREIGN_KEY = Did.of(
                    "alter table orders add foreign key (customer_id) references customers",
                    Map.of("orders", "SHARE ROW EXCLUSIVE", "customers", "SHARE ROW EXCLUSIVE"))
            .scanning("orders", "customers");

    private static double none(double rows) {
        return 0;
    }

    private static Map<String, Double> settings(double maintenanceWorkMem) {
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", maintenanceWorkMem);
        return settings;
    }

    private static Map<String, Long> rows(long orders) {
        return Map.of("orders", orders, "customers", orders / 10);
    }

    private static Rung rung(
            Did did, Map<String, Double> settings, long rows, double seconds, double temporary, double created) {
        return new Rung(
                rows(rows),
                List.of(new Rung.Run(
                        Runs.taking(Runs.recording(did, rows, seconds), temporary, created),
                        Runs.facts(settings, did, rows))));
    }

    private static List<Rung> rungs(
            Did did, Map<String, Double> settings, DoubleUnaryOperator seconds, DoubleUnaryOperator temporary) {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = TOP / 32; rows <= TOP; rows *= 2) {
            rungs.add(rung(
                    did,
                    settings,
                    rows,
                    seconds.applyAsDouble((double) rows),
                    temporary.applyAsDouble((double) rows),
                    22.0 * rows));
        }
        return rungs;
    }

    private static Estimator.Question question(long target) {
        return new Estimator.Question("shop", "as-written", rows(target), Set.of("orders"), null);
    }

    private static Shrinking shrinking(Did did, Map<String, Double> settings) {
        return Shrinking.of(question(TARGET), rungs(did, settings, rows -> 1e-6 * rows, BeyondCliffsTest::none));
    }

    private static StatementEstimate estimate(List<Rung> rungs, @Nullable ShrunkLadder shrunk) {
        return Estimator.estimate(question(TARGET), rungs, shrunk, null, null)
                .statements()
                .get(0);
    }

    @Test
    void theCliffAheadIsToldAsAShareOfTheTarget() {
        List<Rung> first = rungs(INDEX, settings(64 * Runs.MIB), rows -> 1e-6 * rows, BeyondCliffsTest::none)
                .subList(0, 1);
        assertThat(CliffAhead.of(question(TARGET), first)).singleElement().satisfies(ahead -> {
            assertThat(ahead.share()).isCloseTo(64 * Runs.MIB / 40 / TARGET, within(1e-9));
            assertThat(ahead.needed()).isEqualTo(2);
            assertThat(ahead.shrinks()).isTrue();
            assertThat(ahead.missing(List.of(0.1, 0.2))).isEqualTo(1);
        });
        assertThat(CliffAhead.of(question(TARGET), List.of())).isEmpty();
    }

    @Test
    void memoryIsShrunkInProportionAndNoPassIsAdded() throws Exception {
        Shrinking shrinking = shrinking(INDEX, settings(64 * Runs.MIB));
        assertThat(shrinking.statements()).containsExactly(1);
        // A tenth of 64 MB, in whole pages.
        assertThat(shrinking.at(rows(TOP)).values()).isEqualTo(Map.of("maintenance_work_mem", "6560kB"));
        assertThat(shrinking.at(rows(TOP / 2)).values()).isEqualTo(Map.of("maintenance_work_mem", "3280kB"));
        // A quarter would be 1640 kB, with which six runs are merged at once, and eight to ten are made.
        double bytes = shrinking.at(rows(TOP / 4)).bytes().get("maintenance_work_mem");
        assertThat(bytes).isBetween(1.1 * 1640 * KIB, 1.5 * 1640 * KIB);
        ExternalSort sort = new ExternalSort(40, 1);
        assertThat(sort.passes(1.25 * TOP / 4, bytes)).isEqualTo(1);
        assertThat(sort.passes(1.25 * TOP / 4, bytes / 1.03)).isEqualTo(2);
        assertThat(shrinking.at(rows(TOP)).workers()).isEmpty();
    }

    @Test
    void workersThatTheTargetHasAreGivenAlthoughMemoryIsTooLittleForThem() throws Exception {
        Map<String, Double> settings = settings(64 * Runs.MIB);
        settings.put("max_parallel_maintenance_workers", 2.0);
        assertThat(shrinking(INDEX, settings).at(rows(TOP)).workers()).isEqualTo(Map.of("orders", 1));
    }

    @Test
    void whatWouldBeLessThanPostgresAllowsIsNotShrunk() {
        Shrinking shrinking = shrinking(INDEX, settings(64 * Runs.MIB));
        // 1 MB is the least, and sorts of 16 000 rows fit into it.
        assertThatThrownBy(() -> shrinking.at(rows(16_000)))
                .isInstanceOf(CannotShrink.class)
                .hasMessageContaining("maintenance_work_mem would have to be 102", "1");
    }

    @Test
    void buffersAndWalAreShrunkWithoutWhatFollowsThem() throws Exception {
        Map<String, Double> settings = Runs.roomy();
        settings.put("shared_buffers", 128 * Runs.MIB);
        settings.put("wal_buffers", 4 * Runs.MIB);
        settings.put("max_wal_size", 360 * Runs.MIB);
        settings.put("min_wal_size", 80 * Runs.MIB);
        // 205 MB of WAL at the target; 360 MB / 1.9 bring a checkpoint about, with 9.9 million rows.
        Did update = Did.of("update orders set a = 1", Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        Shrinking shrinking = shrinking(update, settings);
        assertThat(shrinking.at(rows(TOP)).values())
                .isEqualTo(Map.of(
                        "shared_buffers", "13112kB",
                        "wal_buffers", "4096kB",
                        "max_wal_size", "36MB",
                        "min_wal_size", "36MB"));
        assertThatThrownBy(() -> shrinking.at(rows(TOP / 2)))
                .hasMessageContaining("max_wal_size would have to be 18")
                .hasMessageContaining("32");
    }

    @Test
    void whatMemoryOfTheMachineDecidesIsNotShrunk() {
        // 64 GB hold 563 million rows of 122 bytes.
        assertThat(Shrinking.of(
                                question(1_000_000_000),
                                rungs(INDEX, settings(64 * Runs.MIB), rows -> 1e-6 * rows, BeyondCliffsTest::none))
                        .statements())
                .isEmpty();
    }

    @Test
    void aHashThatWouldBeCutOtherwiseIsNotShrunk() throws Exception {
        // 4.8 bytes a row of orders: 49 MB at the target, in four batches.
        Shrinking shrinking = shrinking(FOREIGN_KEY, settings(13 * Runs.MIB));
        assertThat(shrinking.at(rows(TOP)).bytes().get("maintenance_work_mem"))
                .isBetween(1.3 * Runs.MIB, 1.3 * Runs.MIB + 8192);
        assertThatThrownBy(() -> shrinking.at(rows(TOP / 4))).isInstanceOf(CannotShrink.class);
    }

    private static ShrunkLadder second(List<Rung> rungs, @Nullable String obstacle) {
        return new ShrunkLadder(
                Set.of(1),
                List.of(new ShrunkLadder.Setting("maintenance_work_mem", 64 * Runs.MIB, 6560 * KIB)),
                rungs,
                obstacle);
    }

    /** With 1.7 µs a row in memory, and 1 µs on disk with so little memory that it fits into a cache. */
    @Test
    void whatIsSortedOnDiskTakesNoLessThanInMemory() {
        Map<String, Double> settings = settings(64 * Runs.MIB);
        List<Rung> plain = rungs(INDEX, settings, rows -> 0.05 + 1.7e-6 * rows, BeyondCliffsTest::none);
        List<Rung> shrunk = rungs(INDEX, settings, rows -> 0.01 + 1e-6 * rows, rows -> 20 * rows);
        StatementEstimate build = estimate(plain, second(shrunk, null));
        double truth = 0.05 + 1.7e-6 * TARGET;
        assertThat(build.duration()).isNotNull();
        assertThat(build.duration().central()).isCloseTo(truth, within(0.02 * truth));
        assertThat(build.duration().upper()).isGreaterThan(1.1 * truth);
        assertThat(build.notes()).anySatisfy(note -> assertThat(note).contains("takes no less"));
    }

    @Test
    void aTargetBeyondACliffIsEstimatedFromTheSecondLadderAndSaysSo() {
        Map<String, Double> settings = settings(64 * Runs.MIB);
        List<Rung> plain = rungs(INDEX, settings, rows -> 0.01 + 1e-6 * rows, BeyondCliffsTest::none);
        List<Rung> shrunk = rungs(INDEX, settings, rows -> 0.05 + 1.7e-6 * rows, rows -> 20 * rows);
        assertThat(estimate(plain, null).known()).isFalse();
        StatementEstimate build = estimate(plain, second(shrunk, null));
        double line = 0.05 + 1.7e-6 * TARGET;
        double doublings = Math.log((double) TARGET / TOP) / Math.log(2);
        double truth = line + 0.05 * (0.05 / TOP + 1.7e-6) * TARGET * doublings;
        assertThat(build.duration()).isNotNull();
        assertThat(build.duration().central()).isCloseTo(truth, within(0.02 * truth));
        assertThat(build.duration().upper()).isGreaterThan(1.1 * truth);
        assertThat(build.shrunk()).isNotNull();
        assertThat(build.shrunk().inWords())
                .isEqualTo("from a ladder with maintenance_work_mem shrunk from 64\u00a0MB to 6.4\u00a0MB");
        assertThat(build.shrunk().rungs()).hasSize(6);
        assertThat(build.rungs().get(5).central()).as("the plain ladder").isCloseTo(1.034, within(1e-9));
        assertThat(build.notes()).anySatisfy(note -> assertThat(note).contains("shrunk", "caches"));
        assertThat(build.cliffs()).isNotEmpty();
        assertThat(build.space().temporaryBytes()).isNotNull();
        assertThat(build.space().temporaryBytes().central()).isCloseTo(20.0 * TARGET, within(0.01 * 20 * TARGET));
        // As much again is no figure for other sizes: whoever asks for one gets the plain ladder's.
        assertThat(Estimator.estimate(question(TOP), plain, second(shrunk, null), null, null)
                        .statements()
                        .get(0)
                        .shrunk())
                .isNull();
    }

    @Test
    void aSecondLadderThatIsTooShortOrDidSomethingElseDecidesNothing() {
        Map<String, Double> settings = settings(64 * Runs.MIB);
        List<Rung> plain = rungs(INDEX, settings, rows -> 1e-6 * rows, BeyondCliffsTest::none);
        assertThat(estimate(plain, second(List.of(), "Nor can it be shrunk.")).unknown())
                .hasSize(2)
                .last()
                .isEqualTo("Nor can it be shrunk.");
        assertThat(estimate(plain, second(plain.subList(0, 2), null)).known()).isFalse();
        Did scan = Did.of(INDEX.sql(), INDEX.locks());
        assertThat(estimate(plain, second(rungs(scan, settings, rows -> 1e-6 * rows, BeyondCliffsTest::none), null))
                        .unknown())
                .last()
                .asString()
                .contains("something else");
    }

    @Test
    void rungsThatWereSortedInMorePassesThanOthersDecideNothing() {
        Map<String, Double> settings = settings(64 * Runs.MIB);
        List<Rung> plain = rungs(INDEX, settings, rows -> 1e-6 * rows, BeyondCliffsTest::none);
        List<Rung> shrunk =
                rungs(INDEX, settings, rows -> 1.7e-6 * rows, rows -> rows < 300_000 ? 40 * rows : 20 * rows);
        StatementEstimate build = estimate(plain, second(shrunk, null));
        assertThat(build.known()).isFalse();
        assertThat(build.unknown()).singleElement().asString().contains("more temporary files for each row");
    }

    @Test
    void oneMorePassOfMergingIsACliffToo() {
        // 1 MB holds 26 214 entries, and a run, less the buffers of its tapes, 23 142; six runs are merged at once.
        List<Rung> rungs = rungs(INDEX, settings(Runs.MIB), rows -> 1e-6 * rows, BeyondCliffsTest::none);
        assertThat(estimate(rungs, null).cliffs())
                .extracting(cliff -> Math.round(cliff.rows()))
                .containsExactly(26_214L, 138_854L, 833_126L, 4_998_758L);
        assertThat(estimate(rungs, null).unknown())
                .anySatisfy(why -> assertThat(why).contains("4 passes"));
    }

    @Test
    void temporaryFilesAreNeverExtrapolatedFromWhereThereWereNone() {
        // Nothing up to 400 000 rows, then 20 bytes a row: 512 000 and 1 024 000 are above.
        Map<String, Double> settings = settings(400_000 * 40.0);
        List<Rung> spilled = rungs(INDEX, settings, rows -> 1e-6 * rows, rows -> rows > 400_000 ? 20 * rows : 0);
        Extrapolation known = estimate(spilled, null).space().temporaryBytes();
        assertThat(known).isNotNull();
        assertThat(known.central()).isCloseTo(20.0 * TARGET, within(0.01 * 20 * TARGET));
        StatementEstimate below =
                estimate(rungs(INDEX, settings(64 * Runs.MIB), rows -> 1e-6 * rows, BeyondCliffsTest::none), null);
        assertThat(below.space().temporaryBytes()).isNull();
        assertThat(below.space().diskBytes()).isNull();
        assertThat(below.space().unknown())
                .anySatisfy(why -> assertThat(why).contains("temporary files: beyond", "the sort of i", "no rung"));
    }

    @Test
    void whatNeitherSortsNorHashesNeedsNoneAndWhatMayIsUnknown() {
        Did plain = Did.of("update orders set a = 1", Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        Did joined = Did.of(
                        "update orders set a = c.a from customers c where c.id = customer_id",
                        Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        Did deleted = Did.of("delete from orders where a = 1", Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        assertThat(temporary(plain).temporaryBytes()).isNotNull();
        assertThat(temporary(plain).temporaryBytes().upper()).isZero();
        assertThat(temporary(deleted).temporaryBytes()).isNotNull();
        assertThat(temporary(joined).temporaryBytes()).isNull();
        assertThat(temporary(joined).unknown())
                .anySatisfy(why -> assertThat(why).contains("work_mem"));
    }

    private static StatementSpace temporary(Did did) {
        return estimate(rungs(did, Runs.roomy(), rows -> 1e-6 * rows, BeyondCliffsTest::none), null)
                .space();
    }

    /** Heap and indexes, 122 bytes a row, stand beside the old ones until the commit, whatever samples saw of it. */
    @Test
    void whatIsRewrittenTakesItsSizeAgain() {
        Did rewrite = Did.of("alter table orders alter a type bigint", Map.of("orders", "ACCESS EXCLUSIVE"))
                .rewriting("orders")
                .scanning("orders");
        Extrapolation files = temporary(rewrite).fileBytes();
        assertThat(files).isNotNull();
        assertThat(files.central()).isCloseTo(122.0 * TARGET, within(0.01 * 122 * TARGET));
    }

    @Test
    void roomOnTheDiskIsFilesAndTemporaryFilesAndAsMuchWalAsIsKept() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("max_wal_size", 200 * Runs.MIB);
        List<Rung> rungs = rungs(INDEX, settings, rows -> 1e-6 * rows, rows -> 20 * rows);
        Estimate estimate = Estimator.estimate(question(5_000_000), rungs, null);
        StatementSpace space = estimate.statements().get(0).space();
        double files = 22.0 * 5_000_000;
        double temporary = 20.0 * 5_000_000;
        assertThat(space.fileBytes()).isNotNull();
        assertThat(space.fileBytes().central()).isCloseTo(files, within(0.01 * files));
        assertThat(space.diskBytes()).isNotNull();
        // 20 bytes of WAL a row: 100 MB, less than the 200 MB that would be kept.
        assertThat(space.diskBytes().central())
                .isCloseTo(files + temporary + 100e6, within(0.01 * (files + temporary + 100e6)));
        assertThat(estimate.space().diskBytes()).isEqualTo(space.diskBytes());
        StatementSpace.Bytes grown = StatementSpace.Bytes.of(space.fileBytes());
        assertThat(estimate.space().fileBytes()).isEqualTo(grown);
        assertThat(Space.disk(grown, new StatementSpace.Bytes(0, 0), new StatementSpace.Bytes(500e6, 600e6), 100e6)
                        .central())
                .isEqualTo(grown.central() + 100e6);
    }
}
