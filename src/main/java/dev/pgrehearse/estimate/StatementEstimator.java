package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Estimates one statement: recognises it, computes its cliffs, and fits what its rungs above them allow. Used once. */
final class StatementEstimator {
    /** Beyond so many times the top rung there is no point estimate. */
    static final double LARGEST_RATIO = 100;

    /** Repeats further apart than that are noise that the reader must know of. */
    static final double NOISY = 0.2;

    /** Shorter waits for locks are nobody's concern. */
    private static final double WORTH_TELLING_SECONDS = 0.1;

    /** An interval that wide says nothing. */
    private static final double WIDEST = 3;

    /** What is by this share below the top rung when fitted without it grows, and is no constant. */
    private static final double SHORT_OF_THE_TOP = 0.05;

    /** What takes so many times as long at the target grows with it. */
    private static final double GROWN = 1.5;

    /** The processor's own caches are not shrunk: small runs fit into them, where the target's do not. */
    private static final double SHRUNK_LEAN = 0.1;

    /**
     * What is sorted in memory is read in any order, and the larger it is the less of it processors' caches and page tables
     * hold. Index builds by curves alone, from rungs to 1 million rows held against 10 million (docs/accuracy.md, "By curves alone"),
     * were short by 20 % in the mean; so were checks of a foreign key, whose hash is read in any order, too. 5 % for each doubling.
     */
    static final double SLOWER_PER_DOUBLING = 0.05;

    /** So many rungs above a cliff are a ladder of their own. */
    private static final int OWN_LADDER = 4;

    /** So many rungs are kept, whether one curve goes through them or not. */
    private static final int KEPT_RUNGS = 5;

    /** Rungs that leave more of the misfit than that to the others are not what is wrong. */
    private static final double LEFT_TO_THE_OTHERS = 0.25;

    private final Statement statement;
    private final Recording top;
    private final Ground ground;
    private final Map<String, Long> target;
    private final List<Runs> series;
    private final ToDoubleFunction<Map<String, Long>> madeBytes;
    private final KeysAlone keys;
    private final List<String> unknown = new ArrayList<>();
    private KeysAlone.@Nullable Builds used;
    private boolean shrunk;
    private final List<String> notes = new ArrayList<>();

    /** The statement's runs at one rung. */
    record Runs(Map<String, Long> rows, List<Statement> runs) {}

    StatementEstimator(
            Statement statement,
            Recording top,
            Ground ground,
            Map<String, Long> target,
            List<Runs> series,
            ToDoubleFunction<Map<String, Long>> madeBytes,
            KeysAlone keys) {
        this.statement = statement;
        this.top = top;
        this.ground = ground;
        this.target = target;
        this.series = series;
        this.madeBytes = madeBytes;
        this.keys = keys;
    }

    /** From a ladder that may have cliffs in it, with what is known of how earlier estimates fared. */
    StatementEstimate estimate(PastErrors past) {
        Recognised recognised = recognised();
        Ladder ladder = ladder(recognised.by(), run -> seconds(run));
        Extrapolation duration = duration(recognised, ladder, recognised.cliffs());
        return estimate(past, recognised, ladder, duration, null);
    }

    /**
     * From a ladder that is above each cliff at each rung, by as much as the target is.
     *
     * @param plain its runs with the settings as they are
     * @param settings what was shrunk
     */
    StatementEstimate estimate(PastErrors past, List<Runs> plain, List<ShrunkLadder.Setting> settings) {
        Recognised recognised = recognised();
        Ladder ladder = ladder(recognised.by(), run -> seconds(run));
        if (!new SpaceEstimator(statement, recognised, series, ground, true).isInProportion()) {
            unknown.add(
                    "With settings shrunk in proportion it wrote more temporary files for each row at some rungs than at"
                            + " others: it was sorted or hashed in more steps there, and they say nothing of the target.");
        }
        shrunk = true;
        Extrapolation inProportion = duration(recognised, ladder, List.of());
        Ladder asTheyAre = ladder(plain, recognised.by(), run -> seconds(run));
        Extrapolation duration =
                inProportion == null || used != null ? inProportion : atLeast(inProportion, recognised, asTheyAre);
        StatementEstimate.Shrunk second = new StatementEstimate.Shrunk(settings, ladder.rungs());
        notes.add("Its figures come " + second.inWords()
                + " at its top rung, and in proportion to their rows at the others, as many rows for that memory as at the"
                + " target. The processor's caches were as large as ever, so its upper value is higher by "
                + Figures.share(SHRUNK_LEAN) + ".");
        return estimate(past, recognised, asTheyAre, duration == null ? null : duration.leaning(SHRUNK_LEAN), second);
    }

