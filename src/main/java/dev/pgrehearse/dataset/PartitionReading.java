package dev.pgrehearse.dataset;

import dev.pgrehearse.dataset.CheckParser.Column;
import dev.pgrehearse.dataset.CheckParser.Constant;
import dev.pgrehearse.dataset.CheckParser.Node;
import dev.pgrehearse.dataset.CheckParser.Unreadable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the bounds of a partition say of the columns of its key. Of a range of several columns, the values that are
 * equal to a bound of the first one are left out, unless they are all there is.
 */
record PartitionReading(Map<String, ColumnLimits> columns, boolean complete) {
    private static final Pattern KEY = Pattern.compile("(RANGE|LIST|HASH) (\\(.*\\))", Pattern.DOTALL);
    private static final Pattern RANGE = Pattern.compile("FOR VALUES FROM (\\(.*\\)) TO (\\(.*\\))", Pattern.DOTALL);
    private static final Pattern LIST = Pattern.compile("FOR VALUES IN (\\(.*\\))", Pattern.DOTALL);
    private static final PartitionReading UNREAD = new PartitionReading(Map.of(), false);
    private static final Set<String> ENDLESS = Set.of("minvalue", "maxvalue");

    /**
     * Reads them.
     *
     * @param key {@code pg_get_partkeydef} of the partitioned table
     * @param bound {@code pg_get_expr(relpartbound)} of the partition
     */
    static PartitionReading of(String key, String bound) {
        Matcher keyed = KEY.matcher(key);
        if (!keyed.matches()) {
            return UNREAD;
        }
        if (keyed.group(1).equals("HASH")) {
            // Every value may be in it; rows find their way through the partitioned table.
            return new PartitionReading(Map.of(), true);
        }
        try {
            List<Node> columns = CheckParser.list(keyed.group(2));
            Matcher range = RANGE.matcher(bound);
            if (range.matches()) {
                return range(columns, CheckParser.list(range.group(1)), CheckParser.list(range.group(2)));
            }
            Matcher list = LIST.matcher(bound);
            return list.matches() ? list(columns.get(0), CheckParser.list(list.group(1))) : UNREAD;
        } catch (Unreadable expressionInTheKey) {
            return UNREAD;
        }
    }

    private static PartitionReading list(Node key, List<Node> elements) {
        if (!(key instanceof Column column)) {
            return UNREAD;
        }
        List<String> values = new ArrayList<>();
        boolean nullToo = false;
        for (Node element : elements) {
            if (!(element instanceof Constant constant)) {
                return UNREAD;
            }
            if (constant.value() == null) {
                nullToo = true;
            } else {
                values.add(constant.value());
            }
        }
        ColumnLimits listed = ColumnLimits.oneOf(values);
        return new PartitionReading(
                Map.of(column.name(), nullToo ? listed : listed.and(ColumnLimits.required(), ValueOrder.INSTANCE)),
                true);
    }

    private static PartitionReading range(List<Node> key, List<Node> from, List<Node> to) {
        Map<String, ColumnLimits> limits = new LinkedHashMap<>();
        for (Node part : key) {
            if (part instanceof Column column) {
                limits.put(column.name(), ColumnLimits.required());
            } else {
                return UNREAD;
            }
        }
        for (int place = 0; place < key.size(); place++) {
            String column = ((Column) key.get(place)).name();
            String low = value(from.get(place));
            String high = value(to.get(place));
            if (low != null && low.equals(high)) {
                // All rows have this one; the next column tells them from others.
                merge(limits, column, ColumnLimits.oneOf(List.of(low)));
                continue;
            }
            boolean lowIncluded = from.subList(place + 1, from.size()).stream()
                    .allMatch(rest -> rest instanceof Column word && word.name().equals("minvalue"));
            if (low != null) {
                merge(limits, column, ColumnLimits.from(low, lowIncluded));
            }
            if (high != null) {
                merge(limits, column, ColumnLimits.to(high, false));
            }
            break;
        }
        return new PartitionReading(limits, true);
    }

    private static void merge(Map<String, ColumnLimits> limits, String column, ColumnLimits more) {
        limits.merge(column, more, (one, other) -> one.and(other, ValueOrder.INSTANCE));
    }

    /** Null for no bound. */
    private static @Nullable String value(Node bound) {
        if (bound instanceof Column word && ENDLESS.contains(word.name())) {
            return null;
        }
        return bound instanceof Constant constant ? constant.value() : null;
    }
}
