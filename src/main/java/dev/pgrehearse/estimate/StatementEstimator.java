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

    /** An interval that wide says nothing. */
    private static final double WIDEST = 3;

    private static final int LEAST_ABOVE = 2;

    /** So many rungs above a cliff are a ladder of their own. */
    private static final int OWN_LADDER = 4;

    private final Statement statement;
    private final Recording top;
    private final Ground ground;
    private final Map<String, Long> target;
    private final List<Runs> series;
    private final ToDoubleFunction<Map<String, Long>> madeBytes;
    private final List<String> unknown = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /** The statement's runs at one rung. */
    record Runs(Map<String, Long> rows, List<Statement> runs) {}

    StatementEstimator(
            Statement statement,
            Recording top,
            Ground ground,
            Map<String, Long> target,
            List<Runs> series,
            ToDoubleFunction<Map<String, Long>> madeBytes) {
        this.statement = statement;
        this.top = top;
        this.ground = ground;
        this.target = target;
        this.series = series;
        this.madeBytes = madeBytes;
    }

    /** The estimate, with what is known of how earlier ones fared. */
    StatementEstimate estimate(PastErrors past) {
        Operation operation = Recognition.of(statement, top);
        Optional<TableFacts> table = ground.tableOf(statement, operation)
                .filter(found -> target.containsKey(found.name()) && found.rows() > 0);
        String by = table.map(TableFacts::name).orElseGet(this::largestTable);
        double targetRows = rowsOf(by, target);
        Ladder ladder = ladder(by, run -> seconds(run));
        List<Cliff> cliffs = table.map(found -> Cliffs.of(operation, statement, found, ground, targetRows))
                .orElse(List.of());
        Extrapolation duration = duration(operation, ladder, cliffs, targetRows);
        boolean known = duration != null;
        if (operation == Operation.CONCURRENT_BUILD) {
            notes.add(
                    "CONCURRENTLY also waits for every transaction that is older than it, twice or more often: add the"
                            + " longest transaction of the workload. That is not in these figures, since it is not the table's doing.");
        }
        return new StatementEstimate(
                statement.index(),
                statement.file(),
                statement.line(),
                statement.sql(),
                operation,
                table.map(TableFacts::name).orElse(null),
                targetRows,
                ladder.rungs(),
                duration,
                unknown,
                cliffs,
                notes,
                known ? wal(by, targetRows) : null,
                known ? built(operation, by, targetRows) : null,
                longestWait(),
                past.of(operation));
    }

    private String largestTable() {
        return target.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
    }

    static boolean isNoisy(Measurement rung) {
        return rung.central() > StatementEstimate.NEGLIGIBLE_SECONDS && rung.spread() > NOISY;
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
        return (double) Math.max(1, rows.getOrDefault(table, 1L));
    }

    private Ladder ladder(String by, ToDoubleFunction<Statement> value) {
        return new Ladder(series.stream()
                .map(runs -> new Measurement(
                        rowsOf(by, runs.rows()),
                        runs.runs().stream().map(value::applyAsDouble).toList()))
                .toList());
    }

    private @Nullable Extrapolation duration(
            Operation operation, Ladder ladder, List<Cliff> cliffs, double targetRows) {
        double ratio = targetRows / ladder.top().rows();
        if (ratio > LARGEST_RATIO) {
            unknown.add("The target is " + Figures.times(Math.floor(ratio)) + " the top rung: beyond "
                    + Figures.times(LARGEST_RATIO) + " nothing is estimated. A rung of "
                    + Figures.count((long) Math.ceil(targetRows / LARGEST_RATIO)) + " rows is needed at least.");
            return null;
        }
        Ladder fitted = aboveParallel(ladder, cliffs);
        List<Double> steps = new ArrayList<>();
        for (Cliff cliff : cliffs) {
            if (cliff.kind().decides() && cliff.kind() != Cliff.Kind.PARALLEL) {
                fitted = beyond(cliff, fitted, steps);
            }
        }
        if (!unknown.isEmpty()) {
            return null;
        }
        if (fitted.size() < Extrapolation.LEAST_RUNGS) {
            unknown.add("There are " + fitted.size() + " rungs, and " + Extrapolation.LEAST_RUNGS
                    + " are needed at least. Give a larger --budget.");
            return null;
        }
        noise(fitted);
        return checked(
                operation,
                Extrapolation.of(fitted, models(operation, fitted, steps), targetRows, Quantity.DURATION)
                        .orElse(null));
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
        if (above.size() < Extrapolation.LEAST_RUNGS) {
            unknown.add(tooFewAbove(last.get(), above.size(), Extrapolation.LEAST_RUNGS));
        }
        return above;
    }

    /** What remains to be fitted once a cliff is known: all above it, or everything with a step there. */
    private Ladder beyond(Cliff cliff, Ladder ladder, List<Double> steps) {
        Ladder above = ladder.above(cliff.rows());
        if (above.size() < LEAST_ABOVE) {
            unknown.add(tooFewAbove(cliff, above.size(), LEAST_ABOVE));
            return ladder;
        }
        if (above.size() >= OWN_LADDER || above.size() == ladder.size()) {
            return above;
        }
        steps.add(cliff.rows());
        return ladder;
    }

    private static String tooFewAbove(Cliff cliff, int above, int needed) {
        double rows = cliff.rows() * Math.pow(2, needed);
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
                ladder.rungs().stream().filter(StatementEstimator::isNoisy).toList();
        if (!noisy.isEmpty()) {
            Measurement worst = noisy.stream()
                    .max(Comparator.comparingDouble(Measurement::spread))
                    .orElseThrow();
            notes.add("The machine is noisy: repeats at " + Figures.count(Math.round(worst.rows())) + " rows are "
                    + Figures.share(worst.spread()) + " apart ("
                    + Figures.count(worst.values().size(), "run", "runs") + "). The upper value is higher for that.");
        }
    }

    private @Nullable Extrapolation checked(Operation operation, @Nullable Extrapolation found) {
        if (found == null) {
            unknown.add("There are too few rungs for the models of this operation. Give a larger --budget.");
            return null;
        }
        if (operation == Operation.UNSEEN && Math.abs(found.heldOutError()) > NOISY) {
            unknown.add(
                    "Nobody could see what it does (DO, a function, or several transactions), and its duration grows: "
                            + "what it runs out of cannot be computed. Estimate its statements one by one.");
            return null;
        }
        if (found.central() > StatementEstimate.NEGLIGIBLE_SECONDS && found.upper() > WIDEST * found.central()) {
            unknown.add("The rungs do not agree with one another: the upper value is "
                    + Figures.times(found.upper() / found.central())
                    + " the central one. Run it on a quieter machine, or with a larger --repeat.");
            return null;
        }
        return found;
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