    /**
     * A row that is sorted or hashed on disk costs no less than one in memory. With memory shrunk it may: then what is sorted at
     * once fits into processors' caches, where that of the rungs with the settings as they are does not.
     */
    private @Nullable Extrapolation atLeast(Extrapolation inProportion, Recognised recognised, Ladder asTheyAre) {
        boolean goesToDisk = recognised.cliffs().stream()
                .anyMatch(cliff -> cliff.kind() == Cliff.Kind.SORT || cliff.kind() == Cliff.Kind.HASH);
        Operation operation = recognised.operation();
        Optional<Extrapolation> inMemory = !goesToDisk
                ? Optional.empty()
                : Extrapolation.of(
                        onOneCurve(asTheyAre, operation, List.of()),
                        operation.models(),
                        recognised.targetRows(),
                        Quantity.DURATION);
        if (inMemory.isEmpty() || inMemory.get().central() <= inProportion.central()) {
            return inProportion;
        }
        Extrapolation least = inMemory.get();
        notes.add(
                "Rungs with the settings as they are took more for each row, and a row that is sorted or hashed on disk takes"
                        + " no less: so its central value is by their curve (" + Figures.duration(least.central() * 1e3)
                        + "), where that of the shrunk settings says " + Figures.duration(inProportion.central() * 1e3)
                        + ".");
        Extrapolation most = least.withUpper(Math.max(least.upper(), inProportion.upper()));
        return tooWide(most) ? null : most;
    }

    private Recognised recognised() {
        return Recognised.of(
                statement, top, ground, target, series.stream().map(Runs::rows).toList());
    }

    private StatementEstimate estimate(
            PastErrors past,
            Recognised recognised,
            Ladder rungs,
            @Nullable Extrapolation duration,
            StatementEstimate.@Nullable Shrunk second) {
        Operation operation = recognised.operation();
        String by = recognised.by();
        boolean known = duration != null;
        if (operation == Operation.CONCURRENT_BUILD) {
            notes.add(
                    "CONCURRENTLY also waits for every transaction that is older than it, twice or more often: add the"
                            + " longest transaction of the workload. That is not in these figures, since it is not the table's doing.");
        }
        if (longestWait() >= WORTH_TELLING_SECONDS) {
            notes.add("It waited for locks, for " + Figures.duration(longestWait() * 1e3)
                    + " at most in one run without load; that is not in its duration.");
        }
        checkpointsByTime(operation, rungs, duration);
        // Above all cliffs WAL is known, also where noise hides the duration.
        Extrapolation wal = known || second != null ? wal(by, recognised.targetRows()) : null;
        TableFacts table = recognised.table();
        return new StatementEstimate(
                statement.index(),
                statement.file(),
                statement.line(),
                statement.sql(),
                operation,
                table == null ? null : table.name(),
                recognised.targetRows(),
                rungs.rungs(),
                duration,
                unknown,
                recognised.cliffs(),
                notes,
                wal,
                known ? built(operation, by, recognised.targetRows()) : null,
                new SpaceEstimator(statement, recognised, series, ground, second != null)
                        .estimate(wal, ground.facts().settings().getOrDefault("max_wal_size", Double.NaN)),
                second,
                known ? used : null,
                longestWait(),
                past.of(operation));
    }

