package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts.Reference;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a statement says that adds one foreign key of one column, checks it, and does nothing else.
 *
 * @param table that refers, without its schema
 * @param column that refers
 * @param parent that is referred to, without its schema
 */
record ForeignKeyWords(String table, String column, String parent) {
    private static final String NAME = "(?:\"[^\"]+\"|[\\w$]+)";
    private static final String QUALIFIED = "(?:" + NAME + "\\.)?(" + NAME + ")";
    private static final String COLUMN = "\\( ?(" + NAME + ") ?\\)";

    /** Of what may follow nothing changes how long the check takes, but NOT VALID, with which there is none. */
    private static final Pattern ADDS = Pattern.compile("alter table (?:if exists )?(?:only )?" + QUALIFIED
            + " add (?:constraint " + NAME + " )?foreign key ?" + COLUMN + " references " + QUALIFIED + " ?(?:"
            + COLUMN
            + " ?)?(?:(?:match|on|deferrable|not deferrable|initially) [^,()]*)? ?;? ?");

    static Optional<ForeignKeyWords> of(Statement statement) {
        String words = Recognition.words(statement.sql());
        Matcher adds = ADDS.matcher(words);
        return adds.matches() && !words.contains("not valid")
                ? Optional.of(new ForeignKeyWords(bare(adds.group(1)), bare(adds.group(2)), bare(adds.group(3))))
                : Optional.empty();
    }

    /** The one that is meant; empty when there is none such, or several. */
    Optional<Reference> among(List<Reference> references) {
        List<Reference> alike = references.stream()
                .filter(reference -> name(reference.table()).equals(table)
                        && name(reference.parent()).equals(parent)
                        && lower(reference.columns()).equals(Set.of(column)))
                .toList();
        return alike.size() == 1 ? Optional.of(alike.get(0)) : Optional.empty();
    }

    private static String bare(String name) {
        return name.replace("\"", "");
    }

    /** Words are in lower case, those in quotes too. */
    private static String name(String qualified) {
        return qualified.substring(qualified.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static Set<String> lower(Set<String> columns) {
        return columns.stream().map(column -> column.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }
}
