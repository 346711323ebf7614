package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.SqlToken.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Cuts SQL text into tokens where psql does, with {@code standard_conforming_strings} on. Not thread-safe.
 *
 * <p>Source: the rules of PostgreSQL's {@code src/fe_utils/psqlscan.l} as of version 15, checked against psql itself. One
 * of them surprises: psql scans line by line, so a string that goes on behind a line break ({@code E'a'}, new line,
 * {@code 'b'}) is a plain string there, without backslash escapes, although the server would still see an escape
 * string.
 */
public final class SqlLexer {
    private static final String OPERATOR_CHARACTERS = "~!@#^&|`?+-*/%<>=";

    private final String text;
    private int position;

    public SqlLexer(String text) {
        this.text = text;
    }

    /** Goes on at {@code newPosition}, wherever the last token ended. */
    public void moveTo(int newPosition) {
        position = newPosition;
    }

    /** The next token; null at the end of the text. */
    public @Nullable SqlToken next() {
        if (position >= text.length()) {
            return null;
        }
        SqlToken token = scan(position);
        position = token.end();
        return token;
    }

    private SqlToken scan(int start) {
        char first = text.charAt(start);
        char second = at(start + 1);
        if (isSpace(first)) {
            int end = start + 1;
            while (end < text.length() && isSpace(text.charAt(end))) {
                end++;
            }
            return token(Kind.WHITESPACE, start, end);
        }
        if (first == '-' && second == '-') {
            return token(Kind.LINE_COMMENT, start, endOfLine(start));
        }
        if (first == '/' && second == '*') {
            return blockComment(start);
        }
        if (second == '\'' && "eE".indexOf(first) >= 0) {
            return escapeString(start);
        }
        if (second == '\'' && "bBxXnN".indexOf(first) >= 0) {
            return quoted(Kind.STRING, start, start + 1);
        }
        if ((first == 'u' || first == 'U') && second == '&') {
            return switch (at(start + 2)) {
                case '\'' -> quoted(Kind.STRING, start, start + 2);
                case '"' -> quoted(Kind.QUOTED_IDENTIFIER, start, start + 2);
                // psql does not take this "u" for an identifier
                default -> token(Kind.OTHER, start, start + 1);
            };
        }
        if (isIdentifierStart(first)) {
            return token(Kind.WORD, start, endOfIdentifier(start));
        }
        if (isDigit(first) || (first == '.' && isDigit(second))) {
            return token(Kind.OTHER, start, endOfNumber(start));
        }
        return switch (first) {
            case '\'' -> quoted(Kind.STRING, start, start);
            case '"' -> quoted(Kind.QUOTED_IDENTIFIER, start, start);
            case '$' -> dollar(start);
            case ';' -> token(Kind.SEMICOLON, start, start + 1);
            case '(' -> token(Kind.OPEN_PARENTHESIS, start, start + 1);
            case ')' -> token(Kind.CLOSE_PARENTHESIS, start, start + 1);
            case '[' -> token(Kind.OPEN_BRACKET, start, start + 1);
            case ']' -> token(Kind.CLOSE_BRACKET, start, start + 1);
            case '\\' -> token(Kind.BACKSLASH, start, start + 1);
            case ':' -> colon(start);
            default -> token(Kind.OTHER, start, isOperator(first) ? endOfOperator(start) : start + 1);
        };
    }

    private SqlToken blockComment(int start) {
        int depth = 1;
        int end = start + 2;
        while (end < text.length()) {
            if (text.startsWith("/*", end)) {
                depth++;
                end += 2;
            } else if (text.startsWith("*/", end)) {
                depth--;
                end += 2;
                if (depth == 0) {
                    return token(Kind.BLOCK_COMMENT, start, end);
                }
            } else {
                end++;
            }
        }
        return new SqlToken(Kind.BLOCK_COMMENT, start, text.length(), false);
    }

    /** A string or identifier without backslash escapes; a doubled quote is a quote in it. */
    private SqlToken quoted(Kind kind, int start, int openingQuote) {
        char quote = text.charAt(openingQuote);
        int end = openingQuote + 1;
        while (end < text.length()) {
            if (text.charAt(end) != quote) {
                end++;
            } else if (at(end + 1) == quote) {
                end += 2;
            } else {
                return token(kind, start, end + 1);
            }
        }
        return new SqlToken(kind, start, text.length(), false);
    }

