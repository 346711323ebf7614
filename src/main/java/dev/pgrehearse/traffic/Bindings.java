package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.traffic.Expression.Kind;
import dev.pgrehearse.traffic.Expression.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a plan's conditions: which column each parameter is compared with, and how a value of that column becomes one of
 * the parameter. {@code placed_at > now() - $1} asks for {@code now() - placed_at} of a row.
 */
final class Bindings {
    private static final Set<String> TEXT_SEARCH =
            Set.of("to_tsquery", "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery");

    private final Set<String> aliases;
    private final List<String> types;
    private final Map<Integer, Binding> found = new LinkedHashMap<>();
    private final Set<String> joins = new LinkedHashSet<>();
    private final Set<String> fixed = new LinkedHashSet<>();

    Bindings(Set<String> aliases, List<String> types) {
        this.aliases = aliases;
        this.types = types;
    }

    /** By parameter. */
    Map<Integer, Binding> found() {
        return found;
    }

    /** Conditions between tables. */
    Set<String> joins() {
        return joins;
    }

    /** Conditions on one table that no parameter is in. */
    Set<String> fixed() {
        return fixed;
    }

    /** Reads one condition. */
    void read(String condition) {
        conjuncts(Expression.of(condition));
    }

    private void conjuncts(Expression expression) {
        Expression bare = expression.bare();
        if (bare.parts().stream().anyMatch(part -> part.isWord("AND"))
                && bare.parts().stream().noneMatch(part -> part.isWord("OR", "CASE", "BETWEEN"))) {
            bare.parted("AND").forEach(this::conjuncts);
            return;
        }
        boolean subplan = bare.sql().contains("SubPlan") || bare.sql().contains("InitPlan");
        if (bare.parameters().isEmpty() && !subplan) {
            int tables = bare.aliases(aliases).size();
            if (tables == 1) {
                fixed.add(bare.sql());
            } else if (tables > 1) {
                joins.add(bare.sql());
            }
        }
        terms(bare);
    }

    /** Any expression with parameters in it. */
    private void terms(Expression expression) {
        if (expression.parameters().isEmpty()) {
            return;
        }
        Expression bare = expression.bare();
        for (String word : List.of("AND", "OR", "WHEN", "THEN", "ELSE", ",")) {
            if (bare.parts().stream()
                    .anyMatch(part -> part.isWord(word) || (word.equals(",") && part.kind() == Kind.COMMA))) {
                bare.parted(word).forEach(this::terms);
                return;
            }
        }
        int operator = bare.operator();
        int distinct = distinct(bare);
        if (operator < 0 && distinct < 0) {
            bare.parts().stream().filter(part -> part.kind() == Kind.GROUP).forEach(part -> function(bare, part));
            return;
        }
        int end = operator < 0 ? distinct : operator;
        Expression left = bare.of(bare.parts().subList(0, end));
        Expression right = bare.of(bare.parts()
                .subList(
                        operator < 0 ? distinct + 3 : operator + 1, bare.parts().size()));
        compared(left, operator < 0 ? "=" : bare.parts().get(operator).text(), right);
    }

    /** {@code a IS DISTINCT FROM b}. */
    private static int distinct(Expression expression) {
        List<Part> parts = expression.parts();
        for (int i = 0; i + 2 < parts.size(); i++) {
            if (parts.get(i).isWord("IS")
                    && parts.get(i + 1).isWord("DISTINCT")
                    && parts.get(i + 2).isWord("FROM")) {
                return i;
            }
        }
        return -1;
    }

    /** A function, or a row, of which some arguments are parameters and another one is a column. */
    private void function(Expression whole, Part group) {
        List<Expression> arguments = whole.of(group.inner()).parted(",");
        Expression column = arguments.stream()
                .filter(argument -> argument.parameters().isEmpty()
                        && !argument.aliases(aliases).isEmpty())
                .findFirst()
                .orElse(null);
        boolean sameType = Set.of("COALESCE", "NULLIF", "GREATEST", "LEAST", "similarity", "word_similarity")
                .contains(group.text());
        for (Expression argument : arguments) {
            if (sameType && column != null && argument.bare().parts().size() == 1) {
                argument.parameters().forEach(parameter -> bind(parameter, "=", column.sql(), column, 0));
            } else {
                terms(argument);
            }
        }
    }

    private void compared(Expression left, String operator, Expression right) {
        boolean leftColumn = !left.aliases(aliases).isEmpty();
        boolean rightColumn = !right.aliases(aliases).isEmpty();
        if (leftColumn && !rightColumn && !right.parameters().isEmpty()) {
            terms(left);
            invert(resolved(left), operator, right, left, 0);
        } else if (rightColumn && !leftColumn && !left.parameters().isEmpty()) {
            terms(right);
            invert(resolved(right), turned(operator), left, right, 0);
        } else {
            terms(left);
            terms(right);
        }
    }