    private void checkpointsByTime(Operation operation, Ladder rungs, @Nullable Extrapolation duration) {
        double timeout = ground.facts().settings().getOrDefault("checkpoint_timeout", Double.NaN);
        if (duration != null
                && operation.cliffs().contains(Cliff.Kind.WAL)
                && duration.upper() > timeout
                && rungs.top().central() < timeout) {
            notes.add("No rung took as long as checkpoint_timeout (" + Figures.duration(timeout * 1e3)
                    + "), as it does at the target: checkpoints come while it runs, which write what it has changed, and of"
                    + " pages that it changes after them WAL once more in full. That is in none of these figures.");
        }
    }

    /** How long a run took without its waits for locks. */
    static double seconds(Statement run) {
        return Math.max(0, run.endMs() - run.startMs() - run.lockWaitMs()) / 1e3;
    }

    private double longestWait() {
        return series.stream()
                        .flatMap(runs -> runs.runs().stream())
                        .mapToDouble(Statement::lockWaitMs)
                        .max()
                        .orElse(0)
                / 1e3;
    }

    private static double rowsOf(String table, Map<String, Long> rows) {
        return Recognised.rows(table, rows);
    }

    private Ladder ladder(String by, ToDoubleFunction<Statement> value) {
        return ladder(series, by, value);
    }

    private static Ladder ladder(List<Runs> series, String by, ToDoubleFunction<Statement> value) {
        return new Ladder(series.stream()
                .map(runs -> new Measurement(
                        rowsOf(by, runs.rows()),
                        runs.runs().stream().map(value::applyAsDouble).toList()))
                .toList());
    }

    private @Nullable Extrapolation duration(Recognised recognised, Ladder ladder, List<Cliff> cliffs) {
        Operation operation = recognised.operation();
        double targetRows = recognised.targetRows();
        double ratio = targetRows / ladder.top().rows();
        if (ratio > LARGEST_RATIO) {
            unknown.add("The target is " + Figures.times(Math.floor(ratio)) + " the top rung: beyond "
                    + Figures.times(LARGEST_RATIO) + " nothing is estimated. A rung of "
                    + Figures.count((long) Math.ceil(targetRows / LARGEST_RATIO)) + " rows is needed at least.");
            return null;
        }
        unknown.addAll(Uncomputed.of(statement, operation, ground, ratio));
        Ladder fitted = aboveParallel(ladder, cliffs);
        List<Double> steps = new ArrayList<>();
        for (Cliff cliff : cliffs) {
            if (cliff.kind().rungsAbove() > 0 && cliff.kind() != Cliff.Kind.PARALLEL) {
                fitted = beyond(cliff, fitted, steps);
            }
        }
        if (operation == Operation.BULK_UPDATE || operation == Operation.SCAN) {
            fitted = spilledAlone(fitted);
        }
        if (!unknown.isEmpty()) {
            return null;
        }
        if (fitted.size() < Extrapolation.LEAST_RUNGS) {
            unknown.add((fitted.size() == 1 ? "There is 1 rung" : "There are " + fitted.size() + " rungs") + ", and "
                    + Extrapolation.LEAST_RUNGS
                    + " are needed at least. Give a larger --budget.");
            return null;
        }
        if (ratio > 1) {
            fitted = onOneCurve(withRunsBesideItsBuilds(fitted), operation, steps);
        }
        noise(fitted);
        List<List<Term>> models = models(operation, fitted, steps);
        Extrapolation found =
                Extrapolation.of(fitted, models, targetRows, Quantity.DURATION).orElse(null);
        Sorted sorted = found == null || ratio <= 1
                ? new Sorted(found, null, List.of())
                : withItsSorts(found, recognised, fitted.top());
        Extrapolation told = !keys.awaited() && missesItsTop(fitted, models)
                ? null
                : checked(recognised, fitted.top(), sorted.extrapolation());
        if (told != null) {
            used = sorted.builds();
            notes.addAll(sorted.notes());
        }
        return told;
    }

    /** What was extrapolated with its sorts, the builds alone that it has them from, and what is to be known of that. */
    private record Sorted(
            @Nullable Extrapolation extrapolation, KeysAlone.@Nullable Builds builds, List<String> notes) {}

