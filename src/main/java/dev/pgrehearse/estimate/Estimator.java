package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts.IndexWidth;
import dev.pgrehearse.verdict.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Turns the rungs of a variant into its estimate. Pure. */
public final class Estimator {
    private static final Set<String> DOUBTS_OF_DURATIONS =
            Set.of(Recording.Doubt.CACHES, Recording.Doubt.MEMORY_FIRST_USE, Recording.Doubt.SERVER_SILENT);

    private final Question question;
    private final List<Rung> rungs;
    private final @Nullable ShrunkLadder shrunk;
    private final KeysAlone keys;
    private final Map<String, Long> target;

    /**
     * What is asked.
     *
     * @param target rows of every table of the scenario's size
     * @param named those of its tables that somebody named
     * @param window that it is to fit; null for none
     * @param pauses of the migration, all together: the rungs were measured without
     * @param past how earlier estimates fared
     */
    public record Question(
            String scenario,
            String variant,
            Map<String, Long> target,
            Set<String> named,
            @Nullable Duration window,
            Duration pauses,
            PastErrors past) {
        /** Of a migration without pauses, without any earlier estimate. */
        public Question(
                String scenario,
                String variant,
                Map<String, Long> target,
                Set<String> named,
                @Nullable Duration window) {
            this(scenario, variant, target, named, window, Duration.ZERO, PastErrors.NONE);
        }
    }

    private Estimator(Question question, List<Rung> rungs, @Nullable ShrunkLadder shrunk, KeysAlone keys) {
        this.question = question;
        this.rungs = List.copyOf(rungs);
        this.shrunk = shrunk;
        this.keys = keys;
        this.target = question.target();
    }

    /**
     * The estimate.
     *
     * @param rungs the smallest first, each with runs whose migration ended well; may be empty
     * @param obstacle why there are no more of them, in a whole sentence, when something was in the way: then all is
     *     UNKNOWN; null when nothing was
     */
    public static Estimate estimate(Question question, List<Rung> rungs, @Nullable String obstacle) {
        return estimate(question, rungs, null, obstacle, null);
    }

    /**
     * The same, with a second ladder for statements that have too few rungs above a cliff, and for another machine.
     *
     * @param shrunk null when none was climbed
     * @param machines both, when answer and sums are to be the other one's; null when they are to be this one's
     */
    public static Estimate estimate(
            Question question,
            List<Rung> rungs,
            @Nullable ShrunkLadder shrunk,
            @Nullable String obstacle,
            @Nullable Machines machines) {
        return estimate(question, rungs, shrunk, KeysAlone.NONE, obstacle, machines);
    }

    /**
     * The same, with builds of indexes over their columns alone.
     *
     * @param keys of the statements that {@link KeysChoice} names
     */
    public static Estimate estimate(
            Question question,
            List<Rung> rungs,
            @Nullable ShrunkLadder shrunk,
            KeysAlone keys,
            @Nullable String obstacle,
            @Nullable Machines machines) {
        return new Estimator(question, rungs, shrunk, keys).estimate(obstacle, machines);
    }

    private Estimate estimate(@Nullable String obstacle, @Nullable Machines machines) {
        List<String> obstacles = new ArrayList<>();
        if (obstacle != null) {
            obstacles.add(obstacle);
        }
        if (rungs.isEmpty()) {
            if (obstacle == null) {
                obstacles.add("No rung was measured.");
            }
            return answer(List.of(), Total.none(obstacles), "nowhere", Space.NONE);
        }
        Rung.Run last = rungs.get(rungs.size() - 1).runs().get(0);
        Recording top = last.recording();
        Ground ground = Ground.of(top, last.facts());
        List<StatementEstimate> statements = statements(top).stream()
                .map(statement -> estimate(statement, top, ground))
                .toList();
        Space space = Space.of(statements, ground.facts().settings().getOrDefault("max_wal_size", Double.NaN));
        Set<String> untouched = untouched(top);
        Total here = obstacles.isEmpty() ? total(statements, null, untouched) : Total.none(obstacles);
        Map<String, String> settings = DecidingSettings.of(top);
        if (machines == null) {
            return answer(statements, here, machine(top), space).with(settings);
        }
        OtherMachine other = MachineScale.of(
                machines,
                statements,
                here,
                rungs.get(rungs.size() - 1),
                shrunk == null ? null : largest(shrunk.rungs()));
        Total there = obstacles.isEmpty() ? total(statements, other, untouched) : here;
        return answer(statements, there, machine(top), space).with(settings).with(other);
    }

    private static @Nullable Rung largest(List<Rung> rungs) {
        return rungs.isEmpty() ? null : rungs.get(rungs.size() - 1);
    }

    private StatementEstimate estimate(Statement statement, Recording top, Ground ground) {
        List<StatementEstimator.Runs> plain = series(statement, rungs);
        StatementEstimate estimate = estimator(statement, top, ground, plain).estimate(question.past());
        if (estimate.known() || shrunk == null || !shrunk.statements().contains(statement.index())) {
            return estimate;
        }
        List<StatementEstimator.Runs> similar = series(statement, shrunk.rungs());
        String why = shrunk.obstacle();
        if (why != null || similar.size() < Extrapolation.LEAST_RUNGS) {
            return why == null ? estimate : estimate.unknownToo(why);
        }
        if (!didTheSame(statement, estimate.operation(), shrunk.rungs())) {
            return estimate.unknownToo("With settings shrunk in proportion it did something else.");
        }
        return estimator(statement, top, ground, similar).estimate(question.past(), plain, shrunk.settings());
    }

