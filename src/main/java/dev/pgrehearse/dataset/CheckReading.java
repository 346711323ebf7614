package dev.pgrehearse.dataset;

import dev.pgrehearse.dataset.CheckParser.And;
import dev.pgrehearse.dataset.CheckParser.Call;
import dev.pgrehearse.dataset.CheckParser.Column;
import dev.pgrehearse.dataset.CheckParser.Comparison;
import dev.pgrehearse.dataset.CheckParser.Constant;
import dev.pgrehearse.dataset.CheckParser.IsNull;
import dev.pgrehearse.dataset.CheckParser.Node;
import dev.pgrehearse.dataset.CheckParser.Not;
import dev.pgrehearse.dataset.CheckParser.Or;
import dev.pgrehearse.dataset.CheckParser.Unreadable;
import dev.pgrehearse.dataset.CheckParser.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one condition says of columns. Parts of a conjunction that are understood count, also when others are not.
 *
 * @param columns by name; of a domain, {@code value}
 * @param complete whether all of the condition was understood
 */
record CheckReading(Map<String, ColumnLimits> columns, List<TableLimits.Pair> pairs, boolean complete) {
    private static final CheckReading UNREAD = new CheckReading(Map.of(), List.of(), false);
    private static final Set<String> LENGTHS = Set.of("char_length", "character_length", "length");

    static CheckReading of(String expression) {
        try {
            return of(CheckParser.parse(expression));
        } catch (Unreadable beyondTheGrammar) {
            return UNREAD;
        }
    }

    private static CheckReading of(Node node) {
        if (node instanceof And and) {
            CheckReading all = new CheckReading(Map.of(), List.of(), true);
            for (Node operand : and.operands()) {
                all = all.and(of(operand));
            }
            return all;
        }
        if (node instanceof Or or) {
            return either(or.operands());
        }
        if (node instanceof IsNull isNull && isNull.not() && isNull.operand() instanceof Column column) {
            return limit(column, ColumnLimits.required());
        }
        if (node instanceof Column column) {
            return limit(column, ColumnLimits.oneOf(List.of("true")));
        }
        if (node instanceof Not not) {
            return not.operand() instanceof Column column
                    ? limit(column, ColumnLimits.oneOf(List.of("false")))
                    : UNREAD;
        }
        return node instanceof Comparison comparison ? of(comparison) : UNREAD;
    }

    /** {@code c IS NULL OR …} of the same column says no more than the rest, which NULL passes as well; a list is one. */
    private static CheckReading either(List<Node> operands) {
        List<Node> rest = new ArrayList<>();
        String nullable = null;
        for (Node operand : operands) {
            if (operand instanceof IsNull isNull && !isNull.not() && isNull.operand() instanceof Column column) {
                nullable = column.name();
            } else {
                rest.add(operand);
            }
        }
        List<CheckReading> readings = rest.stream().map(CheckReading::of).toList();
        if (readings.size() == 1 && nullable != null) {
            CheckReading only = readings.get(0);
            if (only.compares(nullable)) {
                return only; // which NULL passes as well
            }
            return only.concerns(nullable) && only.columns.values().stream().noneMatch(ColumnLimits::notNull)
                    ? only
                    : UNREAD;
        }
        List<String> values = new ArrayList<>();
        String column = nullable;
        for (CheckReading reading : readings) {
            if (reading.columns.size() != 1 || !reading.complete || !reading.pairs.isEmpty()) {
                return UNREAD;
            }
            Map.Entry<String, ColumnLimits> only =
                    reading.columns.entrySet().iterator().next();
            List<String> listed = only.getValue().values();
            if (listed == null || (column != null && !column.equals(only.getKey()))) {
                return UNREAD;
            }
            column = only.getKey();
            values.addAll(listed);
        }
        return column == null || values.isEmpty() ? UNREAD : limit(new Column(column), ColumnLimits.oneOf(values));
    }

    private boolean compares(String column) {
        return complete
                && columns.isEmpty()
                && pairs.stream()
                        .allMatch(pair ->
                                pair.lesser().equals(column) || pair.greater().equals(column));
    }

    private boolean concerns(String column) {
        return complete && pairs.isEmpty() && columns.keySet().equals(Set.of(column));
    }

