package dev.pgrehearse.dataset;

import dev.pgrehearse.scenario.SqlLexer;
import dev.pgrehearse.scenario.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an expression as {@code pg_get_expr} prints it: comparisons of columns, functions and constants, with NOT, AND
 * and OR. Not thread-safe.
 *
 * <p>The grammar is small, since PostgreSQL's deparser puts every operator in parentheses.
 */
final class CheckParser {
    /** What was read, as a tree. */
    sealed interface Node {}

    /** A column, or {@code value} of a domain. */
    record Column(String name) implements Node {}

    /** A constant in text form; null for NULL. */
    record Constant(@Nullable String value) implements Node {}

    /** {@code ARRAY[…]} or a list. */
    record Values(List<Node> elements) implements Node {}

    record Call(String function, List<Node> arguments) implements Node {}

    /** A comparison; {@code = ANY} for a list. */
    record Comparison(String operator, Node left, Node right) implements Node {}

    record IsNull(Node operand, boolean not) implements Node {}

    record Not(Node operand) implements Node {}

    record And(List<Node> operands) implements Node {}

    record Or(List<Node> operands) implements Node {}

    /** Something that this grammar does not have. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable(String message) {
            super(message);
        }
    }

    /** Words that stand for a value without parentheses. */
    private static final Set<String> NO_COLUMNS = Set.of(
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "current_user",
            "session_user",
            "current_role",
            "current_schema",
            "current_catalog",
            "user",
            "case");

    private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", "<=", ">", ">=");

    private final String text;
    private final List<SqlToken> tokens = new ArrayList<>();
    private int next;