    /** As they were measured at the target's size; else by what sorts and hashes in memory cost elsewhere. */
    private Sorted withItsSorts(Extrapolation found, Recognised recognised, Measurement rung) {
        double targetRows = recognised.targetRows();
        KeysAlone.Builds builds = keys.of(statement.index()).orElse(null);
        if (builds != null && builds.isPartOf()) {
            return new Sorted(builds.in(found, targetRows), builds, List.of(builds.inWords(shrunk)));
        }
        String why = builds == null
                ? keys.whyNot(statement.index()).orElse("")
                : "What it builds or checks took longer over the columns alone ("
                        + Figures.duration(builds.top().central() * 1e3)
                        + ") than the whole statement at the top rung ("
                        + Figures.duration(builds.whole().central() * 1e3)
                        + "), one right after the other: that is not what it does. So it says nothing of the statement.";
        boolean hashesInMemory = recognised.operation() == Operation.FOREIGN_KEY_CHECK
                && recognised.cliffs().stream().noneMatch(cliff -> cliff.kind() == Cliff.Kind.HASH);
        if (!hashesInMemory && !sortsInMemory(recognised, rung.rows())) {
            return new Sorted(found, null, why.isEmpty() ? List.of() : List.of(why));
        }
        String instead = "What is " + (hashesInMemory ? "hashed" : "sorted") + " in memory was taken to cost "
                + Figures.share(SLOWER_PER_DOUBLING) + " more for each row with each doubling.";
        return new Sorted(
                found.slowing(rung.rows(), SLOWER_PER_DOUBLING, targetRows),
                null,
                why.isEmpty() && !hashesInMemory ? List.of() : List.of((why + " " + instead).strip()));
    }

    /** At the target, too: between the two there is no cliff with fewer rungs above it than are needed. */
    private boolean sortsInMemory(Recognised recognised, double topRows) {
        double memory = ground.facts().settings().getOrDefault("maintenance_work_mem", Double.NaN);
        return recognised.sorts().stream().anyMatch(sort -> sort.rowsIn(memory) > topRows);
    }

    /** A rung that says otherwise is not explained away by its noise: what is above its own upper value was no such curve. */
    private boolean missesItsTop(Ladder fitted, List<List<Term>> models) {
        double measured = fitted.top().central();
        Optional<Extrapolation> there = Extrapolation.of(
                        fitted, models, fitted.top().rows(), Quantity.DURATION)
                .filter(at -> measured > StatementEstimate.NEGLIGIBLE_SECONDS && measured > at.upper());
        there.ifPresent(
                at -> unknown.add("The rungs do not agree with one another: by the curve through all of them the"
                        + " top one takes at most " + Figures.duration(at.upper() * 1e3) + ", and it took "
                        + Figures.duration(measured * 1e3)
                        + ". Run it on a quieter machine, or with a larger --repeat."));
        return there.isPresent();
    }

    /** The whole statement ran again at the top rung, for what it takes beside its builds: those are runs of that rung, too. */
    private Ladder withRunsBesideItsBuilds(Ladder ladder) {
        Measurement whole = keys.of(statement.index())
                .map(KeysAlone.Builds::whole)
                .filter(measured -> measured.rows() == ladder.top().rows())
                .orElse(null);
        if (whole == null) {
            return ladder;
        }
        if (ladder.top().isApartFrom(whole)) {
            notes.add("Beside its builds the whole statement took " + Figures.duration(whole.central() * 1e3) + " at "
                    + Figures.count((long) whole.rows()) + " rows, each time "
                    + (whole.central() > ladder.top().central() ? "longer" : "shorter")
                    + " than when the rung was measured ("
                    + Figures.duration(ladder.top().central() * 1e3)
                    + "): the machine was not the same. Both count alike.");
        }
        return ladder.withMoreOfTheTop(whole);
    }

    /**
     * Small sizes are another operation where caches hold what they do not hold later. Where no curve goes through all rungs, the
     * smallest are left out, since the target is more like the largest; but not where the misfit stays without them.
     */
    private Ladder onOneCurve(Ladder ladder, Operation operation, List<Double> steps) {
        Ladder kept = ladder;
        while (kept.size() > KEPT_RUNGS && !isOneCurve(kept, operation, steps)) {
            kept = kept.above(kept.rungs().get(0).rows());
        }
        boolean helps = isOneCurve(kept, operation, steps)
                || misfit(kept, operation, steps) <= LEFT_TO_THE_OTHERS * misfit(ladder, operation, steps);
        if (kept.size() == ladder.size() || !helps) {
            return ladder;
        }
        notes.add("Rungs below " + Figures.count((long) kept.rungs().get(0).rows())
                + " rows were left out: no curve of this operation goes through them and the larger ones, as near as"
                + " repeats are to one another.");
        return kept;
    }

