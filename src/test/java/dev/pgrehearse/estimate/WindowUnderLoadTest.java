package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.verdict.Ruling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Quiet rungs to 1 024 000 orders, 1 µs a row; the top one under load as a test says. */
class WindowUnderLoadTest {
    private static final long TOP = 1_024_000;
    private static final double QUIET = 1.024;
    private static final Did INDEX = Did.of("create index i on orders using brin (a)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");

    private final double upper = quiet(null).upperSeconds();

    @Test
    void asMuchSlowerAsAtTheRungItFitsOrNobodyKnows() {
        Recording halfAsFast = Loads.recording(INDEX, TOP, 2 * QUIET, "create_order");

        Estimate fits = considered(2 * upper + 0.01, halfAsFast);
        assertThat(fits.answer()).isEqualTo(Answer.FITS);
        assertThat(fits.reasons().get(1))
                .startsWith(
                        "Under the scenario's load it took 2.0\u00a0s at the largest rung, of 1.0\u00a0s without load: at most")
                .endsWith("which fits, too.");
        Estimate unknown = considered(2 * upper - 0.01, halfAsFast);
        assertThat(unknown.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unknown.reasons().get(0)).as("how it stands without").contains("It takes at most");
        assertThat(unknown.reasons().get(1)).contains("which does not fit. A rehearsal");
    }

    @Test
    void whatGoesByBetweenStatementsDoesNotGrowWithTheTable() {
        Recording waited = Loads.edited(
                Loads.recording(INDEX, TOP, QUIET),
                tree -> ((ObjectNode) tree.get("migration")).put("durationMs", (QUIET + 3) * 1e3));

        assertThat(considered(upper + 3.01, waited).answer()).isEqualTo(Answer.FITS);
        Estimate unknown = considered(upper + 2.99, waited);
        assertThat(unknown.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unknown.reasons().get(1)).contains("and 3.0\u00a0s besides (waits for locks");
    }

    @Test
    void fasterUnderLoadIsNoise() {
        Recording faster = Loads.recording(INDEX, TOP, QUIET / 2);

        assertThat(considered(upper + 0.01, faster).answer()).isEqualTo(Answer.FITS);
        assertThat(considered(upper + 0.01, faster).reasons().get(1)).contains("which fits, too");
    }

    @Test
    void whatDidNotGoThroughFitsNoWindow() {
        Recording failed = Loads.edited(
                Loads.recording(INDEX, TOP, QUIET),
                tree -> ((ObjectNode) tree.get("migration")).put("outcome", "failed"));

        Estimate unknown = considered(10 * upper, failed);
        assertThat(unknown.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unknown.reasons().get(1)).contains("did not go through");
    }

    /** An index build that was rolled back with what came after it, and done again, is longer at the target each time. */
    @Test
    void workThatWasUndoneMakesItUnknown() {
        Recording again = Loads.edited(Loads.recording(INDEX, TOP, QUIET), tree -> {
            ArrayNode runs = (ArrayNode) tree.at("/migration/statements");
            runs.add(((ObjectNode) runs.get(0)).deepCopy().put("attempt", 2));
        });

        Estimate unknown = considered(100 * upper, again);
        assertThat(unknown.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unknown.reasons().get(1)).contains("tries that were undone had worked for 1.0\u00a0s");
    }

    @Test
    void whatWasAskedForAndNotMeasuredIsUnknown() {
        Estimate unknown = WindowUnderLoad.considered(quiet(upper + 1), null);

        assertThat(unknown.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unknown.reasons().get(1)).contains("could not be measured");
    }

    @Test
    void eachStatementIsAsMuchSlowerAsItWas() {
        // The one that will take long is three times slower, the one that stays as it is not at all.
        StatementEstimate grows = Statements.of(1, Operation.INDEX_BUILD, 20);
        StatementEstimate stays = Statements.of(2, Operation.INDEX_BUILD, 10);
        UnderLoad seen = Statements.seen(Ruling.GO, Statements.under(1, 2, 6, 0), Statements.under(2, 10, 10, 0));
        Recording loaded = Loads.edited(Loads.recording(INDEX, TOP, 6), tree -> {
            ArrayNode runs = (ArrayNode) tree.at("/migration/statements");
            ObjectNode second = ((ObjectNode) runs.get(0)).deepCopy();
            double start = second.get("endMs").asDouble();
            runs.add(second.put("index", 2).put("startMs", start).put("endMs", start + 10_000));
            ((ObjectNode) tree.get("migration")).put("durationMs", 16_000);
        });

        assertThat(WindowUnderLoad.considered(Statements.fits(70.01, seen, grows, stays), loaded)
                        .answer())
                .isEqualTo(Answer.FITS);
        assertThat(WindowUnderLoad.considered(Statements.fits(69.99, seen, grows, stays), loaded)
                        .answer())
                .isEqualTo(Answer.UNKNOWN);
    }

    /** 20 s of 2 s, one and a half times as slow, and 1 s of waits for rows that are ten times as many: 20 · (3 + 1) / 2. */
    @Test
    void aBulkChangeWaitsForMoreRowsWhereThereAreMore() {
        Recording loaded = Loads.edited(Loads.recording(INDEX, TOP, 3), tree -> {
            ((ObjectNode) tree.at("/migration/statements/0"))
                    .put("endMs", Loads.START_MS + 4_000)
                    .put("lockWaitMs", 1_000);
            ((ObjectNode) tree.get("migration")).put("durationMs", 4_000);
        });
        UnderLoad seen = Statements.seen(Ruling.GO, Statements.under(1, 2, 3, 1));
        StatementEstimate bulk = Statements.of(1, Operation.BULK_UPDATE, 20);
        StatementEstimate build = Statements.of(1, Operation.INDEX_BUILD, 20);

        assertThat(WindowUnderLoad.considered(Statements.fits(40.01, seen, bulk), loaded)
                        .answer())
                .isEqualTo(Answer.FITS);
        assertThat(WindowUnderLoad.considered(Statements.fits(39.99, seen, bulk), loaded)
                        .answer())
                .isEqualTo(Answer.UNKNOWN);
        assertThat(WindowUnderLoad.considered(Statements.fits(31.01, seen, build), loaded)
                        .answer())
                .isEqualTo(Answer.FITS);
        assertThat(WindowUnderLoad.considered(Statements.fits(30.99, seen, build), loaded)
                        .answer())
                .isEqualTo(Answer.UNKNOWN);
    }

