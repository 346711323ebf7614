package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where something that grows with the size gets longer than a limit. Sizes are shares of the target.
 *
 * @param from the smallest size at which it may be longer, by its upper value; null when there is none within reach
 * @param central from which on it is, by its central value; null when it is not at the end of what is within reach
 * @param to from which on it surely is, by its lower value; null likewise
 * @param reach the largest size of which anything is known
 */
record Crossing(
        @Nullable Double from,
        @Nullable Double central,
        @Nullable Double to,
        double reach) {
    /** The distance of two sizes at which it is looked at, as a factor; in between there is one crossing at most. */
    private static final double STEP = 1.05;

    private static final int HALVINGS = 12;

    /**
     * Looks for it.
     *
     * @param sizes that are looked at, in ascending order
     * @param value in seconds at a size; empty where that is not known: what comes after the first such size is not looked at
     */
    static Crossing of(List<Double> sizes, DoubleFunction<Optional<Span>> value, double limitSeconds) {
        List<Double> known = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        for (double size : sizes) {
            Optional<Span> span = value.apply(size);
            if (span.isEmpty()) {
                if (!known.isEmpty()) {
                    double edge = closestTo(
                            size,
                            known.get(known.size() - 1),
                            each -> value.apply(each).isPresent());
                    value.apply(edge).ifPresent(spans::add);
                    known.add(edge);
                }
                break;
            }
            known.add(size);
            spans.add(span.get());
        }
        if (known.isEmpty()) {
            return new Crossing(null, null, null, 0);
        }
        int first = 0;
        while (first < spans.size() && spans.get(first).upper() <= limitSeconds) {
            first++;
        }
        Double from = between(
                known, first, size -> value.apply(size).map(Span::upper).orElse(Double.MAX_VALUE) > limitSeconds);
        Double central = between(
                known,
                lastBelow(spans.stream().map(Span::central).toList(), limitSeconds) + 1,
                size -> value.apply(size).map(Span::central).orElse(Double.MAX_VALUE) > limitSeconds);
        Double to = between(
                known,
                lastBelow(spans.stream().map(Span::lower).toList(), limitSeconds) + 1,
                size -> value.apply(size).map(Span::lower).orElse(Double.MAX_VALUE) > limitSeconds);
        return new Crossing(from, central, to, known.get(known.size() - 1));
    }

    /** Sizes to look at: from the smallest to the largest, and these besides. */
    static List<Double> sizes(double smallest, double largest, double... besides) {
        TreeSet<Double> sizes = new TreeSet<>();
        for (double size = smallest; size < largest; size *= STEP) {
            sizes.add(size);
        }
        sizes.add(largest);
        for (double size : besides) {
            if (size > smallest && size < largest) {
                sizes.add(size);
            }
        }
        return List.copyOf(sizes);
    }

    /** The last place where it is within the limit; −1 when it never is. */
    private static int lastBelow(List<Double> values, double limit) {
        int last = values.size() - 1;
        while (last >= 0 && values.get(last) > limit) {
            last--;
        }
        return last;
    }

    /**
     * The size between a place and the one before it from which on it is above the limit; the smallest size when it is
     * there already, null when the place is beyond the end.
     */
    private static @Nullable Double between(List<Double> sizes, int place, DoublePredicate above) {
        if (place >= sizes.size()) {
            return null;
        }
        if (place == 0) {
            return sizes.get(0);
        }
        return closestTo(sizes.get(place - 1), sizes.get(place), above);
    }

    /** The size closest to one where something does not hold, on the way to one where it does, and at which it does. */
    private static double closestTo(double size, double other, DoublePredicate holds) {
        double without = size;
        double with = other;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = Math.sqrt(without * with);
            if (holds.test(middle)) {
                with = middle;
            } else {
                without = middle;
            }
        }
        return with;
    }
}
