package dev.pgrehearse.dataset;

import dev.pgrehearse.values.ColumnShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What values a column may hold, as far as CHECKs and bounds of partitions say so in words that can be read. Values are
 * in PostgreSQL's text form. Immutable.
 *
 * @param lowest null when there is none
 * @param highest null when there is none
 * @param values the only ones allowed; null when there is no such list
 * @param notNull whether a CHECK or a partition refuses NULL
 * @param shortest least length in characters
 * @param longest greatest length in characters; null when there is none
 */
record ColumnLimits(
        @Nullable End lowest,
        @Nullable End highest,
        @Nullable List<String> values,
        boolean notNull,
        int shortest,
        @Nullable Integer longest) {
    static final ColumnLimits NONE = new ColumnLimits(null, null, null, false, 0, null);

    /**
     * An end of what is allowed.
     *
     * @param included whether the value itself is allowed
     */
    record End(String value, boolean included) {}

    /** For the making of values. */
    ColumnShape.Limits forShape() {
        return new ColumnShape.Limits(
                lowest == null ? null : lowest.value(),
                lowest == null || lowest.included(),
                highest == null ? null : highest.value(),
                highest == null || highest.included(),
                shortest,
                longest);
    }

    /** What both allow. */
    ColumnLimits and(ColumnLimits other, ValueOrder order) {
        List<String> both = values;
        if (other.values != null) {
            List<String> theirs = other.values;
            both = values == null
                    ? theirs
                    : values.stream().filter(theirs::contains).toList();
        }
        return new ColumnLimits(
                stricter(lowest, other.lowest, order, 1),
                stricter(highest, other.highest, order, -1),
                both,
                notNull || other.notNull,
                Math.max(shortest, other.shortest),
                longest == null
                        ? other.longest
                        : other.longest == null ? longest : Integer.valueOf(Math.min(longest, other.longest)));
    }

    private static @Nullable End stricter(@Nullable End one, @Nullable End other, ValueOrder order, int sign) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        int compared = sign * order.compare(one.value(), other.value());
        if (compared == 0) {
            return one.included() ? other : one;
        }
        return compared > 0 ? one : other;
    }

    static ColumnLimits from(String value, boolean included) {
        return new ColumnLimits(new End(value, included), null, null, false, 0, null);
    }

    static ColumnLimits to(String value, boolean included) {
        return new ColumnLimits(null, new End(value, included), null, false, 0, null);
    }

    static ColumnLimits oneOf(List<String> values) {
        return new ColumnLimits(null, null, List.copyOf(values), false, 0, null);
    }

    static ColumnLimits length(int shortest, @Nullable Integer longest) {
        return new ColumnLimits(null, null, null, false, shortest, longest);
    }

    static ColumnLimits required() {
        return new ColumnLimits(null, null, null, true, 0, null);
    }
}
