package dev.pgrehearse.migration;

/**
 * A place in a text.
 *
 * @param line from 1; a line ends with a line feed
 * @param column from 1, in characters (code points); a tab is one
 */
record Place(int line, int column) {
    /** The place of the character at {@code offset} (UTF-16 units from 0) in {@code text}. */
    static Place of(String text, int offset) {
        return new Place(1, 1).after(text, 0, offset);
    }

    /** The place behind the characters from {@code start} to {@code end} of {@code text}, when they begin here. */
    Place after(String text, int start, int end) {
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
