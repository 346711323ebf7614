package dev.pgrehearse.estimate;

import java.util.Optional;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One of the scenario's limits, with the time that it is held against as a function of the size.
 *
 * @param limit as the scenario's file calls it
 * @param words what breaks it, after "that is": {@code longer than limits.longestStall (1.0 s) allows}
 * @param holdsSeconds the longest time that does not break it
 * @param certain whether a longer time breaks it for certain; otherwise it may
 * @param hold what takes that time; null for the migration as a whole
 * @param seconds at a size, told as a share of the target; empty where it is not known
 */
record Line(
        String limit,
        String words,
        double holdsSeconds,
        boolean certain,
        @Nullable Hold hold,
        DoubleFunction<Optional<Span>> seconds) {
    /** The number of the first statement that it is about. */
    int first() {
        return hold == null ? 1 : hold.first();
    }

    /** The number of the last one. */
    int last() {
        return hold == null ? Integer.MAX_VALUE : hold.last();
    }
}
