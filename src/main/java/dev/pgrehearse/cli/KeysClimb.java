package dev.pgrehearse.cli;

import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.KeysAlone;
import dev.pgrehearse.estimate.KeysWanted;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.Shrinking;
import dev.pgrehearse.estimate.Shrinking.CannotShrink;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds the indexes of statements that sort over their columns alone, at the top rung's size and at the target's: the part of
 * a statement that no curve foretells, measured where it counts. Used once, by one thread.
 */
final class KeysClimb {
    /** At the top rung, where a run takes little. */
    private static final int TOP_RUNS = 3;

    /** What the target's size is thought to take at most, by what the top rung's took. */
    private static final double MARGIN = 1.3;

    /** Of the top rung's rows: what is the same at each size shows between the two. */
    private static final int LESS = 4;

    private final Variant variant;
    private final Estimator.Question question;
    private final LadderClimb.Limits limits;
    private final RunFolder folder;
    private final Scenario scenario;
    private final Progress progress;
    private boolean incomplete;

    KeysClimb(
            Scenario scenario,
            Variant variant,
            Estimator.Question question,
            LadderClimb.Limits limits,
            RunFolder folder,
            Progress progress) {
        this.scenario = scenario;
        this.variant = variant;
        this.question = question;
        this.limits = limits;
        this.folder = folder;
        this.progress = progress;
    }

    /** Whether a build could not be run to its end: a fault of the machine, or an interruption. */
    boolean incomplete() {
        return incomplete;
    }

    /**
     * Builds them, the statement first that takes longest.
     *
     * @param rungs the plain ones, the smallest first
     * @param shrunk null when none was climbed
     * @param budget that is left
     */
    KeysAlone climb(List<Rung> rungs, @Nullable ShrunkLadder shrunk, Duration budget)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        Map<Integer, KeysAlone.Builds> builds = new HashMap<>();
        Map<Integer, String> missing = new HashMap<>();
        for (KeysWanted wanted : KeysWanted.of(question, rungs, shrunk)) {
            try {
                Map<String, Long> top = rungs.get(rungs.size() - 1).rows();
                Map<String, String> settings =
                        wanted.shrunk() ? Shrinking.of(question, rungs).at(top).values() : Map.of();
                builds.put(
                        wanted.statement(),
                        builds(wanted, top, settings, budget.minusNanos(System.nanoTime() - began)));
            } catch (RehearsalMistakes | CannotShrink | NotBuilt why) {
                missing.put(
                        wanted.statement(),
                        "Its indexes were not built over their columns alone: "
                                + String.valueOf(why.getMessage()).strip());
            }
            if (incomplete) {
                break;
            }
        }
        return new KeysAlone(builds, missing);
    }

    /** Why there are none, as a sentence. */
    private static final class NotBuilt extends Exception {
        private static final long serialVersionUID = 1L;

        NotBuilt(String message) {
            super(message);
        }
    }

    /** What the runs of one size came to, and what one of them took with all around it. */
    private record Built(Measurement seconds, Duration once) {}

    private KeysAlone.Builds builds(
            KeysWanted wanted, Map<String, Long> top, Map<String, String> settings, Duration budget)
            throws NotBuilt, RehearsalMistakes, IOException, InterruptedException {
        long began = System.nanoTime();
        KeysVariant alone = KeysVariant.of(variant, wanted, folder.of(nameOf(wanted)));
        Map<String, Long> less = new HashMap<>();
        top.forEach((table, count) -> less.put(table, Math.max(1, count / LESS)));
        tell(wanted, top);
        Built small = built(wanted, alone.with(settings), less, wanted.workersAtTop(), 1);
        Built large = built(wanted, alone.with(settings), top, wanted.workersAtTop(), TOP_RUNS);

        Map<String, Long> target = question.target();
        double steps = (rows(wanted, target) - rows(wanted, less)) / (rows(wanted, top) - rows(wanted, less));
        double more = Math.max(0, large.once().minus(small.once()).toNanos());
        Duration expected = small.once().plusNanos((long) (MARGIN * steps * more));
        Duration left = budget.minusNanos(System.nanoTime() - began);
        long runs = Math.min(limits.repeat(), left.toMillis() / Math.max(1, expected.toMillis()));
        if (runs < 1) {
            throw new NotBuilt("the budget left " + Figures.duration(Math.max(0.0, (double) left.toMillis()))
                    + ", and the target's size was thought to take "
                    + Figures.duration((double) expected.toMillis()) + ".");
        }
        tell(wanted, target);
        Built there = built(wanted, alone, target, wanted.workers(), (int) runs);
        return new KeysAlone.Builds(wanted.indexes().size(), large.seconds(), there.seconds());
    }

    private Built built(KeysWanted wanted, KeysVariant alone, Map<String, Long> rows, int workers, int times)
            throws NotBuilt, RehearsalMistakes, IOException, InterruptedException {
        long began = System.nanoTime();
        QuietRungs quiet = new QuietRungs(scenario, limits, folder, progress);
        Optional<Rung> rung = quiet.times(
                times,
                alone.variant(),
                nameOf(wanted) + "-" + Math.round(rows(wanted, rows)),
                alone.rows(rows),
                Map.of(wanted.table(), workers));
        incomplete |= quiet.incomplete();
        List<Double> seconds =
                rung.orElseThrow(() -> new NotBuilt(quiet.obstacle().orElse("nothing says why."))).runs().stream()
                        .map(run -> KeysVariant.seconds(run.recording()))
                        .toList();
        return new Built(
                new Measurement(rows(wanted, rows), seconds),
                Duration.ofNanos(System.nanoTime() - began).dividedBy(times));
    }

    private String nameOf(KeysWanted wanted) {
        return variant.name() + "-keys-of-" + wanted.statement();
    }

    private static double rows(KeysWanted wanted, Map<String, Long> rows) {
        return (double) Objects.requireNonNull(rows.get(wanted.table()));
    }

    private void tell(KeysWanted wanted, Map<String, Long> rows) {
        int indexes = wanted.indexes().size();
        progress.report(ProgressEvent.notice(variant.name() + ": statement " + wanted.statement() + ", "
                + (indexes == 1 ? "its index" : "its " + Figures.count(indexes) + " indexes")
                + " over the columns alone, " + wanted.table() + " "
                + Figures.count(Math.round(rows(wanted, rows)))));
    }
}
