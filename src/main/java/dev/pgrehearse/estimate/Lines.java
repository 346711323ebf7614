package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Which limits break when something is held, or all of it lasts, for longer: those for which that follows from the time alone,
 * and those that nothing breaks below a time. Pure.
 */
final class Lines {
    /** A p99 leaves out that share of the requests of its phase. */
    private static final double LEFT_OUT = 0.01;

    private final LoadedRung loaded;
    private final Recording recording;
    private final Limits limits;
    private final Durations durations;
    private final List<Line> lines = new ArrayList<>();
    /** How many times as long all statements together worked under load as the quiet runs say. */
    private final double factor;

    private Lines(LoadedRung loaded, Limits limits, Durations durations) {
        this.loaded = loaded;
        this.recording = loaded.recording();
        this.limits = limits;
        this.durations = durations;
        this.factor = durations
                .at(durations.top(), 1, Integer.MAX_VALUE)
                .map(quiet -> Hold.factor(worked(), quiet.central()))
                .orElse(1.0);
    }

    static List<Line> of(LoadedRung loaded, List<Hold> holds, Limits limits, Durations durations) {
        Lines found = new Lines(loaded, limits, durations);
        holds.forEach(found::add);
        found.lines.add(new Line(
                "duration",
                allowed("duration", limits.duration()),
                seconds(limits.duration()),
                true,
                null,
                share -> found.all(share).map(span -> span.plus(found.besides()))));
        return found.lines;
    }

    private static String allowed(String limit, Duration duration) {
        return "longer than limits." + limit + " (" + Figures.duration(duration.toNanos() / 1e6) + ") allows";
    }

    private void add(Hold hold) {
        boolean met = !hold.standstill().met().isEmpty();
        boolean rows = hold.standstill().rows();
        lines.add(new Line(
                "longestStall",
                allowed("longestStall", limits.longestStall()),
                seconds(limits.longestStall()),
                // Rows that nobody waited for yet may be waited for until they are given back, and no longer.
                met || !rows,
                hold,
                share -> hold.withWait(durations, share)));
        if (!rows) {
            lines.add(new Line(
                    "lockHeld",
                    allowed("lockHeld", limits.lockHeld()),
                    seconds(limits.lockHeld()),
                    true,
                    hold,
                    share -> hold.at(durations, share)));
        }
        if (met || !hold.standstill().couldMeet().isEmpty()) {
            pool(hold);
            response(hold);
            lines.add(new Line(
                    "errorRate",
                    "longer than the " + Figures.duration(seconds(loaded.patience()) * 1e3)
                            + " after which requests fail (limits.errorRate)",
                    seconds(loaded.patience()),
                    false,
                    hold,
                    share -> hold.withWait(durations, share)));
        }
    }

    /** A pool fills in the same time at any size, as the load is the same: after that it is exhausted until the release. */
    private void pool(Hold hold) {
        OptionalDouble filled = filledAfter(hold);
        boolean never = recording.pools().stream().allMatch(pool -> pool.firstExhaustedMs() == null);
        double least = filled.orElse(never ? hold.waitedSeconds() + hold.heldSeconds() : 0);
        lines.add(new Line(
                "poolExhausted",
                "so long that a pool is empty for " + allowed("poolExhausted", limits.poolExhausted())
                        + (filled.isPresent()
                                ? " (under load the first was empty after " + Figures.duration(least * 1e3) + ")"
                                : ""),
                seconds(limits.poolExhausted()) + least,
                filled.isPresent() && !hold.standstill().rows(),
                hold,
                share -> hold.withWait(durations, share)));
    }

    /** Seconds from the statement's begin until the first pool had nothing left; empty when that was not in its time. */
    private OptionalDouble filledAfter(Hold hold) {
        double from = hold.standstill().fromMs();
        double until = from + hold.standstill().waitedMs() + hold.standstill().heldMs();
        return recording.pools().stream()
                .map(PoolFacts::firstExhaustedMs)
                .filter(first -> first != null && first >= from && first <= until)
                .mapToDouble(first -> (first - from) / 1e3)
                .min();
    }

    /**
     * Whoever comes while a table is locked waits until its release: of all requests of a phase that lasts D the hundredth part
     * that waits longest waits for longer than the lock is held less D / 100. Rows are not wanted by every request.
     */
    private void response(Hold hold) {
        for (OperationFacts operation : Traffic.operations(recording)) {
            Double allowed = Traffic.allowedP99Ms(operation, limits);
            boolean met = hold.standstill().met().contains(operation.name());
            if (allowed == null
                    || allowed.isNaN()
                    || !(met || hold.standstill().couldMeet().contains(operation.name()))) {
                continue;
            }
            // Who gives up before the limit is not slow, but counts as failed.
            boolean certain = met && !hold.standstill().rows() && allowed / 1e3 < seconds(loaded.patience());
            lines.add(new Line(
                    "response",
                    "so long that p99 of " + operation.name() + " is longer than limits.response ("
                            + Figures.duration(allowed) + ") allows",
                    allowed / 1e3,
                    certain,
                    hold,
                    share -> hold.withWait(durations, share)
                            .flatMap(held -> all(share).map(all -> certain ? slowest(held, all) : held))));
        }
    }

    private static Span slowest(Span held, Span all) {
        return new Span(held.lower() - LEFT_OUT * all.upper(), held.central() - LEFT_OUT * all.central(), held.upper());
    }

    /** Seconds that all statements work together at a size, under load; empty where that is not known. */
    private Optional<Span> all(double share) {
        return durations.at(share, 1, Integer.MAX_VALUE).map(span -> span.stretched(factor));
    }

    /** Seconds that the migration took under load beside the work of its statements: waits, tries that failed, pauses. */
    private double besides() {
        MigrationFacts migration = recording.migration();
        return migration == null ? 0 : Math.max(0, migration.durationMs() / 1e3 - worked());
    }

    private double worked() {
        return Estimator.statements(recording).stream()
                .mapToDouble(StatementEstimator::seconds)
                .sum();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
