package dev.pgrehearse.scenario;

/**
 * One token of SQL text, as psql's scanner cuts it.
 *
 * @param kind what it is
 * @param start its first character, counted from 0 in UTF-16 units
 * @param end the position behind its last character
 * @param terminated false when the text ended before the quote, comment or dollar quote did
 */
public record SqlToken(Kind kind, int start, int end, boolean terminated) {
    /** What tokens there are. Keywords are words; numbers, operators and the rest are {@link #OTHER}. */
    public enum Kind {
        WHITESPACE,
        LINE_COMMENT,
        BLOCK_COMMENT,
        WORD,
        QUOTED_IDENTIFIER,
        STRING,
        DOLLAR_STRING,
        SEMICOLON,
        OPEN_PARENTHESIS,
        CLOSE_PARENTHESIS,
        OPEN_BRACKET,
        CLOSE_BRACKET,
        /** The start of a psql meta-command. */
        BACKSLASH,
        /** {@code :name}: an array slice's bound, or a psql variable. */
        COLON_NAME,
        /** {@code :'name'}, {@code :"name"} or {@code :{?name}}: a psql variable. */
        QUOTED_VARIABLE,
        OTHER
    }

    /** Whether it separates other tokens and means nothing else. */
    public boolean isBlank() {
        return kind == Kind.WHITESPACE || kind == Kind.LINE_COMMENT || kind == Kind.BLOCK_COMMENT;
    }

    /** Its text. */
    public String of(String text) {
        return text.substring(start, end);
    }
}
