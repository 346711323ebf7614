package dev.pgrehearse.scenario;

/**
 * SQL with what is not code blanked out, character for character, so that the rest can be searched by simple patterns.
 *
 * @param code comments as spaces, contents of strings and quoted identifiers (and their quotes) as {@link #QUOTED}
 * @param withoutComments comments as spaces
 * @param unclosed what is opened and never closed, such as {@code a string}; empty when all is closed
 */
record SqlText(String code, String withoutComments, String unclosed) {
    /** Stands where quoted text was: no space, no letter, no punctuation that means anything. */
    static final char QUOTED = '\u0001';

    private static final String QUOTES = "'\"$";

    static SqlText of(String sql) {
        StringBuilder code = new StringBuilder(sql);
        StringBuilder withoutComments = new StringBuilder(sql);
        String unclosed = "";
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            switch (token.kind()) {
                case LINE_COMMENT, BLOCK_COMMENT -> {
                    blank(code, token);
                    blank(withoutComments, token);
                }
                case STRING, QUOTED_IDENTIFIER, DOLLAR_STRING, QUOTED_VARIABLE -> quote(code, token);
                default -> {}
            }
            if (!token.terminated()) {
                unclosed = nameOf(token, sql);
            }
        }
        return new SqlText(code.toString(), withoutComments.toString(), unclosed);
    }

    private static void blank(StringBuilder text, SqlToken comment) {
        for (int index = comment.start(); index < comment.end(); index++) {
            if (!Character.isWhitespace(text.charAt(index))) {
                text.setCharAt(index, ' ');
            }
        }
    }

    /** From the quote on: a letter before it, as in {@code E''}, is code. */
    private static void quote(StringBuilder code, SqlToken token) {
        boolean quoted = false;
        for (int index = token.start(); index < token.end(); index++) {
            quoted |= QUOTES.indexOf(code.charAt(index)) >= 0;
            if (quoted) {
                code.setCharAt(index, QUOTED);
            }
        }
    }

    private static String nameOf(SqlToken unclosed, String sql) {
        return switch (unclosed.kind()) {
            case QUOTED_IDENTIFIER -> "a quoted identifier";
            case DOLLAR_STRING ->
                "a string quoted by " + sql.substring(unclosed.start(), sql.indexOf('$', unclosed.start() + 1) + 1);
            case BLOCK_COMMENT -> "a comment";
            default -> "a string";
        };
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
}