    private static boolean didTheSame(Statement statement, Operation operation, List<Rung> rungs) {
        Recording top = rungs.get(rungs.size() - 1).runs().get(0).recording();
        return statements(top).stream()
                .filter(other -> other.index() == statement.index())
                .allMatch(other -> Recognition.of(other, top) == operation);
    }

    private StatementEstimator estimator(
            Statement statement, Recording top, Ground ground, List<StatementEstimator.Runs> series) {
        return new StatementEstimator(statement, top, ground, target, series, built(statement, ground), keys);
    }

    /** A target that nobody touches is a mistake: then the rest of the figures is that of another question. */
    private Total total(List<StatementEstimate> statements, @Nullable OtherMachine other, Set<String> untouched) {
        boolean seen = statements.stream().noneMatch(statement -> statement.operation() == Operation.UNSEEN);
        List<String> told = untouched.stream()
                .filter(table -> seen)
                .map(table -> "No statement of the migration touched " + table + ": its size decides nothing.")
                .toList();
        return !told.isEmpty() && untouched.equals(question.named())
                ? Total.none(told)
                : Total.of(statements, other, question.pauses(), told, question.window());
    }

    /** What makes durations doubtful; of several like doubts that of the largest rung, where it counts most. */
    private Collection<String> doubtsOfDurations() {
        Map<String, String> texts = new LinkedHashMap<>();
        rungs.stream()
                .flatMap(rung -> rung.runs().stream())
                .flatMap(run -> run.recording().doubts().stream())
                .filter(doubt -> DOUBTS_OF_DURATIONS.contains(doubt.id()))
                .forEach(doubt -> texts.put(doubt.id(), doubt.text()));
        return texts.values();
    }

    private Estimate answer(List<StatementEstimate> statements, Total total, String machine, Space space) {
        Duration window = question.window();
        List<String> reasons = new ArrayList<>(total.reasons());
        reasons.addAll(LadderInWords.told(rungs));
        reasons.addAll(question.past().told());
        reasons.addAll(doubtsOfDurations());
        return new Estimate(
                question.scenario(),
                question.variant(),
                target,
                rungs.stream().map(Rung::rows).toList(),
                statements,
                total.central(),
                total.upper(),
                window == null ? null : window.toMillis() / 1e3,
                total.answer(),
                reasons,
                machine,
                space);
    }

    /** Where a recording was made, in words: what {@link Estimate#machine} says of the top rung. */
    public static String machine(Recording recording) {
        Recording.ServerFacts server = recording.server();
        String words = Figures.count(recording.host().cpus(), "processor", "processors") + ", "
                + Figures.bytes((double) recording.host().memoryBytes()) + " of memory, "
                + recording.host().os();
        return server == null ? words : "PostgreSQL " + server.version() + " (" + server.kind() + ") on " + words;
    }

    /** How long a statement took without its waits for locks, in seconds; NaN when those were not measured. */
    public static double seconds(Statement run) {
        return StatementEstimator.seconds(run);
    }

    /** The statements that did the work: of several tries the one that went through. */
    public static List<Statement> statements(Recording recording) {
        Recording.MigrationFacts migration = recording.migration();
        return migration == null
                ? List.of()
                : migration.statements().stream()
                        .filter(statement -> statement.outcome().equals("ok"))
                        .toList();
    }

    /** Tables that somebody named and no statement touched. */
    private Set<String> untouched(Recording top) {
        Set<String> untouched = new LinkedHashSet<>(question.named());
        statements(top).forEach(statement -> untouched.removeAll(Recognition.touched(statement)));
        return untouched;
    }

    /** Of one statement at each rung, its runs; a rung where it was not run is left out. */
    private static List<StatementEstimator.Runs> series(Statement statement, List<Rung> rungs) {
        List<StatementEstimator.Runs> series = new ArrayList<>();
        for (Rung rung : rungs) {
            List<Statement> runs = rung.runs().stream()
                    .flatMap(run -> statements(run.recording()).stream())
                    .filter(other -> other.index() == statement.index())
                    .toList();
            if (!runs.isEmpty()) {
                series.add(new StatementEstimator.Runs(rung.rows(), runs));
            }
        }
        return series;
    }

    /** The bytes of the indexes that the migration made on the statement's table, at each rung. */
    private ToDoubleFunction<Map<String, Long>> built(Statement statement, Ground ground) {
        Set<String> touched = Recognition.touched(statement);
        return rows -> rungs.stream()
                .filter(rung -> rung.rows().equals(rows))
                .flatMap(rung -> rung.runs().stream().limit(1))
                .flatMap(run -> run.facts().indexes().stream())
                .filter(index -> ground.made().contains(index.name()) && touched.contains(index.table()))
                .mapToDouble(IndexWidth::sizeBytes)
                .sum();
    }
}
