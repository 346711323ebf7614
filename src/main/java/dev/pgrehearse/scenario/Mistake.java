package dev.pgrehearse.scenario;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a scenario.
 *
 * @param file the file as it was named, or the option of the command line: {@code --set path=value}
 * @param line from 1; 0 when the mistake is the file's or option's as a whole
 * @param column from 1, in characters; 0 likewise
 * @param path keys and list indexes with dots between them, such as {@code server.settings.shared_buffers}; empty for
 *     the whole document
 * @param found what stands there
 * @param expected what may stand there, in a user's words
 * @param nearest a right name that resembles the one found; null when none does
 * @param sourceLine the line as it stands in the file; null when there is none to show
 */
public record Mistake(
        String file,
        int line,
        int column,
        String path,
        String found,
        String expected,
        @Nullable String nearest,
        @Nullable String sourceLine) {
    /** How much of a long line is shown around the mistake. */
    private static final int WIDTH = 120;

    private static final int BEFORE = 60;

    /** Several lines of plain text: where, the source line with a mark under the spot, found and expected. */
    public String render() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line).append(':').append(column);
        }
        if (!path.isEmpty()) {
            text.append(": ").append(path);
        }
        text.append('\n');
        if (sourceLine != null) {
            appendSource(text, sourceLine);
        }
        text.append("  found ").append(found).append(", expected ").append(expected);
        if (nearest != null) {
            text.append("; did you mean `").append(nearest).append("`?");
        }
        return text.toString();
    }

    private void appendSource(StringBuilder text, String source) {
        int[] characters = source.codePoints().toArray();
        int at = Math.min(column - 1, characters.length);
        int from = at > WIDTH - BEFORE ? at - BEFORE : 0;
        int to = Math.min(characters.length, from + WIDTH);
        String lead = from > 0 ? "…" : "";
        text.append("  ").append(lead);
        for (int i = from; i < to; i++) {
            text.appendCodePoint(printable(characters[i]));
        }
        text.append(to < characters.length ? "…\n  " : "\n  ").append(lead.isEmpty() ? "" : " ");
        for (int i = from; i < at; i++) {
            // A tab stays a tab, so that the mark stands under its spot however wide tabs are.
            text.append(characters[i] == '\t' ? '\t' : ' ');
        }
        text.append("^\n");
    }

    /** Control characters of a file never reach a terminal. */
    private static int printable(int character) {
        return Character.isISOControl(character) && character != '\t' ? '\uFFFD' : character;
    }

    @Override
    public String toString() {
        return render();
    }
}
