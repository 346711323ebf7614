package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
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
        assertThat(unknown.reasons().get(1)).contains("which does not fit the window of");
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

    @Test
    void withoutARungUnderLoadThatIsSaid() {
        Estimate quiet = WindowUnderLoad.considered(quiet(upper + 1), null);

        assertThat(quiet.answer()).isEqualTo(Answer.FITS);
        assertThat(quiet.reasons().get(1)).contains("--under-load");
    }

    @Test
    void withoutAWindowOrBeyondItNothingIsSaid() {
        assertThat(WindowUnderLoad.considered(quiet(null), null)).isEqualTo(quiet(null));
        assertThat(WindowUnderLoad.considered(quiet(1.0), null)).isEqualTo(quiet(1.0));
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
