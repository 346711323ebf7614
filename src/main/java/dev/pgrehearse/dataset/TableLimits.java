package dev.pgrehearse.dataset;

import java.util.List;
import java.util.Map;

/**
 * What the rows of a table must meet. Immutable.
 *
 * @param columns by name; a column without limits is not there
 * @param pairs columns of the same row that are compared with each other
 * @param unread what could not be understood: the server has to be asked whether rows meet it
 */
record TableLimits(Map<String, ColumnLimits> columns, List<Pair> pairs, List<Unread> unread) {
    TableLimits {
        columns = Map.copyOf(columns);
        pairs = List.copyOf(pairs);
        unread = List.copyOf(unread);
    }

    /** {@code lesser <= greater}, or {@code <} when strict. */
    record Pair(String lesser, String greater, boolean strict) {}

    /**
     * A condition that was not understood.
     *
     * @param name of the constraint, or of the partition
     * @param expression of a domain's CHECK, about {@code VALUE}
     */
    record Unread(String name, String expression) {}

    /** Those of a column; none when there are none. */
    ColumnLimits column(String name) {
        return columns.getOrDefault(name, ColumnLimits.NONE);
    }
}