    /** 45 ms that were five times as long say 25 s of 5 s; of what takes no time at the target either, only the difference counts. */
    @Test
    void whatIsAMomentAtTheRungOnlyIsAsMuchSlowerAsItWas() {
        UnderLoad seen = Statements.seen(Ruling.GO, Statements.under(1, 0.045, 0.225, 0));
        Recording loaded = Loads.recording(INDEX, TOP, 0.225);

        assertThat(WindowUnderLoad.considered(
                                Statements.fits(10, seen, Statements.of(1, Operation.INDEX_BUILD, 5)), loaded)
                        .answer())
                .isEqualTo(Answer.UNKNOWN);
        assertThat(WindowUnderLoad.considered(
                                Statements.fits(0.23, seen, Statements.of(1, Operation.CATALOGUE, 0.045)), loaded)
                        .answer())
                .isEqualTo(Answer.FITS);
    }

    @Test
    void whereTheVerdictIsUnknownNothingWasSeen() {
        UnderLoad seen = Statements.seen(Ruling.UNKNOWN, Statements.under(1, 2, 2, 0));
        Estimate unknown = WindowUnderLoad.considered(
                Statements.fits(100, seen, Statements.of(1, Operation.INDEX_BUILD, 20)),
                Loads.recording(INDEX, TOP, 2));

        assertThat(unknown.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(unknown.reasons().get(1)).contains("the verdict at the largest rung is UNKNOWN");
    }

    /** Statements from figures. */
    private static final class Statements {
        static UnderLoad seen(Ruling verdict, UnderLoad.Waits... statements) {
            return new UnderLoad(Map.of("orders", TOP), verdict, List.of(), List.of(statements), List.of());
        }

        static StatementEstimate of(int index, Operation operation, double upper) {
            return new StatementEstimate(
                    index,
                    "m.sql",
                    index,
                    "create index",
                    operation,
                    "orders",
                    10.0 * TOP,
                    List.of(Measurement.of(TOP, 1)),
                    new Extrapolation(upper, upper, 10, new Curve(List.of(Term.ONE), List.of(upper)), 0, Double.NaN),
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    null,
                    StatementSpace.NONE,
                    null,
                    null,
                    0,
                    null);
        }

        static UnderLoad.Waits under(int statement, double quiet, double loaded, double waited) {
            return new UnderLoad.Waits(statement, quiet, loaded, waited, null, 0, 0, List.of());
        }

        static Estimate fits(double window, UnderLoad seen, StatementEstimate... statements) {
            return new Estimate(
                            "shop",
                            "as-written",
                            Map.of("orders", 10 * TOP),
                            List.of(),
                            List.of(statements),
                            30.0,
                            30.0,
                            window,
                            Answer.FITS,
                            List.of("It takes at most 30 s."),
                            "here",
                            Space.NONE)
                    .with(BreakEven.without(BreakEven.Answer.GO, Ruling.GO, List.of(), seen));
        }
    }

    @Test
    void withoutARungUnderLoadThatIsSaid() {
        Estimate quiet = WindowUnderLoad.unasked(quiet(upper + 1));

        assertThat(quiet.answer()).isEqualTo(Answer.FITS);
        assertThat(quiet.reasons().get(1)).contains("--under-load");
    }

    @Test
    void withoutAWindowOrBeyondItNothingIsSaid() {
        assertThat(WindowUnderLoad.considered(quiet(null), null)).isEqualTo(quiet(null));
        assertThat(WindowUnderLoad.considered(quiet(1.0), null)).isEqualTo(quiet(1.0));
        assertThat(WindowUnderLoad.unasked(quiet(null))).isEqualTo(quiet(null));
    }

    private static Estimate considered(double window, Recording loaded) {
        Estimate quiet = quiet(window);
        assertThat(quiet.answer()).isEqualTo(Answer.FITS);
        Estimate with = quiet.with(BreakEvens.of(
                question(window),
                rungs(),
                KeysAlone.NONE,
                quiet,
                new LoadedRung(Map.of("orders", TOP, "customers", TOP / 10), loaded, Duration.ofSeconds(3)),
                SampleRecordings.limits()));
        return WindowUnderLoad.considered(with, loaded);
    }

    private static Estimate quiet(@Nullable Double window) {
        return Estimator.estimate(question(window), rungs(), null);
    }

    private static Estimator.Question question(@Nullable Double window) {
        return new Estimator.Question(
                "shop",
                "as-written",
                Map.of("orders", 10 * TOP, "customers", TOP),
                Set.of("orders"),
                window == null ? null : Duration.ofMillis((long) (window * 1e3)));
    }

    private static List<Rung> rungs() {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = TOP / 32; rows <= TOP; rows *= 2) {
            rungs.add(new Rung(
                    Map.of("orders", rows, "customers", rows / 10),
                    List.of(new Rung.Run(
                            Runs.recording(INDEX, rows, 1e-6 * rows), Runs.facts(Runs.roomy(), INDEX, rows)))));
        }
        return rungs;
    }
}