    private SqlToken escapeString(int start) {
        int end = start + 2;
        while (end < text.length()) {
            char character = text.charAt(end);
            if (character == '\\') {
                end += 2;
            } else if (character != '\'') {
                end++;
            } else if (at(end + 1) == '\'') {
                end += 2;
            } else {
                int continued = continuation(end + 1);
                if (continued < 0) {
                    return token(Kind.STRING, start, end + 1);
                }
                end = continued;
            }
        }
        return new SqlToken(Kind.STRING, start, text.length(), false);
    }

    /**
     * Where an escape string goes on behind its closing quote: only past a lone carriage return, which is a line break to
     * the scanner, but not to psql's reading of lines. Negative when it does not go on.
     */
    private int continuation(int from) {
        boolean lineBroken = false;
        int here = from;
        while (here < text.length()) {
            char character = text.charAt(here);
            if (character == '\r') {
                lineBroken = true;
                here++;
            } else if (character == ' ' || character == '\t' || character == '\f') {
                here++;
            } else if (text.startsWith("--", here)) {
                here = endOfLine(here);
            } else {
                return lineBroken && character == '\'' ? here + 1 : -1;
            }
        }
        return -1;
    }

    private SqlToken dollar(int start) {
        int tagEnd = start + 1;
        if (isIdentifierStart(at(tagEnd))) {
            while (isVariableCharacter(at(tagEnd))) {
                tagEnd++;
            }
        }
        if (at(tagEnd) == '$') {
            String delimiter = text.substring(start, tagEnd + 1);
            int closing = text.indexOf(delimiter, tagEnd + 1);
            return closing < 0
                    ? new SqlToken(Kind.DOLLAR_STRING, start, text.length(), false)
                    : token(Kind.DOLLAR_STRING, start, closing + delimiter.length());
        }
        int end = start + 1;
        while (isDigit(at(end))) {
            end++;
        }
        return token(Kind.OTHER, start, end);
    }

    private SqlToken colon(int start) {
        char second = at(start + 1);
        if (second == ':' || second == '=') {
            return token(Kind.OTHER, start, start + 2);
        }
        if (isVariableCharacter(second)) {
            return token(Kind.COLON_NAME, start, endOfVariable(start + 1));
        }
        if (second == '\'' || second == '"') {
            int end = endOfVariable(start + 2);
            if (end > start + 2 && at(end) == second) {
                return token(Kind.QUOTED_VARIABLE, start, end + 1);
            }
        }
        if (second == '{' && at(start + 2) == '?') {
            int end = endOfVariable(start + 3);
            if (end > start + 3 && at(end) == '}') {
                return token(Kind.QUOTED_VARIABLE, start, end + 1);
            }
        }
        return token(Kind.OTHER, start, start + 1);
    }

    /** A comment ends an operator that it stands in, so that {@code +/*} is a plus and a comment. */
    private int endOfOperator(int start) {
        int end = start + 1;
        while (isOperator(at(end)) && !text.startsWith("--", end) && !text.startsWith("/*", end)) {
            end++;
        }
        return end;
    }

    private int endOfNumber(int start) {
        int end = endOfDigits(start);
        if (at(end) == '.' && at(end + 1) != '.') {
            end = endOfDigits(end + 1);
        }
        if (at(end) == 'e' || at(end) == 'E') {
            int exponent = at(end + 1) == '+' || at(end + 1) == '-' ? end + 2 : end + 1;
            if (isDigit(at(exponent))) {
                end = endOfDigits(exponent);
            }
        }
        return end;
    }

    private int endOfDigits(int start) {
        int end = start;
        while (isDigit(at(end))) {
            end++;
        }
        return end;
    }

    private int endOfIdentifier(int start) {
        int end = start + 1;
        while (isVariableCharacter(at(end)) || at(end) == '$') {
            end++;
        }
        return end;
    }

    private int endOfVariable(int start) {
        int end = start;
        while (isVariableCharacter(at(end))) {
            end++;
        }
        return end;
    }

    private int endOfLine(int start) {
        int end = start;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    /** The character there; a semicolon, which belongs to no longer token, behind the end. */
    private char at(int index) {
        return index < text.length() ? text.charAt(index) : ';';
    }

    private static SqlToken token(Kind kind, int start, int end) {
        return new SqlToken(kind, start, end, true);
    }

    private static boolean isSpace(char character) {
        return character == ' ' || character == '\t' || character == '\n' || character == '\r' || character == '\f';
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    /** Every character beyond ASCII is a letter to PostgreSQL. */
    private static boolean isIdentifierStart(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || character == '_'
                || character >= 0x80;
    }

    private static boolean isVariableCharacter(char character) {
        return isIdentifierStart(character) || isDigit(character);
    }

    private static boolean isOperator(char character) {
        return OPERATOR_CHARACTERS.indexOf(character) >= 0;
    }
}
