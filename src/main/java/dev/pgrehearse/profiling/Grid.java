package dev.pgrehearse.profiling;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A coarse grid over the values of a column, so coarse that no single value can be told from it. What is no point on it
 * ({@code infinity}, {@code NaN}) is part of the type and not of a row, and stays.
 */
interface Grid {
    /** The next point of the grid at or below the value. */
    String down(String value);

    /** The next point at or above. */
    String up(String value);

    /** The point after this one. */
    String next(String point);

    /** Whether the value lies on the axis at all. */
    boolean holds(String value);

    /** The nearest point, at or below or above. */
    String nearest(String value);

    /** The order of two values that lie on the axis. */
    int compare(String left, String right);

    /**
     * Ascending bounds, rounded, of which the first and the last are moved outward to have other values within, too. Without
     * bounds the ends of those values.
     */
    default List<String> around(List<String> bounds, List<String> others) {
        List<String> inOrder = others.stream()
                .filter((Predicate<String>) this::holds)
                .sorted(this::compare)
                .toList();
        if (inOrder.isEmpty()) {
            return outward(bounds);
        }
        String lowest = inOrder.get(0);
        String highest = inOrder.get(inOrder.size() - 1);
        if (bounds.isEmpty()) {
            return outward(List.of(lowest, highest));
        }
        List<String> wider = new ArrayList<>(bounds);
        int last = bounds.size() - 1;
        if (holds(bounds.get(0)) && compare(lowest, bounds.get(0)) < 0) {
            wider.set(0, lowest);
        }
        if (holds(bounds.get(last)) && compare(highest, bounds.get(last)) > 0) {
            wider.set(last, highest);
        }
        return outward(wider);
    }

    /**
     * Ascending bounds, rounded: the first down, the last up, those between to the nearest point. The last is above the
     * first, so that even two equal bounds tell no value.
     */
    default List<String> outward(List<String> bounds) {
        Predicate<String> holds = this::holds;
        List<Integer> at = new ArrayList<>();
        for (int index = 0; index < bounds.size(); index++) {
            if (holds.test(bounds.get(index))) {
                at.add(index);
            }
        }
        List<String> rounded = new ArrayList<>(bounds);
        if (at.isEmpty()) {
            return rounded;
        }
        int first = at.get(0);
        int last = at.get(at.size() - 1);
        at.forEach(index -> rounded.set(index, nearest(bounds.get(index))));
        rounded.set(first, down(bounds.get(first)));
        String top = up(bounds.get(last));
        rounded.set(last, top.equals(rounded.get(first)) ? next(top) : top);
        return rounded;
    }
}
