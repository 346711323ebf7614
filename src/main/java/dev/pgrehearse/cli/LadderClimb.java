package dev.pgrehearse.cli;

import dev.pgrehearse.estimate.CliffAhead;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.KeysAlone;
import dev.pgrehearse.estimate.KeysChoice;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.LadderPlan.Climbed;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures one variant at one size after the other, as far as the budget goes; and again with shrunk memory settings, where
 * too few sizes lie above a cliff; then indexes over their columns alone at the target's size, and the largest sizes once more,
 * while the budget lasts. Used once, by one thread.
 */
final class LadderClimb {
    /** The fit hangs on these many of the largest rungs. */
    private static final int REPEATED = 3;

    private final Scenario scenario;
    private final Variant variant;
    private final EstimateTarget target;
    private final LadderPlan plan;
    private final Limits limits;
    private final RunFolder folder;
    private final Progress progress;
    private final QuietRungs quiet;
    private final List<Rung> rungs = new ArrayList<>();
    private final List<Climbed> climbed = new ArrayList<>();
    private List<CliffAhead> ahead = List.of();
    private @Nullable ShrunkLadder shrunk;
    private KeysAlone keys = KeysAlone.NONE;
    private boolean repeatFailed;
    private boolean interrupted;

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
        this.quiet = new QuietRungs(scenario, limits, folder, progress);
    }

    /** The rungs whose migration ended well, the smallest first. */
    List<Rung> rungs() {
        return List.copyOf(rungs);
    }

    /** Those with shrunk settings; null when none were needed, or could help. */
    @Nullable
    ShrunkLadder shrunk() {
        return shrunk;
    }

    /** Index builds over their columns alone, of the statements that sort. */
    KeysAlone keys() {
        return keys;
    }

    /** Why it went no further than its rungs, in a whole sentence; empty when the plan or the budget was at its end. */
    Optional<String> obstacle() {
        return shrunk == null || repeatFailed ? quiet.obstacle() : Optional.empty();
    }

    /** Whether a rung could not be run to its end: a fault of the machine, or an interruption. */
    boolean incomplete() {
        return quiet.incomplete() || interrupted;
    }

    void climb() throws IOException {
        long began = System.nanoTime();
        Estimator.Question question =
                new Estimator.Question(scenario.name(), variant.name(), target.rows(), target.named(), null);
        Optional<Double> next = plan.next(climbed, budgetOfRungs(), ahead);
        while (next.isPresent() && quiet.obstacle().isEmpty()) {
            Map<String, Long> rows = target.times(next.get());
            tell(rows);
            long start = System.nanoTime();
            measure(rows);
            climbed.add(new Climbed(next.get(), Duration.ofNanos(System.nanoTime() - start)));
            // From the first rung on, the widths of rows are known: what is too large at the target can be computed.
            ahead = CliffAhead.of(question, rungs);
            next = plan.next(climbed, budgetOfRungs(), ahead);
        }
        if (quiet.obstacle().isEmpty() && !rungs.isEmpty()) {
            shrunk = new ShrunkClimb(variant, question, quiet, progress)
                    .climb(rungs, climbed, budgetOfRungs())
                    .orElse(null);
        }
        if (quiet.obstacle().isEmpty() && !rungs.isEmpty()) {
            KeysClimb climb = new KeysClimb(scenario, variant, question, limits, folder, progress);
            Duration largest = climbed.get(climbed.size() - 1).took();
            keys = climb.climb(rungs, shrunk, largest, limits.budget().minusNanos(System.nanoTime() - began));
            interrupted = climb.interrupted();
        }
        for (int pass = 1; pass < limits.repeat() && !interrupted; pass++) {
            repeatTheLargest(limits.budget().minusNanos(System.nanoTime() - began));
        }
    }

    /** A part is left for indexes over their columns alone, when a statement builds any. */
    private Duration budgetOfRungs() {
        boolean sorts = !rungs.isEmpty() && !KeysClimb.isLikeAProfile(variant) && KeysChoice.sorts(rungs.get(0));
        return sorts ? limits.budget().multipliedBy(2).dividedBy(3) : limits.budget();
    }

    /** What is left of the budget goes to the rungs that an extrapolation hangs on, at another time than before. */
    private void repeatTheLargest(Duration budget) throws IOException {
        Duration left = budget;
        for (int i = rungs.size() - 1;
                i >= Math.max(0, rungs.size() - REPEATED) && quiet.obstacle().isEmpty();
                i--) {
            Rung rung = rungs.get(i);
            Duration took = climbed.get(i).took().dividedBy(rung.runs().size());
            if (rung.runs().size() >= QuietRungs.MOST_REPEATS || took.compareTo(left) > 0) {
                continue;
            }
            progress.report(ProgressEvent.notice(
                    variant.name() + ": rung " + (i + 1) + " again, " + QuietRungs.inWords(rung.rows())));
            long start = System.nanoTime();
            repeat(i, rung);
            repeatFailed = quiet.obstacle().isPresent();
            left = left.minusNanos(System.nanoTime() - start);
        }
    }

    private void tell(Map<String, Long> rows) {
        Duration left = plan.left(climbed, budgetOfRungs(), ahead);
        progress.report(ProgressEvent.notice(variant.name() + ": rung " + (climbed.size() + 1) + ", "
                + QuietRungs.inWords(rows)
                + (climbed.size() < 2
                        ? "; at most "
                                + Figures.duration((double) limits.budget().toMillis()) + " in all"
                        : "; about " + Figures.duration((double) left.toMillis()) + " left")));
    }

    private void measure(Map<String, Long> rows) throws IOException {
        try {
            quiet.measure(variant, nameOf(climbed.size()), rows, Map.of()).ifPresent(rungs::add);
        } catch (RehearsalMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
    }

    private void repeat(int place, Rung rung) throws IOException {
        try {
            quiet.again(variant, nameOf(place), rung, Map.of()).ifPresent(more -> rungs.set(place, more));
        } catch (RehearsalMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
    }

    private String nameOf(int place) {
        return variant.name() + "-rung-" + (place + 1);
    }
}
