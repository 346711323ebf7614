package dev.pgrehearse.estimate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which rungs are measured: each twice the one before, up from a small one, as far as the budget of wall time goes. Sizes
 * are told as shares of the target, since all tables grow by one factor. Immutable.
 *
 * @param shares the smallest first; the last is the largest rung that may be measured
 */
public record LadderPlan(List<Double> shares) {
    /** With fewer a curve cannot be told from a line, nor from noise. */
    public static final int LEAST_RUNGS = 5;

    /** Smaller ones measure nothing but the constant part, and there is a start of a server in each. */
    private static final double SMALLEST_ROWS = 10_000;

    private static final double FEWEST_ROWS = 1_000;

    private static final int MOST_RUNGS = 12;

    /** What a rung is thought to take at most, by what was measured. */
    private static final double MARGIN = 1.2;

    public LadderPlan {
        shares = List.copyOf(shares);
    }

    /**
     * The plan of a ladder whose largest rung has so many rows.
     *
     * @param targetRows of the table that grows most
     * @param largestRows of the same; not above the target's
     * @return empty when even five rungs would hold next to nothing
     */
    public static Optional<LadderPlan> of(double targetRows, double largestRows) {
        double largest = largestRows / targetRows;
        List<Double> shares = new ArrayList<>();
        for (int halvings = 0; halvings < MOST_RUNGS; halvings++) {
            double rows = largestRows / Math.pow(2, halvings);
            if (rows < (halvings < LEAST_RUNGS ? FEWEST_ROWS : SMALLEST_ROWS)) {
                break;
            }
            shares.add(0, largest / Math.pow(2, halvings));
        }
        return shares.size() < LEAST_RUNGS ? Optional.empty() : Optional.of(new LadderPlan(shares));
    }

    /**
     * The next rung's share; empty when all are measured, or the next one would not end within the budget.
     *
     * @param took what each rung so far took, the repeats included
     */
    public Optional<Double> next(List<Duration> took, Duration budget) {
        if (took.size() >= shares.size() || expected(took).plus(sum(took)).compareTo(budget) > 0) {
            return Optional.empty();
        }
        return Optional.of(shares.get(took.size()));
    }

    /**
     * What the next rung will take, by the last two: twice the rows, so the part that grows doubles at least. The first one is
     * start and checks before all, and a ladder that ends there says nothing, so nothing is thought to grow in it.
     */
    Duration expected(List<Duration> took) {
        if (took.isEmpty()) {
            return Duration.ZERO;
        }
        double last = took.get(took.size() - 1).toNanos();
        double before = took.size() > 1 ? took.get(took.size() - 2).toNanos() : last;
        return Duration.ofNanos((long) (MARGIN * (last + 2 * Math.max(0, last - before))));
    }

    /** What the rungs that are left will take, as far as the budget allows them. */
    public Duration left(List<Duration> took, Duration budget) {
        List<Duration> all = new ArrayList<>(took);
        while (next(all, budget).isPresent()) {
            all.add(all.isEmpty() ? Duration.ZERO : expected(all));
        }
        return sum(all).minus(sum(took));
    }

    private static Duration sum(List<Duration> durations) {
        return durations.stream().reduce(Duration.ZERO, Duration::plus);
    }
}