    private static String turned(String operator) {
        return switch (operator) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            case "@>" -> "<@";
            case "<@" -> "@>";
            default -> operator;
        };
    }

    /** The same with what its own parameters are bound to in their place. */
    private String resolved(Expression expression) {
        return "(" + replaced(expression.sql(), expression.parameters()) + ")";
    }

    private String replaced(String sql, List<Integer> parameters) {
        String text = sql;
        for (int parameter : parameters) {
            Binding binding = found.get(parameter);
            String value = binding == null
                    ? Quoted.literal(PlainValues.of(type(parameter))) + "::" + type(parameter)
                    : "(" + binding.sql() + ")::" + type(parameter);
            text = text.replaceAll("\\$" + parameter + "(?!\\d)", java.util.regex.Matcher.quoteReplacement(value));
        }
        return text;
    }

    private String type(int parameter) {
        return parameter <= types.size() ? types.get(parameter - 1) : "text";
    }

    /** Binds the parameters of one side of a comparison, so that the side has the column's value. */
    private void invert(String value, String operator, Expression side, Expression column, int element) {
        Expression bare = side.bare();
        List<Part> parts = bare.parts();
        if (parts.size() == 1 && parts.get(0).kind() == Kind.PARAMETER) {
            bind(parts.get(0).parameter(), operator, value, column, element);
        } else if (parts.size() == 2 && parts.get(0).isWord("ANY", "ALL")) {
            anyOf(value, operator, bare.of(parts.subList(1, 2)).bare(), column);
        } else if (parts.size() == 1 && parts.get(0).kind() == Kind.GROUP) {
            List<Expression> arguments = bare.of(parts.get(0).inner()).parted(",");
            String function = parts.get(0).text();
            if (arguments.size() == 1) {
                invert(value, operator, arguments.get(0), column, element);
            } else if (TEXT_SEARCH.contains(function)) {
                invert(value, "@@", arguments.get(arguments.size() - 1), column, element);
            } else if (function.equalsIgnoreCase("COALESCE")) {
                arguments.forEach(argument -> invert(value, operator, argument, column, element));
            }
        } else if (bare.operator() > 0) {
            arithmetic(value, operator, bare, column, element);
        }
    }

    private void anyOf(String value, String operator, Expression array, Expression column) {
        List<Part> parts = array.parts();
        if (parts.size() == 1 && parts.get(0).kind() == Kind.PARAMETER) {
            // An array of one value; how many an application passes is not in the view.
            int parameter = parts.get(0).parameter();
            bind(parameter, "ARRAY", value, column, 0);
        } else if (parts.size() == 1 && parts.get(0).kind() == Kind.GROUP) {
            int element = 0;
            for (Expression each : array.of(parts.get(0).inner()).parted(",")) {
                invert(value, operator, each, column, element++);
            }
        }
    }

    private void arithmetic(String value, String operator, Expression bare, Expression column, int element) {
        int at = bare.operator();
        Expression left = bare.of(bare.parts().subList(0, at));
        Expression right = bare.of(bare.parts().subList(at + 1, bare.parts().size()));
        boolean first = !left.parameters().isEmpty();
        // With parameters on both sides, those of the right one are taken as something small.
        Expression free = first ? left : right;
        Expression other = first ? right : left;
        String known = "(" + replaced(other.sql(), other.parameters()) + ")";
        String symbol = bare.parts().get(at).text();
        String needed = switch (symbol) {
            case "+" -> value + " - " + known;
            case "-" -> first ? value + " + " + known : known + " - " + value;
            case "*" -> value + " / " + known;
            case "/" -> first ? value + " * " + known : known + " / " + value;
            case "||" -> value;
            default -> "";
        };
        if (!needed.isEmpty()) {
            invert(
                    "(" + needed + ")",
                    symbol.equals("||") && operator.startsWith("~~") ? "||" : operator,
                    free,
                    column,
                    element);
        }
    }

    private void bind(int parameter, String operator, String value, Expression column, int element) {
        Set<String> tables = column.aliases(aliases);
        if (tables.isEmpty() || found.containsKey(parameter)) {
            return;
        }
        Set<String> columns = column.columns(aliases);
        Binding.Use use = switch (operator) {
            case ">", ">=" -> Binding.Use.FROM;
            case "<", "<=" -> Binding.Use.TO;
            default -> Binding.Use.COMPARED;
        };
        found.put(
                parameter,
                new Binding(
                        parameter,
                        ComparedValues.sql(operator, value, type(parameter)),
                        tables.iterator().next(),
                        columns.isEmpty() ? null : new ArrayList<>(columns).get(0),
                        use,
                        element));
    }
}
