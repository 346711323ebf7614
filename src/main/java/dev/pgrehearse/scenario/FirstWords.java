package dev.pgrehearse.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The words that a statement begins with, after white space and comments. Immutable. */
public final class FirstWords {
    private static final int MOST = 3;

    private final List<String> words;

    private FirstWords(List<String> words) {
        this.words = List.copyOf(words);
    }

    /** Those of one statement; none when it begins with something else, such as a parenthesis. */
    public static FirstWords of(String sql) {
        List<String> words = new ArrayList<>(MOST);
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null && words.size() < MOST; token = lexer.next()) {
            if (token.kind() == SqlToken.Kind.WORD) {
                words.add(token.of(sql).toUpperCase(Locale.ROOT));
            } else if (!token.isBlank()) {
                break;
            }
        }
        return new FirstWords(words);
    }

    /** Whether it begins with one of these, each a word or up to three with a blank between, in upper case. */
    public boolean areOneOf(String... beginnings) {
        return Stream.of(beginnings)
                .map(beginning -> List.of(beginning.split(" ")))
                .anyMatch(this::begin);
    }

    private boolean begin(List<String> beginning) {
        return words.size() >= beginning.size()
                && words.subList(0, beginning.size()).equals(beginning);
    }

    /**
     * Whether it begins, ends or divides a transaction or sets something: it locks no relation, but for what the deferred triggers
     * of a COMMIT lock.
     */
    public boolean lockNothing() {
        return areOneOf(
                "BEGIN",
                "START TRANSACTION",
                "COMMIT",
                "END",
                "ROLLBACK",
                "ABORT",
                "SAVEPOINT",
                "RELEASE",
                "PREPARE TRANSACTION",
                "SET",
                "RESET",
                "SHOW");
    }

    /** Whether it goes back to a savepoint. */
    public boolean rollBackToSavepoint() {
        return areOneOf("ROLLBACK TO", "ROLLBACK WORK TO", "ROLLBACK TRANSACTION TO");
    }
}
