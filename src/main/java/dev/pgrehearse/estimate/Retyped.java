package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording.Statement;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which columns get another type, by a statement's words. Pure. */
final class Retyped {
    private static final Pattern COLUMN =
            Pattern.compile("\\balter (?:column )?(\"[^\"]+\"|\\S+) (?:set data )?type\\b");

    private Retyped() {}

    /** The first of these columns whose type it changes: in lower case, without quotes. */
    static Optional<String> oneOf(Statement statement, Set<String> columns) {
        return COLUMN.matcher(Recognition.words(statement.sql()))
                .results()
                .map(column -> column.group(1).replace("\"", ""))
                .filter(column -> columns.stream().anyMatch(column::equalsIgnoreCase))
                .findFirst();
    }
}
