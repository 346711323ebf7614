package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.recording.SizeFacts.IndexWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeysAloneTest {
    private static final long TOP = 1_000_000;
    private static final long TARGET = 10_000_000;

    private static final Did INDEX = Did.of("create index i on orders (status, reference)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did REWRITE = Did.of(
                    "alter table orders alter a type bigint", Map.of("orders", "ACCESS EXCLUSIVE"))
            .rewriting("orders")
            .scanning("orders");

    /** 2 µs a row up to the top rung, of which 1.5 µs are the keys alone, and 4.5 µs are at the target. */
    private static final KeysAlone.Builds BUILDS = new KeysAlone.Builds(
            1, Measurement.of(TOP, 1.5, 1.5, 1.5), Measurement.of(TOP, 2, 2, 2), Measurement.of(TARGET, 45, 44, 46));

    private static SizeFacts facts(Did did, Map<String, Double> settings, long rows, List<IndexWidth> indexes) {
        SizeFacts facts = Runs.facts(settings, did, rows);
        return new SizeFacts(facts.settings(), facts.least(), indexes, facts.references(), facts.groups());
    }

    private static IndexWidth index(String name, boolean partition, String definition) {
        return new IndexWidth(name, "orders", "btree", 8, 1 << 20, partition, 1000, Set.of("status"), definition);
    }

    private static List<Rung> rungs(Did did, Map<String, Double> settings, List<IndexWidth> indexes) {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = TOP / 32; rows <= TOP; rows *= 2) {
            rungs.add(rung(did, settings, rows, 2e-6 * rows, indexes));
        }
        return rungs;
    }

    private static Rung rung(
            Did did, Map<String, Double> settings, long rows, double seconds, List<IndexWidth> indexes) {
        return new Rung(
                Map.of("orders", rows, "customers", rows / 10),
                List.of(new Rung.Run(Runs.recording(did, rows, seconds), facts(did, settings, rows, indexes))));
    }

    private static Estimator.Question question(long target) {
        return new Estimator.Question(
                "shop", "as-written", Map.of("orders", target, "customers", target / 10), Set.of("orders"), null);
    }

    private static StatementEstimate estimate(KeysAlone keys, long target) {
        List<Rung> rungs = rungs(INDEX, Runs.roomy(), List.of(index("i", false, "CREATE INDEX ON orders (a)")));
        return Estimator.estimate(question(target), rungs, null, keys, null, null)
                .statements()
                .get(0);
    }

    @Test
    void theSortIsTheTargetsOwnAndTheRestIsInProportion() {
        StatementEstimate estimate = estimate(new KeysAlone(Map.of(1, BUILDS), Map.of()), TARGET);
        assertThat(estimate.duration()).isNotNull();
        // 0.5 s beside the build at the top, ten times that at the target, and its 45 s there.
        assertThat(estimate.duration().central()).isCloseTo(50, within(1e-6));
        assertThat(estimate.duration().curve().at(TARGET)).isCloseTo(50, within(1e-6));
        assertThat(estimate.duration().curve().at(TOP))
                .as("the rungs as they were")
                .isCloseTo(2, within(1e-6));
        // 15 % of 45 s and its noise; 1 % of 2 s ten times over, or what all is uncertain by; t of 2 degrees is 1.886;
        // and 5 % of lean a doubling.
        Extrapolation plain = estimate(KeysAlone.NONE, TARGET).duration();
        assertThat(plain).isNotNull();
        double lean = 0.05 * Math.log(10) / Math.log(2);
        double builds = Math.hypot(0.15 * 45, 1.8856 * Math.hypot(0.03 * 45, 0.004));
        // Without what a sort is taken to cost where it was not measured: those lie 1.28 times 22 % apart.
        double besidesApart =
                Math.sqrt(Math.pow(plain.upper() / plain.central() - 1 - lean, 2) - Math.pow(1.28 * 0.22, 2));
        double besides = Math.max(5 * besidesApart, 1.8856 * 10 * 0.02);
        assertThat(estimate.duration().upper()).isCloseTo(50 * (1 + lean) + Math.hypot(builds, besides), within(0.05));
        assertThat(estimate.keys()).isEqualTo(BUILDS);
        assertThat(estimate.notes())
                .anySatisfy(
                        note -> assertThat(note)
                                .contains(
                                        "over its columns alone took 1.5\u00a0s at 1\u00a0000\u00a0000 rows and 45.0\u00a0s at"));
    }

    /** The machine was slow in one minute: both runs of that pair have it, and their difference is what it was. */
    @Test
    void whatItTakesBesidesIsTheDifferenceOfRunsThatWereOneAfterTheOther() {
        KeysAlone.Builds slow = new KeysAlone.Builds(
                1,
                Measurement.of(TOP, 1.5, 2.9, 1.6),
                Measurement.of(TOP, 2, 3.3, 2.2),
                Measurement.of(TARGET, 45, 44, 46));
        assertThat(estimate(new KeysAlone(Map.of(1, slow), Map.of()), TARGET)
                        .duration()
                        .central())
                .isCloseTo(5 + 45, within(1e-6));
        KeysAlone.Builds less = new KeysAlone.Builds(
                1, Measurement.of(TOP, 2.1, 2.1), Measurement.of(TOP, 2, 2), Measurement.of(TARGET, 45, 44, 46));
        assertThat(estimate(new KeysAlone(Map.of(1, less), Map.of()), TARGET)
                        .duration()
                        .central())
                .as("nothing takes less than no time")
                .isCloseTo(45, within(1e-6));
    }

    @Test
    void theyAreReadAtOtherSizesAlongThePowerBetweenTheTwo() {
        assertThat(BUILDS.at(TOP)).isCloseTo(1.5, within(1e-9));
        assertThat(BUILDS.at(TARGET)).isCloseTo(45, within(1e-9));
        // Halfway between the two by ratio: sqrt(1.5 * 45).
        assertThat(BUILDS.at(Math.sqrt((double) TOP * TARGET))).isCloseTo(Math.sqrt(67.5), within(1e-9));
    }

    /** The break-even asks for other sizes: at the target it has to hear what the estimate says, elsewhere what lies between. */
    @Test
    void otherSizesAreSaidWithThemToo() {
        List<Rung> rungs = rungs(INDEX, Runs.roomy(), List.of(I));
        KeysAlone keys = new KeysAlone(Map.of(1, BUILDS), Map.of());
        Estimate estimate = Estimator.estimate(question(TARGET), rungs, null, keys, null, null);
        Durations durations = new Durations(question(TARGET), rungs, keys, estimate);
        assertThat(durations.at(1, 1, 1))
                .hasValueSatisfying(span -> assertThat(span.central()).isCloseTo(50, within(1e-6)));
        // Four times the top rung: 0.5 s beside the builds at the top, and 1.5 s by the power that leads to 45 s.
        double power = Math.log(30) / Math.log(10);
        assertThat(durations.at(0.4, 1, 1))
                .hasValueSatisfying(span ->
                        assertThat(span.central()).isCloseTo(4 * 0.5 + 1.5 * Math.pow(4, power), within(1e-6)));
    }

    @Test
    void withoutThemTheReasonIsSaidAndWhatIsTakenInstead() {
        StatementEstimate estimate = estimate(
                new KeysAlone(Map.of(), Map.of(1, "Its indexes were not built over their columns alone: no time.")),
                TARGET);
        double doublings = Math.log(10) / Math.log(2);
        assertThat(estimate.duration()).isNotNull();
        assertThat(estimate.duration().central()).isCloseTo(20 * (1 + 0.05 * doublings), within(1e-6));
        assertThat(estimate.keys()).isNull();
        assertThat(estimate.notes())
                .anySatisfy(note -> assertThat(note).contains("no time. What is sorted in memory was taken to cost 5"));
    }

    @Test
    void beyondTheTargetTheyGrowAsSortsDoElsewhere() {
        assertThat(BUILDS.at(4.0 * TARGET)).isCloseTo(4 * 45 * (1 + 2 * 0.05), within(1e-9));
    }

    @Test
    void aBuildThatTakesLongerThanItsStatementIsNotWhatThatDoes() {
        KeysAlone.Builds longer = new KeysAlone.Builds(
                1, Measurement.of(TOP, 2.5, 2.5, 2.5), Measurement.of(TOP, 2, 2, 2), Measurement.of(TARGET, 45));
        StatementEstimate estimate = estimate(new KeysAlone(Map.of(1, longer), Map.of()), TARGET);
        assertThat(estimate.keys()).isNull();
        assertThat(estimate.notes())
                .anySatisfy(note -> assertThat(note).contains("than the whole statement at the top rung"));
        KeysAlone.Builds noLonger = new KeysAlone.Builds(
                1, Measurement.of(TOP, 2.2, 2.2, 2.2), Measurement.of(TOP, 2, 2, 2), Measurement.of(TARGET, 45));
        assertThat(estimate(new KeysAlone(Map.of(1, noLonger), Map.of()), TARGET)
                        .keys())
                .isEqualTo(noLonger);
    }

    private static KeysChoice choice(Did did, long target, IndexWidth... indexes) {
        return KeysChoice.of(question(target), rungs(did, Runs.roomy(), List.of(indexes)), null);
    }

    private static final IndexWidth I = index("i", false, "CREATE INDEX ON orders (status)");
    private static final IndexWidth KEY = index("orders_pkey", false, "CREATE UNIQUE INDEX ON orders (id)");

    @Test
    void nothingIsBuiltAloneForATargetThatWasMeasured() {
        assertThat(choice(INDEX, TOP, I)).isEqualTo(new KeysChoice(List.of(), Map.of()));
        assertThat(choice(INDEX, TARGET, I).wanted()).hasSize(1);
        assertThat(KeysChoice.of(question(TARGET), List.of(), null).wanted()).isEmpty();
    }

    /** The top rung took twice what the others say: alone their interval says nothing, but most of the statement can be measured. */
    @Test
    void aStatementWhoseRungsDoNotAgreeIsMeasuredOverItsColumnsFirst() {
        List<Rung> rungs = new ArrayList<>(rungs(INDEX, Runs.roomy(), List.of(I)));
        rungs.remove(rungs.size() - 1);
        rungs.add(rung(INDEX, Runs.roomy(), TOP, 4, List.of(I)));
        StatementEstimate alone =
                Estimator.estimate(question(TARGET), rungs, null).statements().get(0);
        assertThat(alone.unknown()).singleElement().asString().contains("do not agree with one another");
        assertThat(KeysChoice.of(question(TARGET), rungs, null).wanted()).hasSize(1);
        KeysAlone.Builds most = new KeysAlone.Builds(
                1,
                Measurement.of(TOP, 3.8, 3.8, 3.8),
                Measurement.of(TOP, 4, 4, 4),
                Measurement.of(TARGET, 45, 44, 46));
        StatementEstimate known = Estimator.estimate(
                        question(TARGET), rungs, null, new KeysAlone(Map.of(1, most), Map.of()), null, null)
                .statements()
                .get(0);
        assertThat(known.duration()).isNotNull();
        assertThat(known.duration().central()).isCloseTo(10 * 0.2 + 45, within(1e-6));
        KeysAlone.Builds least = new KeysAlone.Builds(
                1, Measurement.of(TOP, 0.5, 0.5, 0.5), Measurement.of(TOP, 4, 4, 4), Measurement.of(TARGET, 5, 5, 5));
        assertThat(Estimator.estimate(
                                question(TARGET), rungs, null, new KeysAlone(Map.of(1, least), Map.of()), null, null)
                        .statements()
                        .get(0)
                        .unknown())
                .as("what is left is the most of it")
                .isNotEmpty();
    }

    /** The first takes longer, but its top rung took twice what the others say; of the second all is known but its sort. */
    @Test
    void aStatementThatMayStayUnknownIsMeasuredLast() throws Exception {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = TOP / 32; rows <= TOP; rows *= 2) {
            double factor = rows == TOP ? 4e-6 : 2e-6;
            Recording both = withASecond(Runs.recording(INDEX, rows, factor * rows), 1e-6 * rows);
            rungs.add(new Rung(
                    Map.of("orders", rows, "customers", rows / 10),
                    List.of(new Rung.Run(both, facts(INDEX, Runs.roomy(), rows, List.of(I))))));
        }
        assertThat(KeysChoice.of(question(TARGET), rungs, null).wanted())
                .extracting(KeysWanted::statement)
                .containsExactly(2, 1);
    }

    private static Recording withASecond(Recording recording, double seconds) throws Exception {
        ObjectMapper json = RecordingJson.mapper();
        ObjectNode tree = json.valueToTree(recording);
        ArrayNode statements = (ArrayNode) tree.at("/migration/statements");
        while (statements.size() > 1) {
            statements.remove(1);
        }
        ObjectNode second = statements.get(0).deepCopy();
        double start = second.get("endMs").asDouble();
        statements.add(second.put("index", 2).put("startMs", start).put("endMs", start + 1e3 * seconds));
        return RecordingJson.read(json.writeValueAsString(tree));
    }

    /** 2 s at the top rung. Beside its builds as long, or longer each time: then one minute counts as much as the other. */
    @Test
    void theWholeStatementBesideItsBuildsCountsAsRunsOfTheTopRung() {
        StatementEstimate alone = estimate(KeysAlone.NONE, TARGET);
        StatementEstimate alike = estimate(whole(1.9, 2.1, 2.3), TARGET);
        StatementEstimate apart = estimate(whole(3, 3, 3), TARGET);
        // The median of all four, and that of both minutes, held against the 2 s of the curve below.
        assertThat(heldOutError(alone)).isCloseTo(0, within(1e-6));
        assertThat(heldOutError(alike)).isCloseTo(2 / 2.05 - 1, within(1e-6));
        assertThat(heldOutError(apart)).isCloseTo(2 / 2.5 - 1, within(1e-6));
        assertThat(alike.notes()).noneMatch(note -> note.contains("not the same"));
        assertThat(apart.notes())
                .anyMatch(note -> note.contains("took 3.0\u00a0s at 1\u00a0000\u00a0000 rows, each time longer than"));
        assertThat(apart.rungs()).isEqualTo(alone.rungs());
    }

    private static KeysAlone whole(double... seconds) {
        KeysAlone.Builds builds = new KeysAlone.Builds(
                1,
                Measurement.of(TOP, 0.01, 0.01, 0.01),
                Measurement.of(TOP, seconds),
                Measurement.of(TARGET, 0.1, 0.1, 0.1));
        return new KeysAlone(Map.of(1, builds), Map.of());
    }

    private static double heldOutError(StatementEstimate estimate) {
        return Objects.requireNonNull(estimate.duration()).heldOutError();
    }

    /** Of a rewrite no term bends its curve up to such a rung, so that it is above its own upper value. */
    @Test
    void aTopRungThatItsCurveDoesNotReachIsMeasuredOverItsColumnsToo() {
        List<Rung> rungs = new ArrayList<>(rungs(REWRITE, Runs.roomy(), List.of(KEY)));
        rungs.remove(rungs.size() - 1);
        rungs.add(rung(REWRITE, Runs.roomy(), TOP, 4, List.of(KEY)));
        assertThat(KeysChoice.of(question(TARGET), rungs, null).wanted()).hasSize(1);
    }

    @Test
    void aBuildWantsWhatItMadeAndARewriteWhatWasThere() {
        assertThat(choice(INDEX, TARGET, KEY, I).wanted()).singleElement().satisfies(wanted -> {
            assertThat(wanted.works()).containsExactly(KeysWanted.Work.build(I));
            assertThat(wanted.indexes()).isEqualTo(1);
            assertThat(wanted.columns()).containsExactly("status");
            assertThat(wanted.references()).hasSize(1);
        });
        assertThat(choice(REWRITE, TARGET, KEY, I).wanted())
                .singleElement()
                .satisfies(wanted -> assertThat(wanted.works())
                        .containsExactly(KeysWanted.Work.build(KEY), KeysWanted.Work.build(I)));
    }

    @Test
    void whatIsBuiltConcurrentlyIsBuiltSoAlone() {
        Did concurrently = Did.of(
                        "create index concurrently i on orders (status)", Map.of("orders", "SHARE UPDATE EXCLUSIVE"))
                .making("i")
                .unwrapped();
        assertThat(choice(concurrently, TARGET, KEY, I).wanted())
                .singleElement()
                .satisfies(wanted -> assertThat(wanted.works())
                        .containsExactly(new KeysWanted.Work(
                                "CREATE INDEX CONCURRENTLY ON orders (status)", Set.of("status"), true)));
    }

    /** The words of the statement tell which of several it is; a longer name that begins alike is another's. */
    @Test
    void ofSeveralIndexesTheNamedOneIsMeant() {
        Did named = Did.of("create index orders_a on sales.orders (a)", Map.of("orders", "SHARE"))
                .scanning("orders");
        Did both = new Did(
                named.sql(),
                true,
                named.locks(),
                List.of(),
                List.of("orders"),
                List.of("sales.orders_a", "orders_a_b"));
        IndexWidth shorter = index("sales.orders_a", false, "CREATE INDEX ON orders (a)");
        IndexWidth longer = index("orders_a_b", false, "CREATE INDEX ON orders (a, b)");
        assertThat(choice(both, TARGET, longer, shorter).wanted())
                .singleElement()
                .satisfies(wanted -> assertThat(wanted.works()).containsExactly(KeysWanted.Work.build(shorter)));
        Did unnamed =
                new Did("create index on orders (a)", true, named.locks(), List.of(), List.of("orders"), both.made());
        assertThat(choice(unnamed, TARGET, longer, shorter).not().get(1)).contains("nobody can tell which");
    }

    @Test
    void whatCannotBeBuiltAloneIsNotWantedAndTheReasonIsTold() {
        assertThat(choice(INDEX, TARGET, index("i", true, "CREATE INDEX ON orders (status)"))
                        .not()
                        .get(1))
                .contains("partitions");
        assertThat(choice(INDEX, TARGET, index("i", false, "")).not().get(1)).contains("nobody read");
        Did retyped = Did.of(
                        "alter table orders alter column \"status\" set data type varchar",
                        Map.of("orders", "ACCESS EXCLUSIVE"))
                .rewriting("orders")
                .scanning("orders");
        assertThat(choice(retyped, TARGET, KEY, I).not().get(1)).contains("changes the type of status");
        assertThat(choice(REWRITE.making("i"), TARGET, KEY, I).not().get(1)).contains("other indexes");
    }

    private static final Did FOREIGN_KEY = Did.of(
                    "alter table orders add foreign key (customer_id) references customers",
                    Map.of("orders", "SHARE ROW EXCLUSIVE", "customers", "SHARE ROW EXCLUSIVE"))
            .scanning("orders", "customers");

    private static final IndexWidth PARENTS_KEY = new IndexWidth(
            "customers_pkey",
            "customers",
            "btree",
            8,
            1 << 20,
            false,
            1000,
            Set.of("id"),
            "CREATE UNIQUE INDEX ON customers (id)");

    @Test
    void aForeignKeyWantsItsColumnsAndItself() {
        assertThat(choice(FOREIGN_KEY, TARGET, PARENTS_KEY).wanted())
                .singleElement()
                .satisfies(wanted -> {
                    assertThat(wanted.table()).isEqualTo("orders");
                    assertThat(wanted.works())
                            .containsExactly(new KeysWanted.Work(
                                    "ALTER TABLE \"orders\" ADD FOREIGN KEY (\"customer_id\") REFERENCES \"customers\" (\"id\")",
                                    Set.of("customer_id"),
                                    false));
                    assertThat(wanted.indexes()).isZero();
                });
        assertThat(KeysChoice.sorts(
                        rungs(FOREIGN_KEY, Runs.roomy(), List.of(PARENTS_KEY)).get(0)))
                .isTrue();
    }

    @Test
    void aForeignKeyThatIsCheckedOtherwiseIsNotWanted() {
        assertThat(choice(FOREIGN_KEY, TARGET, KEY).not().get(1))
                .as("the parent's own key is not there: it has partitions")
                .contains("partitions");
        Did two = Did.of(
                        "alter table orders add foreign key (customer_id) references customers, add column n int",
                        FOREIGN_KEY.locks())
                .scanning("orders", "customers");
        assertThat(choice(two, TARGET, PARENTS_KEY).not().get(1))
                .contains("by its words it does not add one foreign key");
    }

    @Test
    void aCheckIsTheTargetsOwnAsASortIs() {
        KeysAlone.Builds check = new KeysAlone.Builds(
                0,
                Measurement.of(TOP, 1.5, 1.5, 1.5),
                Measurement.of(TOP, 2, 2, 2),
                Measurement.of(TARGET, 45, 44, 46));
        StatementEstimate estimate = Estimator.estimate(
                        question(TARGET),
                        rungs(FOREIGN_KEY, Runs.roomy(), List.of()),
                        null,
                        new KeysAlone(Map.of(1, check), Map.of()),
                        null,
                        null)
                .statements()
                .get(0);
        assertThat(estimate.operation()).isEqualTo(Operation.FOREIGN_KEY_CHECK);
        assertThat(estimate.duration()).isNotNull();
        assertThat(estimate.duration().central()).isCloseTo(50, within(1e-6));
        assertThat(estimate.notes())
                .anySatisfy(
                        note -> assertThat(note).startsWith("The same check over the columns of both keys alone took"))
                .noneSatisfy(note -> assertThat(note).contains("was taken to cost"));
    }

    @Test
    void aScanSortsNothing() {
        Did scan = Did.of("alter table orders validate constraint c", Map.of("orders", "SHARE UPDATE EXCLUSIVE"))
                .scanning("orders");
        assertThat(choice(scan, TARGET, I)).isEqualTo(new KeysChoice(List.of(), Map.of()));
        assertThat(KeysChoice.sorts(rungs(scan, Runs.roomy(), List.of(I)).get(0)))
                .isFalse();
        assertThat(KeysChoice.sorts(rungs(INDEX, Runs.roomy(), List.of(I)).get(0)))
                .isTrue();
        assertThat(KeysChoice.sorts(rungs(INDEX, Runs.roomy(), List.of()).get(0)))
                .isFalse();
    }

    @Test
    void workersAreThoseOfTheWholeTable() {
        Map<String, Double> settings = Runs.roomy();
        settings.put("max_parallel_maintenance_workers", 4.0);
        // 100 bytes a row: 100 MB at the top, beyond 72 MB; 1 GB at the target, beyond 648 MB.
        assertThat(KeysChoice.of(question(TARGET), rungs(INDEX, settings, List.of(I)), null)
                        .wanted())
                .allSatisfy(wanted -> {
                    assertThat(wanted.workersAtTop()).isEqualTo(3);
                    assertThat(wanted.workers()).isEqualTo(4);
                });
    }
}
