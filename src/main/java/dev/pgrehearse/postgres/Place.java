package dev.pgrehearse.postgres;

/**
 * A place in a text.
 *
 * @param line from 1; a line ends with a line feed
 * @param column from 1, in characters (code points); a tab is one
 */
public record Place(int line, int column) {
    /** The place of the character at {@code offset} (UTF-16 units from 0) in {@code text}. */
    public static Place of(String text, int offset) {
        return new Place(1, 1).after(text, 0, offset);
    }

    /**
     * The place of a character that the server counts, as its errors do.
     *
     * @param position code points from 1; one behind the last is allowed, and a larger one is taken for that
     */
    public static Place ofPosition(String text, int position) {
        return of(text, offsetOf(text, position));
    }

    /** Where in {@code text}, in UTF-16 units from 0, a character is that the server counts in code points from 1. */
    public static int offsetOf(String text, int position) {
        int characters = text.codePointCount(0, text.length());
        return text.offsetByCodePoints(0, Math.min(Math.max(position - 1, 0), characters));
    }

    /** The place behind the characters from {@code start} to {@code end} of {@code text}, when they begin here. */
    public Place after(String text, int start, int end) {
        int endLine = line;
        int lineStart = start;
        int columnsBefore = column - 1;
        for (int index = start; index < end; index++) {
            if (text.charAt(index) == '\n') {
                endLine++;
                lineStart = index + 1;
                columnsBefore = 0;
            }
        }
        return new Place(endLine, columnsBefore + text.codePointCount(lineStart, end) + 1);
    }
}
