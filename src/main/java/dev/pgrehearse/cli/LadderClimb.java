package dev.pgrehearse.cli;

import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.rehearsal.Measured;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Measures one variant at one size after the other, as far as the budget goes. Used once, by one thread. */
final class LadderClimb {
    /** More repeats do not help where this many did not. */
    private static final int MOST_REPEATS = 5;

    private final Scenario scenario;
    private final Variant variant;
    private final EstimateTarget target;
    private final LadderPlan plan;
    private final Limits limits;
    private final RunFolder folder;
    private final Progress progress;
    private final List<Rung> rungs = new ArrayList<>();
    private final List<Duration> took = new ArrayList<>();
    private @Nullable String obstacle;
    private boolean incomplete;

    /**
     * What the climb keeps to.
     *
     * @param budget of wall time
     * @param repeat runs of each rung, at least; more where they differ
     * @param seed of the data
     */
    record Limits(Duration budget, int repeat, long seed) {}

    LadderClimb(
            Scenario scenario,
            Variant variant,
            EstimateTarget target,
            LadderPlan plan,
            Limits limits,
            RunFolder folder,
            Progress progress) {
        this.scenario = scenario;
        this.variant = variant;
        this.target = target;
        this.plan = plan;
        this.limits = limits;
        this.folder = folder;
        this.progress = progress;
    }

    /** The rungs whose migration ended well, the smallest first. */
    List<Rung> rungs() {
        return List.copyOf(rungs);
    }

    /** Why it went no further than its rungs, in a whole sentence; empty when the plan or the budget was at its end. */
    Optional<String> obstacle() {
        return Optional.ofNullable(obstacle);
    }

    /** Whether a rung could not be run to its end: a fault of the machine, or an interruption. */
    boolean incomplete() {
        return incomplete;
    }

    void climb() throws IOException, InterruptedException {
        Optional<Double> next = plan.next(took, limits.budget());
        while (next.isPresent() && obstacle == null) {
            Map<String, Long> rows = target.times(next.get());
            tell(rows);
            long start = System.nanoTime();
            measure(rows);
            took.add(Duration.ofNanos(System.nanoTime() - start));
            next = plan.next(took, limits.budget());
        }
    }

    private void tell(Map<String, Long> rows) {
        Duration left = plan.left(took, limits.budget());
        progress.report(ProgressEvent.notice(variant.name() + ": rung " + (took.size() + 1) + ", " + inWords(rows)
                + (took.size() < 2
                        ? "; at most "
                                + Figures.duration((double) limits.budget().toMillis()) + " in all"
                        : "; about " + Figures.duration((double) left.toMillis()) + " left")));
    }

    private void measure(Map<String, Long> rows) throws IOException, InterruptedException {
        Rehearsal rehearsal = Planner.quiet(scenario, variant, inWords(rows), rows, limits.seed());
        List<Rung.Run> runs = new ArrayList<>();
        try (Rehearser rehearser = Rehearser.open(new Plan(List.of(rehearsal)), ToolVersion.text(), false, progress)) {
            rehearser.check();
            while (runs.size() < limits.repeat() || (isNoisy(rows, runs) && runs.size() < MOST_REPEATS)) {
                String name = variant.name() + "-rung-" + (took.size() + 1) + "-run-" + (runs.size() + 1);
                Measured measured = rehearser.measure(rehearsal, folder.of(name));
                RecordingJson.write(measured.recording(), folder.of(name).resolve("recording.json"));
                if (!ranWell(measured.recording(), rows)) {
                    return;
                }
                runs.add(new Rung.Run(measured.recording(), measured.facts()));
            }
        } catch (RehearsalMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
        rungs.add(new Rung(rows, runs));
    }

    private static boolean isNoisy(Map<String, Long> rows, List<Rung.Run> runs) {
        return runs.size() > 1 && new Rung(rows, runs).isNoisy();
    }

    private boolean ranWell(Recording recording, Map<String, Long> rows) {
        String fault = recording.fault();
        if (fault != null) {
            incomplete = true;
            obstacle = "The rung of " + inWords(rows) + " could not be run: " + fault;
            return false;
        }
        Recording.MigrationFacts migration = recording.migration();
        if (migration == null || !migration.outcome().equals("ok")) {
            obstacle = "The migration failed at the rung of " + inWords(rows) + ": " + failure(migration);
            return false;
        }
        return true;
    }

    private static String failure(Recording.@Nullable MigrationFacts migration) {
        return migration == null
                ? "it never began."
                : migration.statements().stream()
                        .filter(statement -> statement.error() != null)
                        .reduce((first, last) -> last)
                        .map(statement -> "statement " + statement.index() + " (" + statement.file() + ":"
                                + statement.line() + ") ended with " + statement.error())
                        .orElse(migration.outcome() + ".");
    }

    static String inWords(Map<String, Long> rows) {
        return rows.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(3)
                .map(table -> table.getKey() + " " + Figures.count(table.getValue()))
                .collect(Collectors.joining(", "));
    }
}