    private CheckParser(String text) {
        this.text = text;
        SqlLexer lexer = new SqlLexer(text);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            if (!token.isBlank()) {
                tokens.add(token);
            }
        }
    }

    static Node parse(String expression) throws Unreadable {
        CheckParser parser = new CheckParser(expression);
        Node node = parser.or();
        if (parser.next < parser.tokens.size()) {
            throw new Unreadable("'" + parser.peek() + "' behind the expression");
        }
        return node;
    }

    /** The constants of a list in parentheses, as {@code FOR VALUES IN} has one: {@code ('a', NULL)}. */
    static List<Node> list(String parenthesised) throws Unreadable {
        CheckParser parser = new CheckParser(parenthesised);
        parser.expect("(");
        return parser.elements(")");
    }

    private Node or() throws Unreadable {
        List<Node> operands = new ArrayList<>(List.of(and()));
        while (takeWord("or")) {
            operands.add(and());
        }
        return operands.size() == 1 ? operands.get(0) : new Or(operands);
    }

    private Node and() throws Unreadable {
        List<Node> operands = new ArrayList<>(List.of(not()));
        while (takeWord("and")) {
            operands.add(not());
        }
        return operands.size() == 1 ? operands.get(0) : new And(operands);
    }

    private Node not() throws Unreadable {
        return takeWord("not") ? new Not(not()) : comparison();
    }

    private Node comparison() throws Unreadable {
        Node left = operand();
        while (true) {
            if (takeWord("is")) {
                boolean not = takeWord("not");
                if (takeWord("null")) {
                    left = new IsNull(left, not);
                } else if (takeWord("true")) {
                    left = not ? new Not(left) : left;
                } else {
                    throw new Unreadable("IS " + peek());
                }
            } else if (COMPARISONS.contains(peek())) {
                String operator = take();
                if (takeWord("any")) {
                    expect("(");
                    Node values = or();
                    expect(")");
                    left = new Comparison(operator + " ANY", left, values);
                } else {
                    left = new Comparison(operator, left, operand());
                }
            } else if (isOperator()) {
                // Nothing is made of it, but what stands beside it can be read.
                left = new Call(take(), List.of(left, operand()));
            } else {
                return left;
            }
        }
    }

    private boolean isOperator() {
        return next < tokens.size()
                && tokens.get(next).kind() == SqlToken.Kind.OTHER
                && "~!@#^&|`?+-*/%<>=".indexOf(peek().charAt(0)) >= 0;
    }

    private Node operand() throws Unreadable {
        Node node = primary();
        while (peek().equals("::")) {
            take();
            node = cast(node, type());
        }
        return node;
    }

    private Node primary() throws Unreadable {
        if (next >= tokens.size()) {
            throw new Unreadable("the end of the expression");
        }
        SqlToken token = tokens.get(next++);
        String here = token.of(text);
        switch (token.kind()) {
            case OPEN_PARENTHESIS -> {
                Node inner = or();
                expect(")");
                return inner;
            }
            case STRING -> {
                return new Constant(string(here));
            }
            case QUOTED_IDENTIFIER -> {
                return new Column(here.substring(1, here.length() - 1).replace("\"\"", "\""));
            }
            case WORD -> {
                return word(here.toLowerCase(Locale.ROOT));
            }
            default -> {
                if (here.equals("-") && next < tokens.size() && isNumber(peek())) {
                    return new Constant("-" + take());
                }
                if (isNumber(here)) {
                    return new Constant(here);
                }
                throw new Unreadable("'" + here + "'");
            }
        }
    }

    private Node word(String word) throws Unreadable {
        if (word.equals("null")) {
            return new Constant(null);
        }
        if (word.equals("true") || word.equals("false")) {
            return new Constant(word);
        }
        if (word.equals("array") && peek().equals("[")) {
            take();
            return new Values(elements("]"));
        }
        if (peek().equals("(")) {
            take();
            return new Call(word, elements(")"));
        }
        return NO_COLUMNS.contains(word) ? new Call(word, List.of()) : new Column(word);
    }

    private List<Node> elements(String close) throws Unreadable {
        List<Node> elements = new ArrayList<>();
        while (!peek().equals(close)) {
            elements.add(or());
            if (!peek().equals(close)) {
                expect(",");
            }
        }
        take();
        return elements;
    }

    /** The words of a type's name, and its modifiers. */
    private String type() throws Unreadable {
        StringBuilder name = new StringBuilder(take().toLowerCase(Locale.ROOT));
        while (next < tokens.size()) {
            String here = peek().toLowerCase(Locale.ROOT);
            if (Set.of("varying", "precision", "without", "with", "time", "zone", ".")
                            .contains(here)
                    || name.toString().endsWith(".")) {
                name.append(here.equals(".") || name.toString().endsWith(".") ? "" : " ")
                        .append(take());
            } else if (here.equals("(")) {
                while (!take().equals(")")) {
                    if (next >= tokens.size()) {
                        throw new Unreadable("the end of a type");
                    }
                }
            } else if (here.equals("[")) {
                take();
                expect("]");
                name.append("[]");
            } else {
                break;
            }
        }
        return name.toString();
    }

    /** A constant array becomes a list. Casts of anything else change nothing that matters here, but for a few. */
    private static Node cast(Node node, String type) throws Unreadable {
        if (node instanceof Constant constant && type.endsWith("[]") && constant.value() != null) {
            return arrayLiteral(constant.value());
        }
        boolean rounds =
                type.equals("date") || type.equals("integer") || type.equals("bigint") || type.equals("smallint");
        if (rounds && !(node instanceof Constant)) {
            // Of a column it would mean another value.
            return new Call(type, List.of(node));
        }
        return node;
    }

    private static Node arrayLiteral(String literal) throws Unreadable {
        if (!literal.startsWith("{") || literal.indexOf('\\') >= 0 || literal.indexOf('{', 1) >= 0) {
            throw new Unreadable("the array " + literal);
        }
        List<Node> elements = new ArrayList<>();
        StringBuilder element = new StringBuilder();
        boolean quoted = false;
        boolean wasQuoted = false;
        for (int place = 1; place < literal.length(); place++) {
            char here = literal.charAt(place);
            if (here == '"') {
                quoted = !quoted;
                wasQuoted = true;
            } else if (!quoted && (here == ',' || here == '}')) {
                String value = element.toString();
                if (!value.isEmpty() || wasQuoted) {
                    elements.add(new Constant(!wasQuoted && value.equalsIgnoreCase("null") ? null : value));
                }
                element.setLength(0);
                wasQuoted = false;
            } else {
                element.append(here);
            }
        }
        return new Values(elements);
    }

    private static String string(String token) throws Unreadable {
        if (token.charAt(0) == '\'') {
            return token.substring(1, token.length() - 1).replace("''", "'");
        }
        if ((token.charAt(0) == 'E' || token.charAt(0) == 'e')
                && token.replace("\\\\", "").indexOf('\\') < 0) {
            // The deparser writes E only for backslashes, each twice.
            return token.substring(2, token.length() - 1).replace("''", "'").replace("\\\\", "\\");
        }
        throw new Unreadable("the string " + token);
    }

    private static boolean isNumber(String token) {
        return !token.isEmpty() && (Character.isDigit(token.charAt(0)) || token.matches("\\.\\d+"));
    }

    private String peek() {
        return next < tokens.size() ? tokens.get(next).of(text) : "";
    }

    private String take() throws Unreadable {
        if (next >= tokens.size()) {
            throw new Unreadable("the end of the expression");
        }
        return tokens.get(next++).of(text);
    }

    private boolean takeWord(String word) {
        if (next < tokens.size() && tokens.get(next).kind() == SqlToken.Kind.WORD && peek().equalsIgnoreCase(word)) {
            next++;
            return true;
        }
        return false;
    }

    private void expect(String token) throws Unreadable {
        String found = take();
        if (!found.equals(token)) {
            throw new Unreadable("'" + found + "' instead of '" + token + "'");
        }
    }
}
