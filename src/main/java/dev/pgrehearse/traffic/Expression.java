package dev.pgrehearse.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An expression as the server prints it in a plan: each operator with its operands in parentheses of their own, so that
 * structure is read without knowing precedences. Immutable.
 *
 * @param text the whole condition
 * @param start where this part of it begins
 * @param end where it ends
 * @param parts tokens and what stands in parentheses, in order
 */
record Expression(String text, int start, int end, List<Part> parts) {
    private static final Pattern TOKEN = Pattern.compile("(?<space>\\s+)|(?<string>[Ee]?'(?:[^']|'')*')"
            + "|(?<cast>::(?:\"[^\"]*\"|\\w+)(?:\\.(?:\"[^\"]*\"|\\w+))?(?: varying| precision)?(?:\\([\\d,]+\\))?"
            + "(?: with(?:out)? time zone)?(?:\\[\\])*)|(?<parameter>\\$\\d+)|(?<number>\\d[\\d.eE]*)"
            + "|(?<name>(?:\"(?:[^\"]|\"\")*\"|[\\p{L}_][\\p{L}\\d_$]*)(?:\\.(?:\"(?:[^\"]|\"\")*\"|[\\p{L}_][\\p{L}\\d_$]*|\\*))*)"
            + "|(?<operator>[-+*/<>=~!@#%^&|`?]+)|(?<other>.)");

    enum Kind {
        STRING,
        CAST,
        PARAMETER,
        NUMBER,
        NAME,
        OPERATOR,
        COMMA,
        OTHER,
        /** In parentheses or brackets; {@code text} is the function's name, ARRAY, or empty. */
        GROUP
    }

    /** A token, or what stands in parentheses. */
    record Part(Kind kind, String text, int start, int end, List<Part> inner) {
        int parameter() {
            return Integer.parseInt(text.substring(1));
        }

        boolean isWord(String... words) {
            return kind == Kind.NAME && Set.of(words).contains(text);
        }
    }

    /** Reads a condition. */
    static Expression of(String text) {
        Matcher matcher = TOKEN.matcher(text);
        List<Part> parts = new ArrayList<>();
        read(text, matcher, parts);
        return new Expression(text, 0, text.length(), parts);
    }

    /** Reads to the end of the parentheses; gives where they end. */
    private static int read(String text, Matcher matcher, List<Part> into) {
        while (matcher.find()) {
            String found = matcher.group();
            if (matcher.group("space") != null) {
                continue;
            }
            if (found.equals("(") || found.equals("[")) {
                int start = matcher.start();
                Part before = into.isEmpty() ? null : into.get(into.size() - 1);
                String function = "";
                // A function's parenthesis follows its name at once.
                if (before != null && before.kind() == Kind.NAME && before.end() == start) {
                    function = before.text();
                    start = before.start();
                    into.remove(into.size() - 1);
                }
                List<Part> inner = new ArrayList<>();
                int end = read(text, matcher, inner);
                into.add(new Part(Kind.GROUP, function, start, end, List.copyOf(inner)));
            } else if (found.equals(")") || found.equals("]")) {
                return matcher.end();
            } else {
                into.add(new Part(kind(matcher, found), found, matcher.start(), matcher.end(), List.of()));
            }
        }
        return text.length();
    }

    private static Kind kind(Matcher matcher, String found) {
        if (matcher.group("string") != null) {
            return Kind.STRING;
        }
        if (matcher.group("cast") != null) {
            return Kind.CAST;
        }
        if (matcher.group("parameter") != null) {
            return Kind.PARAMETER;
        }
        if (matcher.group("number") != null) {
            return Kind.NUMBER;
        }
        if (matcher.group("name") != null) {
            return Kind.NAME;
        }
        if (matcher.group("operator") != null) {
            return Kind.OPERATOR;
        }
        return found.equals(",") ? Kind.COMMA : Kind.OTHER;
    }

    /** The same text's part that holds some of its parts. */
    Expression of(List<Part> some) {
        return some.isEmpty()
                ? new Expression(text, start, start, List.of())
                : new Expression(
                        text, some.get(0).start(), some.get(some.size() - 1).end(), some);
    }

    String sql() {
        return text.substring(start, end);
    }

    /** Without casts behind it, and without parentheses around it. */
    Expression bare() {
        List<Part> kept =
                parts.stream().filter(part -> part.kind() != Kind.CAST).toList();
        if (kept.size() == 1
                && kept.get(0).kind() == Kind.GROUP
                && kept.get(0).text().isEmpty()) {
            return of(kept.get(0).inner()).bare();
        }
        return of(kept);
    }

    /** Parted at some words or commas of this level. */
    List<Expression> parted(String... at) {
        List<Expression> terms = new ArrayList<>();
        List<Part> term = new ArrayList<>();
        for (Part part : parts) {
            if (part.isWord(at) || (part.kind() == Kind.COMMA && Set.of(at).contains(","))) {
                terms.add(of(List.copyOf(term)));
                term.clear();
            } else {
                term.add(part);
            }
        }
        terms.add(of(List.copyOf(term)));
        return terms;
    }

    /** The place of the one operator of this level; -1 without one. */
    int operator() {
        for (int i = 1; i < parts.size() - 1; i++) {
            if (parts.get(i).kind() == Kind.OPERATOR) {
                return i;
            }
        }
        return -1;
    }

    /** Parameters in it, in order. */
    List<Integer> parameters() {
        List<Integer> found = new ArrayList<>();
        collect(parts, found);
        return found;
    }

    private static void collect(List<Part> parts, List<Integer> into) {
        for (Part part : parts) {
            if (part.kind() == Kind.PARAMETER) {
                into.add(part.parameter());
            }
            collect(part.inner(), into);
        }
    }

    /** The aliases of a set that its columns have. */
    Set<String> aliases(Set<String> known) {
        Set<String> found = new java.util.LinkedHashSet<>();
        columns(parts, known, found, false);
        return found;
    }

    /** Its columns under aliases of a set, without the alias and quotes. */
    Set<String> columns(Set<String> known) {
        Set<String> found = new java.util.LinkedHashSet<>();
        columns(parts, known, found, true);
        return found;
    }

    private static void columns(List<Part> parts, Set<String> known, Set<String> into, boolean column) {
        for (Part part : parts) {
            int dot = part.text().lastIndexOf('.');
            if (part.kind() == Kind.NAME && dot > 0) {
                String alias = unquoted(part.text().substring(0, dot));
                if (known.contains(alias)) {
                    into.add(column ? unquoted(part.text().substring(dot + 1)) : alias);
                }
            }
            columns(part.inner(), known, into, column);
        }
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
