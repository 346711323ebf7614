package dev.pgrehearse.scenario;

/**
 * SQL with what is not code blanked out, character for character, so that the rest can be searched by simple patterns.
 *
 * <p>Source: PostgreSQL documentation, "Lexical Structure": nested comments, {@code E''} with backslashes, dollar
 * quotes; {@code standard_conforming_strings} is taken to be on, as it is by default.
 *
 * @param code comments as spaces, contents of strings and quoted identifiers (and their quotes) as {@link #QUOTED}
 * @param withoutComments comments as spaces
 * @param unclosed what is opened and never closed, such as {@code a string}; empty when all is closed
 */
record SqlText(String code, String withoutComments, String unclosed) {
    /** Stands where quoted text was: no space, no letter, no punctuation that means anything. */
    static final char QUOTED = '\u0001';

    static SqlText of(String sql) {
        return new Scan(sql).run();
    }

    /** Whether there is no statement in it. */
    boolean isEmpty() {
        return code.replace(';', ' ').isBlank();
    }

    /** Whether something stands after a semicolon. */
    boolean hasSeveralStatements() {
        String trimmed = code.strip();
        while (trimmed.endsWith(";")) {
            trimmed = trimmed.substring(0, trimmed.length() - 1).strip();
        }
        return trimmed.indexOf(';') >= 0;
    }

    /** One pass over the text. */
    private static final class Scan {
        private final String sql;
        private final StringBuilder code;
        private final StringBuilder withoutComments;
        private String unclosed = "";
        private int at;

        Scan(String sql) {
            this.sql = sql;
            this.code = new StringBuilder(sql);
            this.withoutComments = new StringBuilder(sql);
        }

        SqlText run() {
            while (at < sql.length()) {
                char character = sql.charAt(at);
                if (sql.startsWith("--", at)) {
                    comment(endOfLine());
                } else if (sql.startsWith("/*", at)) {
                    comment(endOfBlockComment());
                } else if (character == '\'') {
                    quoted(endOfQuote('\'', isEscapeString(), "a string"));
                } else if (character == '"') {
                    quoted(endOfQuote('"', false, "a quoted identifier"));
                } else if (character == '$' && !isInsideName()) {
                    dollar();
                } else {
                    at++;
                }
            }
            return new SqlText(code.toString(), withoutComments.toString(), unclosed);
        }

        private void comment(int end) {
            for (int i = at; i < end; i++) {
                if (!Character.isWhitespace(sql.charAt(i))) {
                    code.setCharAt(i, ' ');
                    withoutComments.setCharAt(i, ' ');
                }
            }
            at = end;
        }

        private void quoted(int end) {
            for (int i = at; i < end; i++) {
                code.setCharAt(i, QUOTED);
            }
            at = end;
        }

        private int endOfLine() {
            int end = sql.indexOf('\n', at);
            return end < 0 ? sql.length() : end;
        }

        private int endOfBlockComment() {
            int depth = 0;
            int i = at;
            while (i < sql.length()) {
                if (sql.startsWith("/*", i)) {
                    depth++;
                    i += 2;
                } else if (sql.startsWith("*/", i)) {
                    depth--;
                    i += 2;
                    if (depth == 0) {
                        return i;
                    }
                } else {
                    i++;
                }
            }
            unclosed = "a comment";
            return sql.length();
        }

        private int endOfQuote(char quote, boolean backslashes, String what) {
            int i = at + 1;
            while (i < sql.length()) {
                char character = sql.charAt(i);
                if (character == '\\' && backslashes) {
                    i += 2;
                } else if (character == quote) {
                    if (i + 1 >= sql.length() || sql.charAt(i + 1) != quote) {
                        return i + 1;
                    }
                    i += 2;
                } else {
                    i++;
                }
            }
            unclosed = what;
            return sql.length();
        }

        private void dollar() {
            int end = at + 1;
            while (end < sql.length()
                    && Character.isUnicodeIdentifierPart(sql.charAt(end))
                    && !(end == at + 1 && Character.isDigit(sql.charAt(end)))) {
                end++;
            }
            if (end >= sql.length() || sql.charAt(end) != '$') {
                at++;
                return;
            }
            String tag = sql.substring(at, end + 1);
            int close = sql.indexOf(tag, end + 1);
            if (close < 0) {
                unclosed = "a string quoted by " + tag;
                quoted(sql.length());
            } else {
                quoted(close + tag.length());
            }
        }

        /** Whether the quote at hand belongs to {@code E'…'}. */
        private boolean isEscapeString() {
            boolean escape = at > 0 && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e');
            return escape && (at == 1 || !isNamePart(sql.charAt(at - 2)));
        }

        private boolean isInsideName() {
            return at > 0 && isNamePart(sql.charAt(at - 1));
        }

        private static boolean isNamePart(char character) {
            return Character.isLetterOrDigit(character) || character == '_' || character == '$';
        }
    }
}
