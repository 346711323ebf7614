package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Literal;
import dev.pgrehearse.profiling.SqlTokens.Kind;
import dev.pgrehearse.profiling.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parts of a schema that hold values somebody wrote: they are needed to build it, so they stay, and people look at
 * them before they give the file away.
 */
final class SchemaLiterals {
    /** What is about numbers and names of the schema alone. */
    private static final Set<String> WITHOUT_VALUES = Set.of("SEQUENCE", "EXTENSION", "SCHEMA");

    /** In the definition of a column: from here on there may be values; before, numbers are lengths of types. */
    private static final Set<String> BEFORE_VALUES = Set.of("DEFAULT", "GENERATED", "CHECK");

    private SchemaLiterals() {}

    /** Those of one statement; of a table each column and constraint is a part of its own. */
    static List<Literal> of(List<Token> statement) {
        List<Token> words = withoutBlanks(statement);
        String text = text(statement);
        String kind = kind(words);
        if (WITHOUT_VALUES.contains(kind)) {
            return List.of();
        }
        String name = name(words, kind);
        if (kind.equals("TABLE") && words.get(0).is("CREATE")) {
            return ofTable(statement, name);
        }
        // The sequence of an identity column has numbers, but nobody's values.
        boolean fromStart = !kind.equals("TABLE") && words.stream().noneMatch(token -> token.is("IDENTITY"));
        return hasValue(words, fromStart) ? List.of(new Literal(what(words, kind, name), text)) : List.of();
    }

    private static List<Literal> ofTable(List<Token> statement, String table) {
        List<Literal> literals = new ArrayList<>();
        for (List<Token> part : parts(statement)) {
            List<Token> words = withoutBlanks(part);
            if (hasValue(words, false)) {
                String what = words.get(0).is("CONSTRAINT")
                        ? "CHECK " + words.get(1).text() + " of " + table
                        : "column " + table + "." + words.get(0).text();
                literals.add(new Literal(what, text(part)));
            }
        }
        return literals;
    }

    /** What is between the commas of the first brackets. */
    private static List<List<Token>> parts(List<Token> words) {
        List<List<Token>> parts = new ArrayList<>();
        List<Token> part = new ArrayList<>();
        int depth = 0;
        for (Token token : words) {
            if (token.is(")") && --depth == 0) {
                break;
            }
            if (depth == 1 && token.is(",")) {
                parts.add(part);
                part = new ArrayList<>();
            } else if (depth > 0) {
                part.add(token);
            }
            if (token.is("(")) {
                depth++;
            }
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }

    /**
     * Whether there is a constant other than the name of a sequence.
     *
     * @param fromStart false for columns and constraints, of which numbers before the first DEFAULT or CHECK are lengths
     */
    private static boolean hasValue(List<Token> words, boolean fromStart) {
        boolean values = fromStart;
        for (int index = 0; index < words.size(); index++) {
            Token token = words.get(index);
            values |= BEFORE_VALUES.contains(token.word()) || token.is("VALUES");
            values &= !token.is("IDENTITY");
            boolean sequence = index > 1 && words.get(index - 2).is("nextval");
            if ((token.isText() && !sequence) || (values && token.kind() == Kind.NUMBER)) {
                return true;
            }
        }
        return false;
    }

    private static String kind(List<Token> words) {
        List<String> skipped =
                List.of("CREATE", "ALTER", "OR", "REPLACE", "UNLOGGED", "MATERIALIZED", "UNIQUE", "ONLY", "CONSTRAINT");
        return words.stream()
                .map(Token::word)
                .filter(word -> !word.isEmpty() && !skipped.contains(word))
                .findFirst()
                .orElse("");
    }

    private static String name(List<Token> words, String kind) {
        int at = 0;
        while (at < words.size() && !words.get(at).word().equals(kind)) {
            at++;
        }
        StringBuilder name = new StringBuilder();
        for (int index = at + 1; index < words.size(); index++) {
            Token token = words.get(index);
            boolean part = token.kind() == Kind.QUOTED_NAME || token.kind() == Kind.WORD;
            if (token.is("ONLY")) {
                continue;
            }
            boolean partIsNext = name.length() == 0 || name.charAt(name.length() - 1) == '.';
            if (partIsNext ? !part : !token.is(".")) {
                break;
            }
            name.append(token.text());
        }
        return name.toString();
    }

    private static String what(List<Token> words, String kind, String name) {
        if (words.get(0).is("ALTER") && kind.equals("TABLE")) {
            for (int index = 0; index < words.size() - 1; index++) {
                if (words.get(index).is("CONSTRAINT")) {
                    return "CHECK " + words.get(index + 1).text() + " of " + name;
                }
                if (words.get(index).is("COLUMN")) {
                    return "column " + name + "." + words.get(index + 1).text();
                }
                if (words.get(index).is("PARTITION")) {
                    return "bounds of partition " + name(words.subList(index, words.size()), "PARTITION") + " of "
                            + name;
                }
            }
        }
        return kind + " " + name;
    }

    private static List<Token> withoutBlanks(List<Token> tokens) {
        return tokens.stream().filter(token -> !token.isBlank()).toList();
    }

    /** The SQL of these parts, without the comments before, in and behind it. */
    static String text(List<Token> tokens) {
        return tokens.stream()
                .map(token -> token.kind() == Kind.COMMENT ? " " : token.text())
                .collect(Collectors.joining())
                .strip();
    }
}
