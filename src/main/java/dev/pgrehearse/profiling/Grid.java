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
