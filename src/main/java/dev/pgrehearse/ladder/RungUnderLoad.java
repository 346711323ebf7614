package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.BreakEven;
import dev.pgrehearse.estimate.BreakEvens;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.LoadedRung;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rehearses the top rung of a variant's ladder once more, under the scenario's own load and adversaries, for the size at which
 * the verdict turns. The top one, since its locks are held longest, and its data are there. Used once, by one thread.
 */
public final class RungUnderLoad {
    /** For starting, the migration and the calm after it, whose widest window is 10 s. */
    private static final Duration AROUND = Duration.ofSeconds(30);

    /** HikariCP's own default. */
    private static final long CONNECTION_TIMEOUT_MS = 30_000;

    private final Site site;
    private boolean incomplete;
    private @Nullable Recording recording;

    RungUnderLoad(Site site) {
        this.site = site;
    }

    /** What of the budget is to be left for it. */
    public static Duration reserve(Variant variant) {
        return Planner.leastTime(variant).plus(AROUND);
    }

    /** Whether it could not be run to its end: a fault of the machine, or an interruption. */
    boolean incomplete() {
        return incomplete;
    }

    /** What was seen; null when nothing was rehearsed. */
    @Nullable
    Recording recording() {
        return recording;
    }

    /**
     * The estimate with its break-even, or with why there is none.
     *
     * @param ladder the quiet rungs, with what was built beside them
     * @param left of the budget
     */
    Estimate on(Estimator.Question question, LadderClimb ladder, Estimate estimate, Duration left)
            throws IOException, InterruptedException {
        List<Rung> rungs = ladder.rungs();
        if (rungs.isEmpty() || estimate.statements().isEmpty()) {
            return estimate.with(
                    BreakEven.notMeasured(
                            "Without quiet rungs nobody can tell from which size on it is NO-GO: no rung was rehearsed under load."));
        }
        if (left.compareTo(reserve(site.variant())) < 0) {
            return estimate.with(BreakEven.notMeasured("From which size on it is NO-GO is not known: the budget left "
                    + Figures.duration(Math.max(0.0, (double) left.toMillis()))
                    + " for a rung under load, which takes about "
                    + Figures.duration((double) reserve(site.variant()).toMillis()) + ". Give a larger --budget."));
        }
        Rung top = rungs.get(rungs.size() - 1);
        Recording rehearsed;
        try {
            rehearsed = rehearse(top);
        } catch (RehearsalMistakes mistakes) {
            // The quiet rungs have no adversaries: what is wrong with those shows here, and the estimate stands
            // without.
            incomplete = true;
            return estimate.with(
                    BreakEven.notMeasured("It could not be rehearsed under load: " + mistakes.getMessage()));
        } catch (IOException fault) {
            // What the ladder has measured is not lost with a disk that is full now.
            incomplete = true;
            return estimate.with(BreakEven.notMeasured(
                    "It could not be rehearsed under load: what was recorded could not be written: "
                            + fault.getMessage()));
        }
        recording = rehearsed;
        incomplete = !rehearsed.complete();
        Conditions conditions = site.variant().conditions();
        return estimate.with(BreakEvens.of(
                question,
                rungs,
                ladder.keys(),
                estimate,
                new LoadedRung(top.rows(), rehearsed, patience(conditions)),
                conditions.limits()));
    }

    private Recording rehearse(Rung top) throws RehearsalMistakes, IOException, InterruptedException {
        String name = site.variant().name() + "-under-load";
        String size = QuietRungs.inWords(top.rows());
        site.tell("under load, " + size + "; about "
                + Figures.duration((double) reserve(site.variant()).toMillis()));
        Rehearsal rehearsal = Planner.underLoad(site.scenario(), site.variant(), size, top.rows(), site.seed());
        try (Rehearser rehearser = site.rehearser(rehearsal)) {
            rehearser.check();
            Path own = site.folderOf(name);
            Recording recording = rehearser.rehearse(rehearsal, own);
            RecordingJson.write(recording, own.resolve("recording.json"));
            return recording;
        }
    }

    /** A client gives up, a worker gets no connection, or nobody takes a request any more: whichever comes first. */
    static Duration patience(Conditions conditions) {
        AppSpec app = conditions.app();
        long connection = number(app.pool().get("connectionTimeout"));
        double perSecond = conditions.workload().traffic().atStart();
        Duration full =
                Duration.ofMillis((long) (1e3 * app.instances() * (app.workers() + app.acceptQueue()) / perSecond));
        return Stream.of(app.requestTimeout(), Duration.ofMillis(connection), full)
                .min(Duration::compareTo)
                .orElseThrow();
    }

    private static long number(@Nullable String text) {
        return text == null || !text.matches("[0-9]{1,15}") ? CONNECTION_TIMEOUT_MS : Long.parseLong(text);
    }
}
