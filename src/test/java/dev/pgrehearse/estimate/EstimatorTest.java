package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SizeFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EstimatorTest {
    private static final Did INDEX = Did.of("create index i on orders (customer_id)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did VALIDATE = Did.of(
                    "alter table orders validate constraint c", Map.of("orders", "SHARE UPDATE EXCLUSIVE"))
            .scanning("orders");
    private static final Did FOREIGN_KEY = Did.of(
                    "alter table orders add foreign key (customer_id) references customers",
                    Map.of("orders", "SHARE ROW EXCLUSIVE", "customers", "SHARE ROW EXCLUSIVE"))
            .scanning("orders", "customers");

    private static List<Rung> rungs(Did did, Map<String, Double> settings, long top, DoubleUnaryOperator seconds) {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = top / 32; rows <= top; rows *= 2) {
            rungs.add(new Rung(
                    Map.of("orders", rows, "customers", rows / 10),
                    List.of(new Rung.Run(
                            Runs.recording(did, rows, seconds.applyAsDouble((double) rows)),
                            Runs.facts(settings, did, rows)))));
        }
        return rungs;
    }

    private static Estimate estimate(List<Rung> rungs, long target, @Nullable Duration window) {
        return Estimator.estimate(
                new Estimator.Question(
                        "shop",
                        "as-written",
                        Map.of("orders", target, "customers", target / 10),
                        Set.of("orders"),
                        window),
                rungs,
                null);
    }

    private static Estimate estimate(Did did, Map<String, Double> settings, DoubleUnaryOperator seconds) {
        return estimate(rungs(did, settings, 1_024_000, seconds), 10_240_000, null);
    }

    @ParameterizedTest
    @CsvSource({
        "alter table orders add column note text, orders=ACCESS EXCLUSIVE, '', '', '', true, CATALOGUE",
        "create index i on orders (a), orders=SHARE, '', orders, i, true, INDEX_BUILD",
        "alter table orders add unique (a), orders=ACCESS EXCLUSIVE, '', orders, i, true, INDEX_BUILD",
        "alter table orders alter a set not null, orders=ACCESS EXCLUSIVE, '', orders, i, true, SCAN",
        "create index concurrently i on orders (a), orders=SHARE UPDATE EXCLUSIVE, '', '', i, false, CONCURRENT_BUILD",
        "alter table orders alter a type bigint, orders=ACCESS EXCLUSIVE, orders, orders, '', true, REWRITE",
        "alter table orders validate constraint c, orders=SHARE UPDATE EXCLUSIVE, '', orders, '', true, SCAN",
        "alter table orders alter a set not null, orders=ACCESS EXCLUSIVE, '', orders, '', true, SCAN",
        "alter table orders add foreign key (a) references customers,"
                + " orders=SHARE ROW EXCLUSIVE;customers=SHARE ROW EXCLUSIVE, '', orders, '', true, FOREIGN_KEY_CHECK",
        "alter table orders add foreign key (a) references customers not valid,"
                + " orders=SHARE ROW EXCLUSIVE;customers=SHARE ROW EXCLUSIVE, '', '', '', true, CATALOGUE",
        "alter table orders validate constraint f,"
                + " orders=SHARE UPDATE EXCLUSIVE;customers=ROW SHARE, '', orders, '', true, FOREIGN_KEY_CHECK",
        "alter table orders validate constraint f,"
                + " orders=SHARE UPDATE EXCLUSIVE;customers=ROW SHARE, '', customers, '', true, FOREIGN_KEY_CHECK",
        "alter table orders validate constraint f,"
                + " orders=SHARE UPDATE EXCLUSIVE;customers=ROW SHARE, '', '', '', true, FOREIGN_KEY_CHECK",
        "'alter table orders add column b int, add foreign key (a) references customers',"
                + " orders=ACCESS EXCLUSIVE;customers=SHARE ROW EXCLUSIVE, '', orders;customers, '', true, FOREIGN_KEY_CHECK",
        "alter table orders add foreign key (above) references orders,"
                + " orders=SHARE ROW EXCLUSIVE, '', orders, '', true, FOREIGN_KEY_CHECK",
        "create table t (a int references customers)," + " customers=SHARE ROW EXCLUSIVE, '', '', '', true, CATALOGUE",
        "update orders set a = 1, orders=ROW EXCLUSIVE, '', orders, '', true, BULK_UPDATE",
        "do $$ begin perform 1; end $$, '', '', '', '', false, UNSEEN",
        "set lock_timeout = '2s', '', '', '', '', false, CATALOGUE",
        "begin;, '', '', '', '', false, CATALOGUE",
        "commit, '', '', '', '', false, CATALOGUE",
        "settle_accounts(), '', '', '', '', false, UNSEEN"
    })
    void anOperationIsKnownByWhatItDid(
            String sql,
            String locks,
            String rewrote,
            String scanned,
            String made,
            boolean wrapped,
            Operation expected) {
        Map<String, String> held = new java.util.LinkedHashMap<>();
        for (String lock : list(locks, ";")) {
            int equals = lock.indexOf('=');
            held.put(lock.substring(0, equals), lock.substring(equals + 1));
        }
        Did did = new Did(sql, wrapped, held, list(rewrote, ";"), list(scanned, ";"), list(made, ";"));
        var recording = Runs.recording(did, 1000, 1);
        assertThat(Recognition.of(Estimator.statements(recording).get(0), recording))
                .isEqualTo(expected);
    }

    /** Through its indexes PostgreSQL may read a table without a scan of it; a constraint that is valid already takes no time. */
    @Test
    void whoLocksAsAForeignKeyDoesAndTakesTimeHasCheckedOne() {
        Did validate = Did.of(
                "alter table orders validate constraint f",
                Map.of("orders", "SHARE UPDATE EXCLUSIVE", "customers", "ROW SHARE"));
        var slow = Runs.recording(validate, 1000, 0.051);
        assertThat(Recognition.of(Estimator.statements(slow).get(0), slow)).isEqualTo(Operation.FOREIGN_KEY_CHECK);
        var quick = Runs.recording(validate, 1000, 0.05);
        assertThat(Recognition.of(Estimator.statements(quick).get(0), quick)).isEqualTo(Operation.CATALOGUE);
    }

    /** A mode that its transaction holds already is not taken again, and not among its own locks. */
    @Test
    void theSecondStatementOfATransactionIsKnownByTheLocksOfTheFirst() throws Exception {
        Did first = Did.of("create index i on orders (a)", Map.of("orders", "SHARE"))
                .scanning("orders")
                .making("i");
        ObjectMapper json = RecordingJson.mapper();
        ObjectNode tree = json.valueToTree(Runs.recording(first, 1000, 1));
        ArrayNode statements = (ArrayNode) tree.at("/migration/statements");
        ((ObjectNode) statements.at("/0/locks/0")).put("waitedMs", 0).put("heldMs", 3000);
        ObjectNode second = statements.get(0).deepCopy();
        second.put("index", 2).put("startMs", 1500).put("endMs", 3000).putArray("locks");
        while (statements.size() > 1) {
            statements.remove(1);
        }
        statements.add(second);
        var held = RecordingJson.read(json.writeValueAsString(tree));
        assertThat(Recognition.of(Estimator.statements(held).get(1), held)).isEqualTo(Operation.INDEX_BUILD);
        ((ObjectNode) statements.at("/0/locks/0")).put("heldMs", 1000);
        var released = RecordingJson.read(json.writeValueAsString(tree));
        assertThat(Recognition.of(Estimator.statements(released).get(1), released))
                .isEqualTo(Operation.SCAN);
    }

    /** 122 bytes a row, twice, and a tenth of that for customers: 16 GiB of shared_buffers, and what of 64 GiB is left beside. */
    @Test
    void anUpdateOfAllRowsNeedsRoomForOldAndNewVersions() {
        Did update = Did.of("update orders set a = 1", Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        Map<String, Double> settings = Runs.roomy();
        settings.put("shared_buffers", 16 * 1024 * Runs.MIB);
        List<Cliff> cliffs = estimate(rungs(update, settings, 1_024_000, rows -> rows * 1e-6), 300_000_000, null)
                .statements()
                .get(0)
                .cliffs();
        assertLeftByAllAndByItself(cliffs, Cliff.Kind.SHARED_BUFFERS, 17_179_869_184.0);
        assertLeftByAllAndByItself(cliffs, Cliff.Kind.MEMORY, 51_539_607_552.0);
    }

    private static void assertLeftByAllAndByItself(List<Cliff> cliffs, Cliff.Kind kind, double bytes) {
        assertThat(cliffs)
                .filteredOn(cliff -> cliff.kind() == kind)
                .extracting(Cliff::rows)
                .satisfiesExactly(
                        everything -> assertThat(everything).isCloseTo(bytes / 256.2, within(1.0)),
                        itself -> assertThat(itself).isCloseTo(bytes / 244, within(1.0)));
    }

    /** As when a key is widened that a larger table refers to: that one is locked, and not written. */
    @Test
    void aRewriteGoesByTheTableThatItWritesAnew() {
        Did widened = Did.of(
                        "alter table customers alter id type bigint",
                        Map.of("orders", "SHARE ROW EXCLUSIVE", "customers", "ACCESS EXCLUSIVE"))
                .rewriting("customers");
        StatementEstimate rewrite = estimate(widened, Runs.roomy(), rows -> rows * 1e-6)
                .statements()
                .get(0);
        assertThat(rewrite.operation()).isEqualTo(Operation.REWRITE);
        assertThat(rewrite.table()).isEqualTo("customers");
        assertThat(rewrite.targetRows()).isEqualTo(1_024_000);
    }

    /** 1 µs a row in memory, and 3 with temporary files: of rungs that double three or two lie above 200 000 or 300 000 rows. */
    @Test
    void rungsBelowASpillSayNothingOfTheTarget() {
        StatementEstimate three = joined(200_000);
        assertThat(three.duration()).as("%s", three.unknown()).isNotNull();
        assertThat(three.duration().central()).isCloseTo(30.72, within(0.1));
        StatementEstimate two = joined(300_000);
        assertThat(two.known()).isFalse();
        assertThat(two.unknown())
                .singleElement()
                .asString()
                .contains("it writes temporary files, and 2\u00a0rungs are above");
    }

    private static StatementEstimate joined(double spillsFrom) {
        Did joined = Did.of(
                        "update orders set a = c.a from customers c where c.id = orders.customer_id",
                        Map.of("orders", "ROW EXCLUSIVE", "customers", "ACCESS SHARE"))
                .scanning("orders", "customers");
        List<Rung> rungs =
                rungs(joined, Runs.roomy(), 1_024_000, rows -> rows * (rows > spillsFrom ? 3e-6 : 1e-6)).stream()
                        .map(rung -> new Rung(
                                rung.rows(),
                                rung.runs().stream()
                                        .map(run -> new Rung.Run(
                                                Runs.taking(
                                                        run.recording(),
                                                        rung.rows().get("orders") > spillsFrom ? 1e7 : 0,
                                                        0),
                                                run.facts()))
                                        .toList()))
                        .toList();
        return estimate(rungs, 10_240_000, null).statements().get(0);
    }

    /** 8 bytes of a key in a hash: 48 with its headers, for each customer; with 1 MiB of memory at 21 845 of them. */
    @Test
    void aRewriteThatChecksForeignKeysAgainHashesTheirParents() {
        Did widened = Did.of(
                        "alter table customers alter id type bigint",
                        Map.of("orders", "SHARE ROW EXCLUSIVE", "customers", "ACCESS EXCLUSIVE"))
                .rewriting("customers");
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", Runs.MIB);
        assertThat(hashes(widened, settings)).isEmpty();
        assertThat(hashes(widened.scanning("orders"), settings))
                .singleElement()
                .satisfies(cliff -> assertThat(cliff.rows()).isCloseTo(1_048_576.0 / 48, within(1.0)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            alter table orders add column token uuid default gen_random_uuid(); false
            alter table orders alter column total type numeric(14, 2); false
            alter table orders alter column "parent_id" set data type bigint; true
            alter table orders alter Id type bigint, alter total type bigint; true
            alter table orders alter column größe type numeric(14, 2); false
            select widen_keys(); true
            """)
    void aKeyWithinATableIsCheckedAgainWhenItsColumnsGetAnotherType(String sql, boolean checked) {
        Did rewrite = Did.of(sql, Map.of("orders", "ACCESS EXCLUSIVE"))
                .rewriting("orders")
                .scanning("orders");
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", Runs.MIB);
        List<SizeFacts.Reference> tree =
                List.of(new SizeFacts.Reference("orders", "orders", 8, Set.of("parent_id"), Set.of("id")));
        List<Rung> rungs = rungs(rewrite, settings, 1_024_000, rows -> rows * 1e-6).stream()
                .map(rung -> new Rung(
                        rung.rows(),
                        rung.runs().stream()
                                .map(run -> new Rung.Run(run.recording(), referring(run.facts(), tree)))
                                .toList()))
                .toList();
        assertThat(hashes(rungs)).hasSize(checked ? 1 : 0);
    }

    private static SizeFacts referring(SizeFacts facts, List<SizeFacts.Reference> references) {
        return new SizeFacts(facts.settings(), facts.least(), facts.indexes(), references, facts.groups());
    }

    private static List<Cliff> hashes(Did did, Map<String, Double> settings) {
        return hashes(rungs(did, settings, 1_024_000, rows -> rows * 1e-6));
    }

    private static List<Cliff> hashes(List<Rung> rungs) {
        return estimate(rungs, 10_240_000, null).statements().get(0).cliffs().stream()
                .filter(cliff -> cliff.kind() == Cliff.Kind.HASH)
                .toList();
    }

    /** 5 s and 1 s for each million rows: at 1 million the constant is 13 % short, which is less than machines scatter. */
    @Test
    void whatNobodySawAndGrowsIsNotTakenForAConstant() {
        Did unseen = Did.of("do $$ begin perform 1; end $$", Map.of()).unwrapped();
        StatementEstimate growing = estimate(unseen, Runs.roomy(), rows -> 5 + rows / 1e6)
                .statements()
                .get(0);
        assertThat(growing.duration()).isNull();
        assertThat(growing.unknown()).singleElement().asString().contains("its duration grows");
        StatementEstimate constant =
                estimate(unseen, Runs.roomy(), rows -> 5).statements().get(0);
        assertThat(constant.duration()).isNotNull();
        assertThat(constant.duration().central()).isCloseTo(5, within(1e-6));
    }

    @Test
    void whatIsReadOfATableThatTheMigrationMadeIsUnknownWhereItGrows() {
        Did copied = Did.of(
                        "alter table orders_new validate constraint c", Map.of("orders_new", "SHARE UPDATE EXCLUSIVE"))
                .scanning("orders_new");
        StatementEstimate growing =
                estimate(copied, Runs.roomy(), rows -> rows * 1e-6).statements().get(0);
        assertThat(growing.duration()).isNull();
        assertThat(growing.unknown()).singleElement().asString().contains("was not there before the migration");
        assertThat(estimate(copied, Runs.roomy(), rows -> 0.2)
                        .statements()
                        .get(0)
                        .duration())
                .isNotNull();
    }

    private static List<String> list(String text, String separator) {
        return text.isEmpty() ? List.of() : List.of(text.split(separator));
    }

    @Test
    void withoutACliffTheModelDecidesAndLockWaitsAreNoPartOfIt() {
        Estimate estimate = estimate(VALIDATE, Runs.roomy(), rows -> 0.03 + 60e-9 * rows);
        StatementEstimate validate = estimate.statements().get(0);
        assertThat(validate.duration()).isNotNull();
        assertThat(estimate.centralSeconds()).isCloseTo(0.6444, within(0.001));
        assertThat(validate.lockWaitSeconds()).isCloseTo(0.005, within(1e-9));
        assertThat(validate.cliffs()).isEmpty();
        assertThat(estimate.answer()).isEqualTo(Answer.FITS);
        assertThat(validate.walBytes()).isNotNull();
        assertThat(validate.walBytes().central()).isCloseTo(204_800_000, within(1e4));
    }

    /** As currencies do, which do not grow with the orders: what a statement takes there is the same at any size. */
    @Test
    void aTableThatKeepsItsRowsAtEveryRungHasNoCurveOfItsOwn() {
        Did small = Did.of("alter table customers validate constraint c", Map.of("customers", "SHARE UPDATE EXCLUSIVE"))
                .scanning("customers");
        List<Rung> rungs = rungs(small, Runs.roomy(), 1_024_000, rows -> 0.2).stream()
                .map(rung -> new Rung(
                        Map.of("orders", Objects.requireNonNull(rung.rows().get("orders")), "customers", 150L),
                        rung.runs()))
                .toList();
        Estimate estimate = Estimator.estimate(
                new Estimator.Question(
                        "shop", "as-written", Map.of("orders", 10_240_000L, "customers", 150L), Set.of("orders"), null),
                rungs,
                null);
        StatementEstimate validate = estimate.statements().get(0);
        assertThat(validate.table()).isNull();
        assertThat(validate.duration()).isNotNull();
        assertThat(validate.duration().central()).isCloseTo(0.2, within(1e-6));
    }

    /** 64 MB hold 67 108 864 / (16 + 24) = 1 677 721 entries: the target is beyond, and no rung is. */
    @Test
    void aTargetBeyondASortNobodyMeasuredIsUnknownAndTheSettingIsNamed() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", 64 * Runs.MIB);
        Estimate estimate = estimate(INDEX, settings, rows -> 1e-6 * rows);
        StatementEstimate build = estimate.statements().get(0);
        assertThat(build.cliffs()).singleElement().satisfies(cliff -> {
            assertThat(cliff.kind()).isEqualTo(Cliff.Kind.SORT);
            assertThat(cliff.rows()).isCloseTo(1_677_721, within(1.0));
            assertThat(cliff.neededBytes()).isEqualTo(10_240_000.0 * 40);
        });
        assertThat(build.duration()).isNull();
        assertThat(build.unknown()).singleElement().asString().contains("maintenance_work_mem of at least", "391");
        assertThat(estimate.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(estimate.centralSeconds()).isNull();
    }

    @Test
    void justEnoughMemoryIsNoCliff() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", 10_240_000.0 * 40);
        assertThat(estimate(INDEX, settings, rows -> 1e-6 * rows)
                        .statements()
                        .get(0)
                        .known())
                .isTrue();
        settings.put("maintenance_work_mem", 10_240_000.0 * 40 - 64);
        assertThat(estimate(INDEX, settings, rows -> 1e-6 * rows)
                        .statements()
                        .get(0)
                        .known())
                .isFalse();
    }

    /** The published jump of a foreign key: from 0.15 to 0.34 µs a row once the hash of the parent does not fit. */
    @Test
    void aForeignKeyWithTwoRungsBeyondItsHashIsMetAndWithoutThemUnknown() {
        // A tenth of the rows, each with 40 + 8 bytes: 4.8 bytes a row of orders.
        Map<String, Double> settings = Runs.roomy();
        settings.put("maintenance_work_mem", 400_000 * 4.8);
        DoubleUnaryOperator truth = rows -> 0.01 + rows * (rows > 400_000 ? 0.34e-6 : 0.15e-6);
        StatementEstimate check =
                estimate(FOREIGN_KEY, settings, truth).statements().get(0);
        assertThat(check.cliffs())
                .singleElement()
                .satisfies(cliff -> assertThat(cliff.rows()).isCloseTo(400_000, within(1.0)));
        assertThat(check.duration()).isNotNull();
        assertThat(check.duration().central() / truth.applyAsDouble(10_240_000)).isBetween(0.95, 1.05);
        settings.put("maintenance_work_mem", 600_000 * 4.8);
        StatementEstimate unknown =
                estimate(FOREIGN_KEY, settings, truth).statements().get(0);
        assertThat(unknown.known()).isFalse();
        assertThat(unknown.unknown()).singleElement().asString().contains("one rung alone", "the hash of customers");
    }

    /** Heaps of 8, 24 and 72 MB get one worker more each; the rungs below the last such threshold are another operation. */
    @Test
    void rungsWithFewerWorkersAreLeftOut() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("max_parallel_maintenance_workers", 2.0);
        double second = 24 * Runs.MIB / 100;
        DoubleUnaryOperator truth = rows -> rows * (rows > second ? 0.5e-6 : 1e-6);
        StatementEstimate build = estimate(rungs(INDEX, settings, 900_000, truth), 9_000_000, null)
                .statements()
                .get(0);
        assertThat(build.cliffs()).extracting(Cliff::kind).containsOnly(Cliff.Kind.PARALLEL);
        assertThat(build.known()).as("two rungs above 251 658 rows are too few").isFalse();
        Estimate larger = estimate(rungs(INDEX, settings, 2_048_000, truth), 10_240_000, null);
        // Half a microsecond a row, and of what is sorted 5 % more with each doubling beyond the top rung.
        assertThat(larger.centralSeconds()).isCloseTo(5.12 * (1 + 0.05 * Math.log(5) / Math.log(2)), within(0.05));
    }

    @Test
    void aWindowIsHeldAgainstTheUpperValueAndMissedByTheCentralOne() {
        List<Rung> rungs = rungs(VALIDATE, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        Estimate without = estimate(rungs, 10_240_000, null);
        double central = without.centralSeconds();
        double upper = without.upperSeconds();
        assertThat(central).isCloseTo(10.24, within(0.01));
        assertThat(answer(rungs, upper + 0.01)).isEqualTo(Answer.FITS);
        assertThat(answer(rungs, (central + upper) / 2)).isEqualTo(Answer.UNKNOWN);
        assertThat(answer(rungs, central - 0.01)).isEqualTo(Answer.DOES_NOT_FIT);
    }

    /** Ten seconds of work and five of pauses. */
    @Test
    void pausesAreInTheSumAndCountAgainstTheWindow() {
        List<Rung> rungs = rungs(VALIDATE, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        double upper = estimate(rungs, 10_240_000, null).upperSeconds();
        Duration window = Duration.ofMillis((long) (upper * 1e3) + 5_001);

        Estimate fits = withPauses(rungs, Duration.ofSeconds(5), window);
        assertThat(fits.centralSeconds()).isCloseTo(15.24, within(0.01));
        assertThat(fits.upperSeconds()).isCloseTo(upper + 5, within(1e-9));
        assertThat(fits.answer()).isEqualTo(Answer.FITS);
        assertThat(fits.reasons()).contains("Its pauses are 5.0\u00a0s of that.");
        assertThat(withPauses(rungs, Duration.ofMillis(5_002), window).answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(withPauses(rungs, window, window).answer()).isEqualTo(Answer.DOES_NOT_FIT);
        assertThat(estimate(rungs, 10_240_000, window).reasons()).noneMatch(reason -> reason.contains("pauses"));
    }

    private static Estimate withPauses(List<Rung> rungs, Duration pauses, Duration window) {
        return Estimator.estimate(
                new Estimator.Question(
                        "shop",
                        "as-written",
                        Map.of("orders", 10_240_000L, "customers", 1_024_000L),
                        Set.of("orders"),
                        window,
                        pauses,
                        PastErrors.NONE),
                rungs,
                null);
    }

    @Test
    void aShortLadderAndRungsThatWereRunOnceAreToldOf() {
        List<Rung> six = rungs(VALIDATE, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        assertThat(estimate(six, 10_240_000, null).reasons())
                .singleElement()
                .asString()
                .startsWith("Each rung was run once");
        List<Rung> four = six.subList(2, 6).stream().map(EstimatorTest::twice).toList();
        assertThat(estimate(four, 10_240_000, null).reasons())
                .singleElement()
                .asString()
                .startsWith("Only 4\u00a0rungs were measured");
        List<Rung> five = six.subList(1, 6).stream().map(EstimatorTest::twice).toList();
        assertThat(estimate(five, 10_240_000, null).reasons()).isEmpty();
    }

    private static Rung twice(Rung rung) {
        return new Rung(rung.rows(), List.of(rung.runs().get(0), rung.runs().get(0)));
    }

    @Test
    void checkpointsThatComeByTimeAloneAreToldWhereNoRungHadThem() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("checkpoint_timeout", 300.0);
        Did update = Did.of("update orders set a = 1", Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        List<String> longer = estimate(update, settings, rows -> rows * 31e-6)
                .statements()
                .get(0)
                .notes();
        assertThat(longer).anyMatch(note -> note.contains("checkpoint_timeout (5\u00a0min\u00a000\u00a0s)"));
        List<String> shorter = estimate(update, settings, rows -> rows * 2e-6)
                .statements()
                .get(0)
                .notes();
        assertThat(shorter).noneMatch(note -> note.contains("checkpoint_timeout"));
        List<String> rungsToo = estimate(update, settings, rows -> rows * 310e-6)
                .statements()
                .get(0)
                .notes();
        assertThat(rungsToo).noneMatch(note -> note.contains("checkpoint_timeout"));
    }

    private static Answer answer(List<Rung> rungs, double window) {
        return estimate(rungs, 10_240_000, Duration.ofMillis((long) (window * 1e3)))
                .answer();
    }

    @Test
    void beyondAHundredTimesTheTopRungNothingIsEstimated() {
        List<Rung> rungs = rungs(VALIDATE, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        assertThat(estimate(rungs, 102_400_000, null).answer()).isEqualTo(Answer.FITS);
        Estimate beyond = estimate(rungs, 103_000_000, null);
        assertThat(beyond.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(beyond.reasons()).anySatisfy(reason -> assertThat(reason).contains("beyond", "1\u00a0030\u00a0000"));
    }

    @Test
    void aTableThatNobodyTouchedIsTold() {
        List<Rung> rungs = rungs(VALIDATE, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        Map<String, Long> target = Map.of("orders", 2_048_000L, "customers", 204_800L);
        Estimate both = Estimator.estimate(
                new Estimator.Question("shop", "as-written", target, Set.of("orders", "customers"), null), rungs, null);
        assertThat(both.answer()).isEqualTo(Answer.FITS);
        assertThat(reasons(both)).singleElement().asString().contains("touched customers");
        Estimate other = Estimator.estimate(
                new Estimator.Question("shop", "as-written", target, Set.of("customers"), null), rungs, null);
        assertThat(other.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(other.centralSeconds()).isNull();
    }

    @Test
    void whatNobodySawIsUnknownWhenItGrows() {
        Did block = Did.of("do $$ begin perform work(); end $$", Map.of()).unwrapped();
        assertThat(estimate(block, Runs.roomy(), rows -> 1e-6 * rows).answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(estimate(block, Runs.roomy(), rows -> 0.2).answer()).isEqualTo(Answer.FITS);
    }

    @Test
    void tooFewRungsAndAnObstacleAreUnknown() {
        List<Rung> rungs = rungs(VALIDATE, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        assertThat(estimate(rungs.subList(0, 2), 64_000, null).answer()).isEqualTo(Answer.UNKNOWN);
        Estimate failed = Estimator.estimate(
                new Estimator.Question(
                        "shop",
                        "as-written",
                        Map.of("orders", 2_048_000L, "customers", 204_800L),
                        Set.of("orders"),
                        null),
                rungs,
                "The migration failed.");
        assertThat(failed.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(reasons(failed)).containsExactly("The migration failed.");
    }

    @Test
    void noiseIsToldAndWidensTheUpperValue() {
        List<Rung> calm = new ArrayList<>();
        List<Rung> noisy = new ArrayList<>();
        for (long rows = 32_000; rows <= 1_024_000; rows *= 2) {
            calm.add(repeated(rows, 1, 1));
            noisy.add(repeated(rows, 0.85, 1.15));
        }
        assertThat(calm.get(5).isNoisy()).isFalse();
        assertThat(noisy.get(5).isNoisy()).isTrue();
        Estimate quiet = estimate(calm, 10_240_000, null);
        Estimate loud = estimate(noisy, 10_240_000, null);
        assertThat(loud.statements().get(0).notes()).singleElement().asString().contains("noisy", "30.0\u00a0%");
        assertThat(loud.upperSeconds()).isGreaterThan(1.1 * quiet.upperSeconds());
        assertThat(loud.centralSeconds()).isCloseTo(quiet.centralSeconds(), within(0.01));
    }

    /** Seven rungs, the two smallest at half the cost of a row: five are kept, and go on as they are. */
    @Test
    void smallRungsOfAnotherCurveAreLeftOutAndThatIsTold() {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = 16_000; rows <= 1_024_000; rows *= 2) {
            double factor = rows < 64_000 ? 5 : 10;
            rungs.add(repeated(rows, 0.99 * factor, factor, 1.01 * factor));
        }
        StatementEstimate found = estimate(rungs, 10_240_000, null).statements().get(0);
        assertThat(found.duration()).isNotNull();
        assertThat(found.duration().central()).isCloseTo(102.4, within(1e-6));
        assertThat(found.notes()).singleElement().asString().startsWith("Rungs below 64\u00a0000 rows were left out");
        assertThat(found.rungs()).as("shown all the same").hasSize(7);
        assertThat(estimate(rungs, 1_024_000, null).statements().get(0).notes())
                .as("measured, and not extrapolated")
                .isEmpty();
        rungs.remove(6);
        rungs.remove(5);
        assertThat(estimate(rungs, 2_560_000, null).statements().get(0).notes())
                .as("five rungs are needed")
                .isEmpty();
    }

    /** Without the small rungs the one that is off would be off as much: they are not what is wrong. */
    @Test
    void rungsAreNotLeftOutForOneAboveThemThatIsOff() {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = 16_000; rows <= 1_024_000; rows *= 2) {
            double factor = rows == 512_000 ? 8 : 10;
            rungs.add(repeated(rows, 0.99 * factor, factor, 1.01 * factor));
        }
        assertThat(estimate(rungs, 10_240_000, null).statements().get(0).notes())
                .noneMatch(note -> note.contains("left out"));
    }

    /** By the lower rungs the top one takes 1.024 s; 1.5 times that a curve may miss, 2.6 times not. */
    @ParameterizedTest
    @CsvSource({"1.5, true", "2.6, false"})
    void aTopRungThatIsAboveTheUpperValueOfItsOwnCurveIsNotExplainedAwayByItsNoise(double times, boolean known) {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = 32_000; rows <= 512_000; rows *= 2) {
            rungs.add(repeated(rows, 1, 1));
        }
        rungs.add(repeated(1_024_000, 0.7 * times, times, 1.3 * times));
        StatementEstimate found = estimate(rungs, 1_024_000, null).statements().get(0);
        assertThat(found.known()).as("%s", found.duration()).isEqualTo(known);
        assertThat(found.unknown().toString().contains("do not agree with one another"))
                .isEqualTo(!known);
    }

    private static Rung repeated(long rows, double... factors) {
        return new Rung(
                Map.of("orders", rows, "customers", rows / 10),
                java.util.Arrays.stream(factors)
                        .mapToObj(factor -> new Rung.Run(
                                Runs.recording(VALIDATE, rows, factor * rows * 1e-6),
                                Runs.facts(Runs.roomy(), VALIDATE, rows)))
                        .toList());
    }

    @Test
    void howEarlierEstimatesFaredStandsBesideTheOperationAndWhatCouldNotBeReadIsTold() {
        ErrorsSeen seen = new ErrorsSeen(new ErrorsSeen.Group(4, 0, 0.03, -0.11, 0, 12), null);
        List<Rung> rungs = rungs(INDEX, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);
        Map<String, Long> target = Map.of("orders", 10_240_000L, "customers", 1_024_000L);
        PastErrors past = new PastErrors(
                Map.of(
                        Operation.INDEX_BUILD,
                        seen,
                        Operation.SCAN,
                        new ErrorsSeen(null, new ErrorsSeen.Group(1, 0, 0.5, 0.5, 0, 2))),
                List.of("Line 3 cannot be read."));
        Estimate estimate = Estimator.estimate(
                new Estimator.Question("shop", "as-written", target, Set.of("orders"), null, Duration.ZERO, past),
                rungs,
                null);
        assertThat(estimate.statements().get(0).errorsSeen()).isEqualTo(seen);
        assertThat(estimate.answer()).isEqualTo(Answer.FITS);
        assertThat(reasons(estimate)).containsExactly("Line 3 cannot be read.");
        Estimate without = estimate(rungs, 10_240_000, null);
        assertThat(without.statements().get(0).errorsSeen()).isNull();
        assertThat(without.centralSeconds()).isEqualTo(estimate.centralSeconds());
    }

    @Test
    void whatMakesDurationsDoubtfulIsToldAsOfTheLargestRungThatHasIt() {
        List<Rung> rungs = rungs(INDEX, Runs.roomy(), 1_024_000, rows -> 1e-6 * rows);

        assertThat(doubted(rungs, rows -> rows > 100_000 ? "memory-first-use" : "caches"))
                .containsExactly("caches of 64000", "memory-first-use of 1024000");
        assertThat(doubted(rungs, rows -> "server-silent")).containsExactly("server-silent of 1024000");
        // It costs the exactness of waits, and no duration.
        assertThat(doubted(rungs, rows -> "no-server-log")).isEmpty();
    }

    /** But that rungs were run once, as all of these were. */
    private static List<String> reasons(Estimate estimate) {
        return estimate.reasons().stream()
                .filter(reason -> !reason.startsWith("Each rung was run once"))
                .toList();
    }

    private static List<String> doubted(List<Rung> rungs, LongFunction<String> doubt) {
        List<Rung> doubted = rungs.stream()
                .map(rung -> new Rung(
                        rung.rows(),
                        rung.runs().stream()
                                .map(run -> doubted(run, rung.rows().get("orders"), doubt))
                                .toList()))
                .toList();
        return reasons(estimate(doubted, 10_240_000, null));
    }

    private static Rung.Run doubted(Rung.Run run, long rows, LongFunction<String> doubt) {
        String id = doubt.apply(rows);
        return new Rung.Run(Runs.doubting(run.recording(), id, id + " of " + rows), run.facts());
    }
}