    private static CheckReading of(Comparison comparison) {
        if (comparison.operator().equals("= ANY")) {
            List<String> values = constants(comparison.right());
            return comparison.left() instanceof Column column && values != null
                    ? limit(column, ColumnLimits.oneOf(values))
                    : UNREAD;
        }
        if (comparison.left() instanceof Constant bound) {
            Node operand = comparison.right();
            return operand instanceof Constant
                    ? UNREAD
                    : of(new Comparison(mirrored(comparison.operator()), operand, bound));
        }
        if (comparison.left() instanceof Column left && comparison.right() instanceof Column right) {
            return pair(comparison.operator(), left.name(), right.name());
        }
        if (!(comparison.right() instanceof Constant constant) || constant.value() == null) {
            return UNREAD;
        }
        if (comparison.left() instanceof Column column) {
            return compared(column, comparison.operator(), constant.value());
        }
        return comparison.left() instanceof Call call ? length(call, comparison.operator(), constant.value()) : UNREAD;
    }

    private static String mirrored(String operator) {
        return switch (operator) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            default -> operator;
        };
    }

    private static CheckReading pair(String operator, String left, String right) {
        return switch (operator) {
            case "<" -> pairOf(new TableLimits.Pair(left, right, true));
            case "<=" -> pairOf(new TableLimits.Pair(left, right, false));
            case ">" -> pairOf(new TableLimits.Pair(right, left, true));
            case ">=" -> pairOf(new TableLimits.Pair(right, left, false));
            default -> UNREAD;
        };
    }

    private static CheckReading pairOf(TableLimits.Pair pair) {
        return new CheckReading(Map.of(), List.of(pair), true);
    }

    private static CheckReading compared(Column column, String operator, String value) {
        return switch (operator) {
            case "=" -> limit(column, ColumnLimits.oneOf(List.of(value)));
            case "<" -> limit(column, ColumnLimits.to(value, false));
            case "<=" -> limit(column, ColumnLimits.to(value, true));
            case ">" -> limit(column, ColumnLimits.from(value, false));
            case ">=" -> limit(column, ColumnLimits.from(value, true));
            case "<>" -> value.isEmpty() ? limit(column, ColumnLimits.length(1, null)) : UNREAD;
            default -> UNREAD;
        };
    }

    private static CheckReading length(Call call, String operator, String value) {
        boolean trimmed = call.arguments().size() == 1
                && call.arguments().get(0) instanceof Call inner
                && Set.of("btrim", "trim", "ltrim", "rtrim").contains(inner.function())
                && inner.arguments().size() == 1;
        Node argument = trimmed && call.arguments().get(0) instanceof Call inner
                ? inner.arguments().get(0)
                : call.arguments().size() == 1 ? call.arguments().get(0) : call;
        if (!LENGTHS.contains(call.function().toLowerCase(Locale.ROOT))
                || !(argument instanceof Column column)
                || !value.matches("\\d{1,9}")) {
            return UNREAD;
        }
        int length = Integer.parseInt(value);
        // The values made here neither begin nor end with a space.
        return switch (operator) {
            case "=" -> limit(column, ColumnLimits.length(length, length));
            case "<" -> limit(column, ColumnLimits.length(0, length - 1));
            case "<=" -> limit(column, ColumnLimits.length(0, length));
            case ">" -> limit(column, ColumnLimits.length(length + 1, null));
            case ">=" -> limit(column, ColumnLimits.length(length, null));
            default -> UNREAD;
        };
    }

    private static @Nullable List<String> constants(Node node) {
        if (!(node instanceof Values values)) {
            return null;
        }
        List<String> constants = new ArrayList<>();
        for (Node element : values.elements()) {
            if (!(element instanceof Constant constant)) {
                return null;
            }
            if (constant.value() != null) {
                constants.add(constant.value());
            }
        }
        return constants;
    }

    private static CheckReading limit(Column column, ColumnLimits limits) {
        return new CheckReading(Map.of(column.name(), limits), List.of(), true);
    }

    private CheckReading and(CheckReading other) {
        Map<String, ColumnLimits> both = new LinkedHashMap<>(columns);
        other.columns.forEach(
                (column, limits) -> both.merge(column, limits, (one, more) -> one.and(more, ValueOrder.INSTANCE)));
        List<TableLimits.Pair> allPairs = new ArrayList<>(pairs);
        allPairs.addAll(other.pairs);
        return new CheckReading(both, allPairs, complete && other.complete);
    }
}
