package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something a piece of the scenario was read from: a file, or an option of the command line.
 *
 * @param name as the user named it
 * @param directory where relative paths written in it start, absolute
 * @param lines its lines; empty for an option, whose name says it all
 */
record Source(String name, Path directory, List<String> lines) {
    /** The place of its whole. */
    Place whole() {
        return new Place(this, 0, 0);
    }

    /**
     * A spot in it.
     *
     * @param line from 1; 0 for the whole
     * @param column from 1; 0 for the whole
     */
    record Place(Source source, int line, int column) {
        @Nullable
        String sourceLine() {
            return line >= 1 && line <= source.lines.size() ? source.lines.get(line - 1) : null;
        }
    }
}
