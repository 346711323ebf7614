package dev.pgrehearse.profiling;

import dev.pgrehearse.profiling.SqlTokens.Kind;
import dev.pgrehearse.profiling.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What of a text of {@code pg_stat_statements} may be written: reading and changing of rows, with nothing in it but names
 * and parameters. PostgreSQL puts {@code $1} for constants in most places, but keeps comments, the whole text of utility
 * statements, and now and then (an entry that was thrown out while its statement ran) the constants as well.
 */
final class StatementText {
    private static final Set<String> FIRST_WORDS = Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH");

    /** What looks at the server and not at data: this program, pg_dump, monitoring. */
    private static final Pattern OF_CATALOGUES = Pattern.compile(
            "(?is).*(\\bpg_catalog\\.|\\bpg_stat|\\b(from|join)\\s+\"?pg_\\w|\\binformation_schema\\.).*");

    /** What works on rows, or may, and is never written. BEGIN, SET and the like work on none. */
    private static final Set<String> WORK_UNWRITTEN = Set.of("COPY", "CALL", "DO", "FETCH", "VALUES", "TABLE");

    private static final String LIST = "/*, ... */";

    private static final Set<String> TYPES_WITH_NUMBERS = Set.of(
            "VARCHAR",
            "CHAR",
            "CHARACTER",
            "VARYING",
            "BPCHAR",
            "NUMERIC",
            "DECIMAL",
            "BIT",
            "VARBIT",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMPTZ",
            "TIMETZ",
            "INTERVAL",
            "FLOAT",
            "SECOND",
            "VECTOR",
            "HALFVEC");

    private StatementText() {}

    /** The statement without comments and constants; empty when it may not be written. */
    static Optional<String> of(String text) {
        if (OF_CATALOGUES.matcher(text).matches()) {
            return Optional.empty();
        }
        return SqlTokens.of(text).flatMap(StatementText::of);
    }

    /** Whether it is the application's work on rows, as far as its first word tells, and may not be written. */
    static boolean isWorkUnwritten(String text) {
        if (OF_CATALOGUES.matcher(text).matches() || of(text).isPresent()) {
            return false;
        }
        String word = firstWord(text);
        return text.isBlank() || WORK_UNWRITTEN.contains(word) || FIRST_WORDS.contains(word);
    }

    private static String firstWord(String text) {
        // Texts that end in the middle of a constant have no tokens, but a first word.
        return SqlTokens.of(text)
                .flatMap(tokens -> tokens.stream()
                        .filter(token -> !token.isBlank() && !token.is("("))
                        .findFirst())
                .map(Token::word)
                .orElseGet(() -> text.strip().split("\\W", 2)[0].toUpperCase(Locale.ROOT));
    }

    private static Optional<String> of(List<Token> tokens) {
        List<Token> kept = tokens.stream().filter(token -> !token.isBlank()).toList();
        Optional<Token> first = kept.stream().filter(token -> !token.is("(")).findFirst();
        if (first.isEmpty() || !FIRST_WORDS.contains(first.get().word())) {
            return Optional.empty();
        }
        // With standard_conforming_strings off such a text ends elsewhere, and what we take for names is a part of it.
        if (tokens.stream().anyMatch(token -> token.isText() && token.text().indexOf('\\') >= 0)) {
            return Optional.empty();
        }
        // A second statement, or the middle of one: not what pg_stat_statements means by a statement.
        if (kept.stream().limit(kept.size() - 1L).anyMatch(token -> token.is(";"))) {
            return Optional.empty();
        }
        return Optional.of(written(tokens));
    }

    private static String written(List<Token> tokens) {
        int parameter = tokens.stream()
                .filter(token -> token.kind() == Kind.PARAMETER)
                .mapToInt(token -> Integer.parseInt(token.text().substring(1)))
                .max()
                .orElse(0);
        StringBuilder sql = new StringBuilder();
        List<Token> before = new ArrayList<>();
        for (Token token : tokens) {
            if (token.isBlank()) {
                // Where PostgreSQL 18 has put one constant for a list of them, it says so by a comment.
                sql.append(token.text().equals(LIST) ? LIST : " ");
                continue;
            }
            if (token.isText() || (token.kind() == Kind.NUMBER && !isPartOfTheStatement(before))) {
                sql.append('$').append(++parameter);
                before.add(new Token(Kind.PARAMETER, "$"));
            } else {
                sql.append(token.text());
                before.add(token);
            }
        }
        return sql.toString().replaceAll(" +", " ").replaceAll(" ?;? ?$", "").strip();
    }

    /** {@code ORDER BY 2, 1} and {@code numeric(10, 2)}: numbers that PostgreSQL keeps, since they are no values. */
    private static boolean isPartOfTheStatement(List<Token> before) {
        int at = before.size() - 1;
        while (at > 0
                && (before.get(at).is(",") || before.get(at).is("("))
                && before.get(at - 1).kind() == Kind.NUMBER) {
            at -= 2;
        }
        if (at < 0) {
            return false;
        }
        if (before.get(at).is("BY")) {
            return true;
        }
        return before.get(at).is("(")
                && at > 0
                && TYPES_WITH_NUMBERS.contains(before.get(at - 1).word());
    }
}
