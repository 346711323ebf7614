package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.CliffAhead;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.KeysAlone;
import dev.pgrehearse.estimate.KeysChoice;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.LadderPlan.Climbed;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
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
public final class LadderClimb {
    /** The fit hangs on these many of the largest rungs. */
    private static final int REPEATED = 3;

    private final Site site;
    private final Target target;
    private final LadderPlan plan;
    private final Limits limits;
    private final QuietRungs quiet;
    private final List<Rung> rungs = new ArrayList<>();
    private final List<Climbed> climbed = new ArrayList<>();
    private List<CliffAhead> ahead = List.of();
    private @Nullable ShrunkLadder shrunk;
    private KeysAlone keys = KeysAlone.NONE;
    private long began;
    private boolean repeatFailed;
    private boolean interrupted;

    /**
     * What the climb keeps to.
     *
     * @param budget of wall time
     * @param repeat runs of each rung, at least; more where they differ
     */
    public record Limits(Duration budget, int repeat) {}

    public LadderClimb(Site site, Target target, LadderPlan plan, Limits limits) {
        this.site = site;
        this.target = target;
        this.plan = plan;
        this.limits = limits;
        this.quiet = new QuietRungs(
                site,
                limits.repeat(),
                run -> run.compareTo(budgetOfRungs().minusNanos(System.nanoTime() - began)) <= 0);
    }

    /** The rungs whose migration ended well, the smallest first. */
    public List<Rung> rungs() {
        return List.copyOf(rungs);
    }

    /** Those with shrunk settings; null when none were needed, or could help. */
    public @Nullable ShrunkLadder shrunk() {
        return shrunk;
    }

    /** Index builds over their columns alone, of the statements that sort. */
    public KeysAlone keys() {
        return keys;
    }

    /** Why it went no further than its rungs, in a whole sentence; empty when the plan or the budget was at its end. */
    public Optional<String> obstacle() {
        return shrunk == null || repeatFailed ? quiet.obstacle() : Optional.empty();
    }

    /** Whether a rung could not be run to its end: a fault of the machine, or an interruption. */
    public boolean incomplete() {
        return quiet.incomplete() || interrupted;
    }

    /**
     * Climbs, once.
     *
     * @throws RehearsalMistakes when the server refuses scripts or settings
     * @throws IOException when not even the first rung could be run; later ones leave an {@link #obstacle}
     */
    public void climb() throws RehearsalMistakes, IOException {
        began = System.nanoTime();
        Estimator.Question question = new Estimator.Question(
                site.scenario().name(), site.variant().name(), target.rows(), target.named(), null);
        Optional<Double> next = plan.next(climbed, budgetOfRungs(), ahead);
        while (next.isPresent() && quiet.obstacle().isEmpty()) {
            Map<String, Long> rows = target.times(next.get());
            tell(rows);
            long start = System.nanoTime();
            quiet.measure(site.variant(), nameOf(climbed.size()), rows, Map.of())
                    .ifPresent(rungs::add);
            IOException fault = quiet.fault();
            if (fault != null && rungs.isEmpty()) {
                // Nothing is there yet that an estimate could keep.
                throw fault;
            }
            climbed.add(new Climbed(next.get(), Duration.ofNanos(System.nanoTime() - start)));
            // From the first rung on, the widths of rows are known: what is too large at the target can be computed.
            rungs.stream().limit(1).mapToLong(this::bytesAtTarget).forEach(Rehearser::expect);
            ahead = CliffAhead.of(question, rungs);
            next = plan.next(climbed, budgetOfRungs(), ahead);
        }
        if (quiet.obstacle().isEmpty() && !rungs.isEmpty()) {
            shrunk = new ShrunkClimb(site, question, quiet)
                    .climb(rungs, climbed, budgetOfRungs())
                    .orElse(null);
        }
        if (quiet.obstacle().isEmpty() && !rungs.isEmpty()) {
            KeysClimb climb = new KeysClimb(site, question, limits.repeat());
            Duration largest = climbed.get(climbed.size() - 1).took();
            keys = climb.climb(rungs, shrunk, largest, left());
            interrupted = climb.interrupted();
        }
        for (int pass = 1; pass < limits.repeat() && !interrupted; pass++) {
            repeatTheLargest(left());
        }
    }

    /** Of the budget. */
    private Duration left() {
        return limits.budget().minusNanos(System.nanoTime() - began);
    }

    /** All tables grow by one factor, and their files with them. */
    private long bytesAtTarget(Rung rung) {
        double times = target.rows().entrySet().stream()
                .mapToDouble(table -> (double) table.getValue()
                        / Math.max(1, rung.rows().getOrDefault(table.getKey(), table.getValue())))
                .max()
                .orElseThrow();
        DatasetFacts data = rung.runs().get(0).recording().dataset();
        return data == null
                ? 0
                : (long) (times
                        * data.tables().stream()
                                .mapToLong(table -> table.heapBytes() + table.indexBytes())
                                .sum());
    }

    /** A part is left for indexes over their columns alone, when a statement builds any. */
    private Duration budgetOfRungs() {
        boolean sorts = !rungs.isEmpty() && !KeysClimb.isLikeAProfile(site.variant()) && KeysChoice.sorts(rungs.get(0));
        return sorts ? limits.budget().multipliedBy(2).dividedBy(3) : limits.budget();
    }

    /** What is left of the budget goes to the rungs that an extrapolation hangs on, at another time than before. */
    private void repeatTheLargest(Duration budget) throws RehearsalMistakes {
        Duration left = budget;
        for (int i = rungs.size() - 1;
                i >= Math.max(0, rungs.size() - REPEATED) && quiet.obstacle().isEmpty();
                i--) {
            Rung rung = rungs.get(i);
            Duration took = climbed.get(i).took().dividedBy(rung.runs().size());
            if (rung.runs().size() >= QuietRungs.MOST_REPEATS || took.compareTo(left) > 0) {
                continue;
            }
            site.tell("rung " + (i + 1) + " again, " + QuietRungs.inWords(rung.rows()));
            long start = System.nanoTime();
            int place = i;
            quiet.again(site.variant(), nameOf(place), rung, Map.of()).ifPresent(more -> rungs.set(place, more));
            repeatFailed = quiet.obstacle().isPresent();
            left = left.minusNanos(System.nanoTime() - start);
        }
    }

    private void tell(Map<String, Long> rows) {
        Duration left = plan.left(climbed, budgetOfRungs(), ahead);
        site.tell("rung " + (climbed.size() + 1) + ", " + QuietRungs.inWords(rows)
                + (climbed.size() < 2
                        ? "; at most "
                                + Figures.duration((double) limits.budget().toMillis()) + " in all"
                        : "; about " + Figures.duration((double) left.toMillis()) + " left"));
    }

    private String nameOf(int place) {
        return site.variant().name() + "-rung-" + (place + 1);
    }
}
