package dev.pgrehearse.migration;

/**
 * Something in a script that cannot be run, found before anything ran.
 *
 * @param file the script's name
 * @param line from 1
 * @param column from 1, in characters
 * @param what what stands there
 * @param expected what should
 */
public record ScriptMistake(String file, int line, int column, String what, String expected) {
    /** One line for a console: {@code add.sql:4:12: unterminated quoted string; expected: a closing '}. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + what + "; expected: " + expected;
    }
}
