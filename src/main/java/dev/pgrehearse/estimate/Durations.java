package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How long statements take at any size. Up to the top rung that is what was measured; beyond, each size is a target of its
 * own to the {@link Estimator}, with its own cliffs, and unknown where that says so. Sizes are shares of the target, since
 * all tables grow by one factor. Used by one thread.
 */
final class Durations {
    private static final double QUANTILE = 1.28;

    private final Estimator.Question question;
    private final List<Rung> rungs;
    private final KeysAlone keys;
    private final Estimate estimate;
    private final String largest;
    private final Map<Double, List<StatementEstimate>> beyond = new HashMap<>();

    /**
     * @param rungs at least one
     * @param keys of its statements
     * @param estimate what they say at the target
     */
    Durations(Estimator.Question question, List<Rung> rungs, KeysAlone keys, Estimate estimate) {
        this.question = question;
        this.rungs = List.copyOf(rungs);
        // Those of statements whose estimate is from shrunk settings do not go with these rungs.
        this.keys = keys.without(estimate.statements().stream()
                .filter(statement -> statement.shrunk() != null)
                .map(StatementEstimate::index)
                .collect(Collectors.toSet()));
        this.estimate = estimate;
        this.largest = question.target().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
    }

    /** The table that has most rows at the target. */
    String largestTable() {
        return largest;
    }

    /** Rows of a table at a size. */
    double rows(String table, double share) {
        return share * question.target().getOrDefault(table, 0L);
    }

    double smallest() {
        return share(rungs.get(0));
    }

    double top() {
        return share(rungs.get(rungs.size() - 1));
    }

    /** The largest size of which anything may be said. */
    double farthest() {
        return top() * StatementEstimator.LARGEST_RATIO;
    }

    private double share(Rung rung) {
        return (double) rung.rows().getOrDefault(largest, 1L)
                / question.target().getOrDefault(largest, 1L);
    }

    /** The seconds that statements take together, those from one number to another; empty when one is unknown there. */
    Optional<Span> at(double share, int first, int last) {
        Span sum = Span.NOTHING;
        for (StatementEstimate statement : estimate.statements()) {
            if (statement.index() >= first && statement.index() <= last) {
                Optional<Span> one = share <= top() ? measured(statement, share) : extrapolated(statement, share);
                if (one.isEmpty()) {
                    return Optional.empty();
                }
                sum = sum.plus(one.get());
            }
        }
        return Optional.of(sum);
    }

    /** Why they are unknown there, in whole sentences; empty when they are not. */
    List<String> unknown(double share, int first, int last) {
        List<String> why = new ArrayList<>();
        if (share > top()) {
            for (StatementEstimate statement : at(share)) {
                if (statement.index() >= first && statement.index() <= last) {
                    why.addAll(statement.unknown());
                }
            }
        }
        return why;
    }

    /** The cliff that makes them unknown there, since too few rungs are above it; empty when that has another reason. */
    Optional<Cliff> cliff(double share, int first, int last) {
        return share <= top()
                ? Optional.empty()
                : at(share).stream()
                        .filter(statement -> statement.index() >= first && statement.index() <= last)
                        .flatMap(statement -> statement.cliffs().stream()
                                .filter(cliff -> tooFewAbove(cliff, statement.rungs()))
                                .map(cliff -> Map.entry(cliff.rows() / statement.targetRows(), cliff)))
                        .min(Map.Entry.comparingByKey())
                        .map(Map.Entry::getValue);
    }

    private static boolean tooFewAbove(Cliff cliff, List<Measurement> rungs) {
        return rungs.stream().filter(rung -> rung.rows() > cliff.rows()).count()
                < cliff.kind().rungsAbove();
    }

    /** Between two rungs along a straight line: what curves in between is less than what a rung is apart from the next. */
    private static Optional<Span> measured(StatementEstimate statement, double share) {
        double rows = share * statement.targetRows();
        List<Measurement> ladder = statement.rungs();
        if (ladder.isEmpty()) {
            return Optional.empty();
        }
        Measurement below = ladder.get(0);
        for (Measurement rung : ladder) {
            if (rung.rows() >= rows) {
                double step = rung.rows() - below.rows();
                return Optional.of(
                        step <= 0 || rows <= below.rows()
                                ? span(below)
                                : span(below).towards(span(rung), (rows - below.rows()) / step));
            }
            below = rung;
        }
        return Optional.of(span(below));
    }

    private static Span span(Measurement rung) {
        double central = rung.central();
        double error = QUANTILE * rung.standardError(Quantity.DURATION);
        return new Span(Math.max(0, central - error), central, central + error);
    }

    private Optional<Span> extrapolated(StatementEstimate statement, double share) {
        return at(share).stream()
                .filter(other -> other.index() == statement.index())
                .findFirst()
                .flatMap(other -> Optional.ofNullable(other.duration()))
                .map(duration -> new Span(duration.lower(), duration.central(), duration.upper()));
    }

    private List<StatementEstimate> at(double share) {
        return beyond.computeIfAbsent(share, size -> {
            Map<String, Long> target = new LinkedHashMap<>();
            question.target().forEach((table, rows) -> target.put(table, Math.max(1, (long) (rows * size))));
            return Estimator.estimate(
                            new Estimator.Question(
                                    question.scenario(), question.variant(), target, question.named(), null),
                            rungs,
                            null,
                            keys,
                            null,
                            null)
                    .statements();
        });
    }
}