    private static boolean isOneCurve(Ladder ladder, Operation operation, List<Double> steps) {
        return Extrapolation.isOneCurve(ladder, models(operation, ladder, steps), Quantity.DURATION);
    }

    private static double misfit(Ladder ladder, Operation operation, List<Double> steps) {
        return Extrapolation.misfit(ladder, models(operation, ladder, steps), Quantity.DURATION);
    }

    /** Once what it joins or sorts goes to temporary files, rungs where it did not say nothing of those where it does. */
    private Ladder spilledAlone(Ladder ladder) {
        List<Runs> without = series.stream()
                .filter(runs -> runs.runs().stream().noneMatch(Joins::spilled))
                .toList();
        if (without.size() == series.size() || without.isEmpty()) {
            return ladder;
        }
        String by = recognised().by();
        double last = without.stream()
                .mapToDouble(runs -> rowsOf(by, runs.rows()))
                .max()
                .orElseThrow();
        Ladder above = ladder.above(last);
        if (above.size() < Extrapolation.LEAST_RUNGS) {
            unknown.add("Beyond " + Figures.count((long) last) + " rows it writes temporary files, and "
                    + Figures.count(above.size(), "rung is", "rungs are") + " above that, of "
                    + Extrapolation.LEAST_RUNGS + " that are needed. Give a larger --budget.");
        }
        return above;
    }

    /** Below a threshold of workers it was another operation: those rungs are left out. */
    private Ladder aboveParallel(Ladder ladder, List<Cliff> cliffs) {
        Optional<Cliff> last = cliffs.stream()
                .filter(cliff -> cliff.kind() == Cliff.Kind.PARALLEL)
                .max(Comparator.comparingDouble(Cliff::rows));
        if (last.isEmpty()) {
            return ladder;
        }
        Ladder above = ladder.above(last.get().rows());
        if (above.size() < last.get().kind().rungsAbove()) {
            unknown.add(tooFewAbove(last.get(), above.size()));
        }
        return above;
    }

    /** What remains to be fitted once a cliff is known: all above it, or everything with a step there. */
    private Ladder beyond(Cliff cliff, Ladder ladder, List<Double> steps) {
        Ladder above = ladder.above(cliff.rows());
        if (above.size() < cliff.kind().rungsAbove()) {
            unknown.add(tooFewAbove(cliff, above.size()));
            return ladder;
        }
        if (above.size() >= OWN_LADDER || above.size() == ladder.size()) {
            return above;
        }
        steps.add(cliff.rows());
        return ladder;
    }

    private static String tooFewAbove(Cliff cliff, int above) {
        double rows = cliff.rows() * Math.pow(2, cliff.kind().rungsAbove());
        return "Beyond " + Figures.count((long) cliff.rows()) + " rows " + cliff.what() + ", and "
                + (above == 0 ? "no rung is" : above == 1 ? "one rung alone is" : above + " rungs are")
                + " above that. Rungs to about " + Figures.count(rounded(rows))
                + " rows would decide it (a larger --budget)"
                + (cliff.neededBytes() > 0
                        ? ", or " + (cliff.setting().equals("memory") ? "a machine with" : cliff.setting() + " of")
                                + " at least " + Figures.bytes(cliff.neededBytes()) + ", here and in production."
                        : ".");
    }

    private static long rounded(double rows) {
        double unit = Math.pow(10, Math.floor(Math.log10(rows)) - 1);
        return (long) (Math.ceil(rows / unit) * unit);
    }

