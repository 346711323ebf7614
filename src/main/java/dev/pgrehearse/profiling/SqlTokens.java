package dev.pgrehearse.profiling;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQL in the parts that PostgreSQL's scanner sees, with {@code standard_conforming_strings} on. Their texts in order are
 * the SQL.
 *
 * <p>Source: PostgreSQL documentation, "Lexical Structure".
 */
final class SqlTokens {
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern LINE_COMMENT = Pattern.compile("--[^\\n\\r]*");
    private static final Pattern PREFIX = Pattern.compile("(?i)(?:[ebxn]|u&)?'");
    private static final Pattern QUOTED = Pattern.compile("(?i)(?:u&)?\"(?:[^\"]|\"\")*\"");
    private static final Pattern DOLLAR =
            Pattern.compile("\\$(?:[A-Za-z_\\x80-\\uffff][A-Za-z0-9_\\x80-\\uffff]*)?\\$");
    private static final Pattern PARAMETER = Pattern.compile("\\$[0-9]+");
    private static final Pattern NUMBER = Pattern.compile(
            "0[xXoObB][0-9A-Fa-f_]+|(?:[0-9][0-9_]*(?:\\.[0-9_]*)?|\\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?");
    private static final Pattern WORD = Pattern.compile("[A-Za-z_\\x80-\\uffff][A-Za-z0-9_$\\x80-\\uffff]*");

    enum Kind {
        SPACE,
        COMMENT,
        STRING,
        DOLLAR_STRING,
        QUOTED_NAME,
        PARAMETER,
        NUMBER,
        WORD,
        SYMBOL
    }

    /** One part. */
    record Token(Kind kind, String text) {
        boolean is(String word) {
            return text.equalsIgnoreCase(word) && (kind == Kind.WORD || kind == Kind.SYMBOL);
        }

        /** Whether PostgreSQL takes no notice of it. */
        boolean isBlank() {
            return kind == Kind.SPACE || kind == Kind.COMMENT;
        }

        boolean isText() {
            return kind == Kind.STRING || kind == Kind.DOLLAR_STRING;
        }

        /** A word in capitals; empty for anything else. */
        String word() {
            return kind == Kind.WORD ? text.toUpperCase(Locale.ROOT) : "";
        }
    }

    private final String sql;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private SqlTokens(String sql) {
        this.sql = sql;
    }

    /** The parts; empty when a string, name or comment does not end. */
    static Optional<List<Token>> of(String sql) {
        SqlTokens tokens = new SqlTokens(sql);
        while (tokens.at < sql.length()) {
            if (!tokens.next()) {
                return Optional.empty();
            }
        }
        return Optional.of(List.copyOf(tokens.tokens));
    }

    private boolean next() {
        if (sql.startsWith("/*", at)) {
            return blockComment();
        }
        if (took(SPACE, Kind.SPACE) || took(LINE_COMMENT, Kind.COMMENT)) {
            return true;
        }
        if (matcher(PREFIX).lookingAt()) {
            return string();
        }
        if (took(QUOTED, Kind.QUOTED_NAME)) {
            return true;
        }
        Matcher dollar = matcher(DOLLAR);
        if (dollar.lookingAt()) {
            int end = sql.indexOf(dollar.group(), dollar.end());
            return end >= 0 && add(Kind.DOLLAR_STRING, end + dollar.group().length());
        }
        if (took(PARAMETER, Kind.PARAMETER) || took(NUMBER, Kind.NUMBER) || took(WORD, Kind.WORD)) {
            return true;
        }
        return sql.charAt(at) != '"' && add(Kind.SYMBOL, at + 1);
    }

    private boolean blockComment() {
        int depth = 0;
        for (int end = at; end < sql.length() - 1; end++) {
            if (sql.startsWith("/*", end)) {
                depth++;
                end++;
            } else if (sql.startsWith("*/", end)) {
                depth--;
                end++;
                if (depth == 0) {
                    return add(Kind.COMMENT, end + 1);
                }
            }
        }
        return false;
    }

    private boolean string() {
        boolean escapes = Character.toLowerCase(sql.charAt(at)) == 'e';
        int end = sql.indexOf('\'', at) + 1;
        while (end < sql.length()) {
            char found = sql.charAt(end);
            if (escapes && found == '\\') {
                end += 2;
            } else if (found != '\'') {
                end++;
            } else if (end + 1 < sql.length() && sql.charAt(end + 1) == '\'') {
                end += 2;
            } else {
                return add(Kind.STRING, end + 1);
            }
        }
        return false;
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(sql).region(at, sql.length());
    }

    private boolean took(Pattern pattern, Kind kind) {
        Matcher matcher = matcher(pattern);
        return matcher.lookingAt() && add(kind, matcher.end());
    }

    private boolean add(Kind kind, int end) {
        if (end > sql.length()) {
            return false;
        }
        tokens.add(new Token(kind, sql.substring(at, end)));
        at = end;
        return true;
    }
}
