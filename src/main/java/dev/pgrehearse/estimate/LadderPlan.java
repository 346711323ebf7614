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

    /** A rung nearer than that to a cliff may be below it: where exactly a cliff is, nobody computes. */
    private static final double CLEAR = 1.1;

    /** Two rungs nearer to one another than that are one. */
    private static final double APART = 1.05;

    /** After a rung that is not the plan's, one of the plan's own is skipped when it is nearer than that. */
    private static final double SKIPPED = 1.25;

    /** From one rung above a cliff to the next, where the plan's own are too large. */
    private static final List<Double> STEPS = List.of(2.0, 1.5, 1.25);

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
     * A rung that was measured.
     *
     * @param share of the target
     * @param took what it took, the repeats included
     */
    public record Climbed(double share, Duration took) {}

    /**
     * The next rung's share; empty when all are measured, or the next one would not end within the budget. Where the plan's
     * own rungs above a cliff would not, and smaller ones would, those are next; where none would, and settings can be shrunk
     * instead, half of the budget is left for that.
     *
     * @param climbed the smallest first
     * @param ahead cliffs below the target, as far as they are known
     */
    public Optional<Double> next(List<Climbed> climbed, Duration budget, List<CliffAhead> ahead) {
        Duration left = budget.minus(sum(climbed));
        List<Double> own = own(climbed);
        List<Double> shares = climbed.stream().map(Climbed::share).toList();
        boolean second = false;
        for (CliffAhead cliff : ahead) {
            int missing = cliff.missing(shares);
            if (missing > 0) {
                List<Double> above = above(cliff, missing, climbed, own, left);
                if (!above.isEmpty()) {
                    return Optional.of(above.get(0));
                }
                second |= cliff.shrinks();
            }
        }
        Duration room = second ? left.minus(budget.dividedBy(2)) : left;
        return own.stream().findFirst().filter(rung -> fit(List.of(rung), climbed, room));
    }

    /** The plan's rungs that are still to be measured. */
    private List<Double> own(List<Climbed> climbed) {
        double last = last(climbed);
        return shares.stream().filter(share -> share > last * SKIPPED).toList();
    }

    /** The next rungs up to enough of them above a cliff; empty when they do not fit. */
    private List<Double> above(CliffAhead cliff, int missing, List<Climbed> climbed, List<Double> own, Duration left) {
        long below =
                own.stream().filter(share -> share <= cliff.share() * CLEAR).count();
        if (own.size() >= below + missing) {
            List<Double> upTo = own.subList(0, (int) below + missing);
            if (fit(upTo, climbed, left)) {
                return upTo;
            }
        }
        List<Double> most = List.of();
        for (double step : STEPS) {
            List<Double> added = added(cliff, missing, last(climbed), step);
            if (!added.isEmpty() && fit(added, climbed, left)) {
                List<Double> all = withLower(added, own, climbed, left);
                if (climbed.size() + all.size() >= LEAST_RUNGS) {
                    return all;
                }
                most = all.size() > most.size() ? all : most;
            }
        }
        return most;
    }

    /** So many rungs above a cliff, each a step above the one before; empty when there is no room for them. */
    private List<Double> added(CliffAhead cliff, int missing, double last, double step) {
        double largest = shares.get(shares.size() - 1);
        List<Double> added = new ArrayList<>();
        double before = last;
        double next = last > cliff.share() ? last * step : Math.max(cliff.share() * CLEAR, last * APART);
        for (int i = 0; i < missing; i++) {
            double rung = Math.min(largest, next);
            if (rung < before * APART || rung < cliff.share() * CLEAR) {
                return List.of();
            }
            added.add(rung);
            before = rung;
            next = rung * step;
        }
        return added;
    }

    /** With those of the plan's own below them that fit, too, the largest first. */
    private static List<Double> withLower(List<Double> added, List<Double> own, List<Climbed> climbed, Duration left) {
        List<Double> all = new ArrayList<>(added);
        List<Double> lower =
                own.stream().filter(share -> share * SKIPPED < added.get(0)).toList();
        for (int i = lower.size() - 1; i >= 0; i--) {
            all.add(0, lower.get(i));
            if (!fit(all, climbed, left)) {
                all.remove(0);
            }
        }
        return all;
    }

    private static boolean fit(List<Double> rungs, List<Climbed> climbed, Duration left) {
        Duration all = rungs.stream().map(rung -> expected(rung, climbed)).reduce(Duration.ZERO, Duration::plus);
        return all.compareTo(left) <= 0;
    }

    /** What a rung will take, by the last two: so much more for each row more. */
    static Duration expected(double share, List<Climbed> climbed) {
        if (climbed.isEmpty()) {
            return Duration.ZERO;
        }
        Climbed last = climbed.get(climbed.size() - 1);
        Climbed before = climbed.size() > 1
                ? climbed.get(climbed.size() - 2)
                : new Climbed(last.share() / 2, last.took().dividedBy(2));
        double more = Math.max(0, last.took().minus(before.took()).toNanos());
        double steps = (share - last.share()) / (last.share() - before.share());
        return Duration.ofNanos((long) (MARGIN * (last.took().toNanos() + steps * more)));
    }

    /** What the rungs that are left will take, as far as the budget allows them. */
    public Duration left(List<Climbed> climbed, Duration budget, List<CliffAhead> ahead) {
        List<Climbed> all = new ArrayList<>(climbed);
        Optional<Double> next = next(all, budget, ahead);
        while (next.isPresent()) {
            all.add(new Climbed(next.get(), expected(next.get(), all)));
            next = next(all, budget, ahead);
        }
        return sum(all).minus(sum(climbed));
    }

    private static double last(List<Climbed> climbed) {
        return climbed.isEmpty() ? 0 : climbed.get(climbed.size() - 1).share();
    }

    private static Duration sum(List<Climbed> climbed) {
        return climbed.stream().map(Climbed::took).reduce(Duration.ZERO, Duration::plus);
    }
}