    /** With steps first: theory says of each cliff that it is one, and coefficients may still turn out 0. */
    private static List<List<Term>> models(Operation operation, Ladder ladder, List<Double> steps) {
        TreeSet<Integer> told = new TreeSet<>();
        Map<Integer, Double> distinct = new LinkedHashMap<>();
        for (double step : steps) {
            int above = ladder.above(step).size();
            if (above < ladder.size() && told.add(above)) {
                distinct.put(above, step);
            }
        }
        List<List<Term>> models = new ArrayList<>();
        for (List<Term> model : operation.models()) {
            List<Term> stepped = new ArrayList<>(model);
            distinct.values().forEach(step -> stepped.add(Term.rowsAbove(step)));
            models.add(List.copyOf(stepped));
        }
        return models;
    }

    private void noise(Ladder ladder) {
        List<Measurement> noisy =
                ladder.rungs().stream().filter(Measurement::isNoisy).toList();
        if (!noisy.isEmpty()) {
            Measurement worst = noisy.stream()
                    .max(Comparator.comparingDouble(Measurement::spread))
                    .orElseThrow();
            notes.add("The machine is noisy: repeats at " + Figures.count(Math.round(worst.rows())) + " rows are "
                    + Figures.share(worst.spread()) + " apart ("
                    + Figures.count(worst.values().size(), "run", "runs") + "). The upper value is higher for that.");
        }
    }

    private @Nullable Extrapolation checked(Recognised recognised, Measurement rung, @Nullable Extrapolation found) {
        if (found == null) {
            unknown.add("There are too few rungs for the models of this operation. Give a larger --budget.");
            return null;
        }
        boolean grows =
                -found.heldOutError() > SHORT_OF_THE_TOP && rung.central() > StatementEstimate.NEGLIGIBLE_SECONDS;
        if (recognised.operation() == Operation.UNSEEN && (grows || Math.abs(found.heldOutError()) > NOISY)) {
            unknown.add(
                    "Nobody could see what it does (DO, a function, or several transactions), and its duration grows: "
                            + "what it runs out of cannot be computed. Estimate its statements one by one.");
            return null;
        }
        if (recognised.isOfAnUncountedTable()
                && found.central() > StatementEstimate.NEGLIGIBLE_SECONDS
                && found.central() > GROWN * rung.central()) {
            unknown.add(
                    "It works on a table that was not there before the migration, whose rows nobody counted, and its duration"
                            + " grows: what it runs out of cannot be computed. A rung of the target's size (--largest) would measure it.");
            return null;
        }
        return tooWide(found) ? null : found;
    }

    static boolean isTooWide(Extrapolation found) {
        return found.central() > StatementEstimate.NEGLIGIBLE_SECONDS && found.upper() > WIDEST * found.central();
    }

    private boolean tooWide(Extrapolation found) {
        boolean wide = !keys.awaited() && isTooWide(found);
        if (wide) {
            unknown.add("The rungs do not agree with one another: the upper value is "
                    + Figures.times(found.upper() / found.central())
                    + " the central one. Run it on a quieter machine, or with a larger --repeat.");
        }
        return wide;
    }

    private @Nullable Extrapolation wal(String by, double targetRows) {
        boolean everywhere =
                series.stream().flatMap(runs -> runs.runs().stream()).allMatch(run -> run.walBytes() != null);
        if (!everywhere) {
            notes.add(
                    "Its WAL was not measured at every rung, so whether checkpoints come while it runs is not known.");
            return null;
        }
        Ladder bytes = ladder(by, run -> (double) Objects.requireNonNull(run.walBytes()));
        return Extrapolation.of(bytes, List.of(List.of(Term.ONE, Term.ROWS)), targetRows, Quantity.BYTES)
                .orElse(null);
    }

    private @Nullable Extrapolation built(Operation operation, String by, double targetRows) {
        if (operation != Operation.INDEX_BUILD && operation != Operation.CONCURRENT_BUILD) {
            return null;
        }
        Ladder bytes = new Ladder(series.stream()
                .map(runs -> new Measurement(rowsOf(by, runs.rows()), List.of(madeBytes.applyAsDouble(runs.rows()))))
                .toList());
        return Extrapolation.of(bytes, List.of(List.of(Term.ONE, Term.ROWS)), targetRows, Quantity.BYTES)
                .orElse(null);
    }
}
