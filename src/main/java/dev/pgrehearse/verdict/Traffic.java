package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.OperationPhase;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.recording.Recording.Stalls;
import dev.pgrehearse.scenario.Limits;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a recording tells of the workload's requests, asked by rules and reports. Pure. */
public final class Traffic {
    /** The phases in which the migration answers for what happens. */
    public static final List<String> JUDGED = List.of(Phase.MIGRATION, Phase.RECOVERY);

    /** Two spans that end and begin this close to each other are one: phases split a span without a gap. */
    private static final double TOUCHING_MS = 1;

    private Traffic() {}

    /** A stall over several phases: its length, its start, and whether it was still going on at the end. */
    public record Stall(double lengthMs, double startMs, boolean open) {
        static final Stall NONE = new Stall(0, Double.NaN, false);
    }

    /** The operations; none when the load never started. */
    public static List<OperationFacts> operations(Recording recording) {
        return recording.requests() == null ? List.of() : recording.requests().operations();
    }

    /** The phase of that name; null when it never began. */
    public static @Nullable Phase phase(Recording recording, String name) {
        return recording.phases().stream()
                .filter(phase -> phase.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** How many requests ended how, by the phase in which they were offered. */
    public static Map<Outcome, Long> outcomes(Recording recording, List<String> phases) {
        Map<Outcome, Long> sums = new EnumMap<>(Outcome.class);
        for (OperationFacts operation : operations(recording)) {
            for (String phase : phases) {
                operation
                        .outcomesByPhase()
                        .getOrDefault(phase, Map.of())
                        .forEach((outcome, count) -> sums.merge(outcome, count, Long::sum));
            }
        }
        return sums;
    }

    /** How many requests were offered in these phases. */
    public static long offered(Recording recording, List<String> phases) {
        return total(outcomes(recording, phases));
    }

    /** Share of the requests offered in these phases that did not end ok; NaN when none were offered. */
    public static double errorShare(Recording recording, List<String> phases) {
        Map<Outcome, Long> outcomes = outcomes(recording, phases);
        long offered = total(outcomes);
        return offered == 0 ? Double.NaN : (double) (offered - ok(outcomes)) / offered;
    }

    /** How many of an operation's requests were offered in these phases. */
    static long offered(OperationFacts operation, List<String> phases) {
        return phases.stream()
                .mapToLong(phase -> total(operation.outcomesByPhase().getOrDefault(phase, Map.of())))
                .sum();
    }

    /** How many of an operation's requests in these phases did not end ok. */
    static long failed(OperationFacts operation, List<String> phases) {
        return phases.stream().mapToLong(phase -> failed(operation, phase)).sum();
    }

    /** How many of an operation's requests in a phase did not end ok. */
    static long failed(OperationFacts operation, String phase) {
        Map<Outcome, Long> outcomes = operation.outcomesByPhase().getOrDefault(phase, Map.of());
        return total(outcomes) - ok(outcomes);
    }

    /** All outcomes added up. */
    static long total(Map<Outcome, Long> outcomes) {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    private static long ok(Map<Outcome, Long> outcomes) {
        return outcomes.getOrDefault(Outcome.OK, 0L);
    }

    /**
     * The operation's longest stall in these phases. A stall that goes on from one phase into the next is one, even
     * where the recording splits it at the border: two halves within the limit are not a stall within the limit.
     *
     * @return a length of NaN when a phase that had requests has none
     */
    public static Stall longestStall(OperationFacts operation, List<String> phases) {
        Stall longest = Stall.NONE;
        @Nullable Stall previous = null;
        for (String name : phases) {
            OperationPhase phase = operation.phases().get(name);
            if (phase == null) {
                previous = null;
                continue;
            }
            if (Double.isNaN(phase.stallMs())) {
                return new Stall(Double.NaN, Double.NaN, false);
            }
            Stall stall = joined(previous, phase);
            if (stall.lengthMs() > longest.lengthMs()) {
                longest = stall;
            }
            previous = stall;
        }
        return longest;
    }

    /**
     * How often and how long an operation stood still in these phases, as {@link Stalls} counts; null when that is not known of
     * one of them. Two stalls that touch where one phase ends and the next begins count twice.
     */
    static @Nullable Stalls stalls(OperationFacts operation, List<String> phases) {
        Stalls sum = new Stalls(0, 0, 0, false);
        for (String name : phases) {
            OperationPhase phase = operation.phases().get(name);
            if (phase == null) {
                continue;
            }
            Stalls its = phase.stalls();
            if (its == null) {
                return null;
            }
            sum = new Stalls(
                    Math.max(sum.aboveMs(), its.aboveMs()),
                    sum.count() + its.count(),
                    sum.totalMs() + its.totalMs(),
                    sum.open() || its.open());
        }
        return sum;
    }

    /**
     * {@code 5 times for longer than 100 ms, 10.1 s in all}; empty when an operation stood still for so long once at most, since the
     * longest stall says it then, or when it is not known.
     */
    public static String standstills(OperationFacts operation, List<String> phases) {
        Stalls stalls = stalls(operation, phases);
        return stalls == null || stalls.count() <= 1
                ? ""
                : Figures.count(stalls.count()) + " times for longer than " + Figures.duration(stalls.aboveMs()) + ", "
                        + Figures.duration(stalls.totalMs(), stalls.open()) + " in all";
    }

    private static Stall joined(@Nullable Stall previous, OperationPhase phase) {
        Double start = phase.stallStartMs();
        if (start == null) {
            return new Stall(phase.stallMs(), Double.NaN, phase.stallOpen());
        }
        double end = start + phase.stallMs();
        if (previous != null && start <= previous.startMs() + previous.lengthMs() + TOUCHING_MS) {
            double first = Math.min(start, previous.startMs());
            double last = Math.max(end, previous.startMs() + previous.lengthMs());
            return new Stall(last - first, first, phase.stallOpen());
        }
        return new Stall(phase.stallMs(), start, phase.stallOpen());
    }

    /**
     * What p99 of an operation's response time may be, in milliseconds; null when the limits set no bound, NaN when it is a
     * multiple of a baseline that was not measured.
     */
    public static @Nullable Double allowedP99Ms(OperationFacts operation, Limits limits) {
        return ResponseTime.allowedMs(operation, limits.responseOf(operation.name()));
    }

    /** The longest span of the baseline in which any pool was exhausted, in milliseconds. */
    static double baselinePoolExhaustedMs(Recording recording) {
        return recording.pools().stream()
                .mapToDouble(PoolFacts::baselineExhaustedMs)
                .max()
                .orElse(0);
    }
}
