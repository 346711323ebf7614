package dev.pgrehearse.migration;

import dev.pgrehearse.scenario.SqlLexer;
import dev.pgrehearse.scenario.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A statement's tokens without blanks, for telling what it is. Immutable.
 *
 * <p>A word is in upper case; anything else (a string, a quoted identifier, a number) is as it stands, so that no quoted
 * name is ever taken for a keyword.
 */
final class StatementWords {
    private final String sql;
    private final List<SqlToken> tokens;
    private final List<String> words;

    private StatementWords(String sql, List<SqlToken> tokens) {
        this.sql = sql;
        this.tokens = List.copyOf(tokens);
        this.words = tokens.stream().map(token -> word(sql, token)).toList();
    }

    static StatementWords of(String sql) {
        SqlLexer lexer = new SqlLexer(sql);
        List<SqlToken> tokens = new ArrayList<>();
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            if (!token.isBlank() && token.kind() != SqlToken.Kind.SEMICOLON) {
                tokens.add(token);
            }
        }
        return new StatementWords(sql, tokens);
    }

    /** The offset of the first token that is no blank; the text's length when there is none. */
    static int start(String sql) {
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            if (!token.isBlank()) {
                return token.start();
            }
        }
        return sql.length();
    }

    /** The word at {@code index} from 0; empty behind the end. */
    String at(int index) {
        return index < words.size() ? words.get(index) : "";
    }

    boolean startsWith(String... expected) {
        return hasAt(0, expected);
    }

    boolean hasAt(int index, String... expected) {
        for (int offset = 0; offset < expected.length; offset++) {
            if (!at(index + offset).equals(expected[offset])) {
                return false;
            }
        }
        return true;
    }

    boolean isOneOf(int index, String... expected) {
        return List.of(expected).contains(at(index));
    }

    /** Whether these words stand side by side anywhere, outside quotes and comments. */
    boolean contain(String... expected) {
        for (int index = 0; index < words.size(); index++) {
            if (hasAt(index, expected)) {
                return true;
            }
        }
        return false;
    }

    /** Whether these words stand side by side anywhere outside parentheses, quotes and comments. */
    boolean containOutsideParentheses(String... expected) {
        int depth = 0;
        for (int index = 0; index < words.size(); index++) {
            SqlToken.Kind kind = tokens.get(index).kind();
            if (kind == SqlToken.Kind.OPEN_PARENTHESIS) {
                depth++;
            } else if (kind == SqlToken.Kind.CLOSE_PARENTHESIS) {
                depth--;
            } else if (depth == 0 && hasAt(index, expected)) {
                return true;
            }
        }
        return false;
    }

    /** The index behind the parentheses that open at {@code index}; {@code index} when none open there. */
    int afterParentheses(int index) {
        if (!at(index).equals("(")) {
            return index;
        }
        int depth = 0;
        for (int here = index; here < words.size(); here++) {
            SqlToken.Kind kind = tokens.get(here).kind();
            if (kind == SqlToken.Kind.OPEN_PARENTHESIS) {
                depth++;
            } else if (kind == SqlToken.Kind.CLOSE_PARENTHESIS) {
                depth--;
                if (depth == 0) {
                    return here + 1;
                }
            }
        }
        return words.size();
    }

    /**
     * The name at {@code index}, schema included, as written with its quotes; empty when there is none, or one with
     * Unicode escapes.
     */
    String nameAt(int index) {
        int last = index;
        if (!isName(last)) {
            return "";
        }
        while (at(last + 1).equals(".") && isName(last + 2)) {
            last += 2;
        }
        StringBuilder name = new StringBuilder();
        for (int part = index; part <= last; part++) {
            name.append(tokens.get(part).of(sql));
        }
        return name.toString();
    }

    /** The index behind the name at {@code index}. */
    int afterName(int index) {
        int last = index;
        while (at(last + 1).equals(".") && isName(last + 2)) {
            last += 2;
        }
        return last + 1;
    }

    private boolean isName(int index) {
        if (index >= tokens.size()) {
            return false;
        }
        SqlToken token = tokens.get(index);
        // U&"…" is a name as well, but not one that to_regclass understands
        return token.kind() == SqlToken.Kind.WORD
                || (token.kind() == SqlToken.Kind.QUOTED_IDENTIFIER && sql.charAt(token.start()) == '"');
    }

    private static String word(String sql, SqlToken token) {
        String text = token.of(sql);
        return token.kind() == SqlToken.Kind.WORD ? text.toUpperCase(Locale.ROOT) : text;
    }
}
