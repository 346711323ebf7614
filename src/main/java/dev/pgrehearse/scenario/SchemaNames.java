package dev.pgrehearse.scenario;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names that a schema file mentions. Without a server nobody can say for sure which tables a file makes, so only a
 * name that comes up nowhere in it is taken to be wrong, and none where the file makes names itself.
 */
final class SchemaNames {
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");
    private static final Pattern TABLE = Pattern.compile(
            "\\bcreate\\s+(?:(?:global|local|temp|temporary|unlogged|foreign)\\s+)*table\\s+(?:if\\s+not\\s+exists\\s+)?"
                    + "(?:[\\p{L}_][\\p{L}\\p{N}_$]*\\s*\\.\\s*)?([\\p{L}_][\\p{L}\\p{N}_$]*)",
            Pattern.CASE_INSENSITIVE);
    private static final Set<String> MAKES_NAMES = Set.of("do", "execute", "function", "procedure", "extension");

    private final boolean certain;
    private final boolean anyTable;
    private final Set<String> words = new TreeSet<>();
    private final Set<String> tables = new LinkedHashSet<>();
    private final String text;

    /**
     * Of a file.
     *
     * @param schema null when it cannot be read: then no name is wrong
     */
    SchemaNames(@Nullable SqlText schema) {
        this(schema, false);
    }

    private SchemaNames(@Nullable SqlText schema, boolean anyTable) {
        this.anyTable = anyTable;
        text = schema == null ? "" : schema.withoutComments().toLowerCase(Locale.ROOT);
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            words.add(word.group());
        }
        Matcher table = TABLE.matcher(schema == null ? "" : schema.code());
        while (table.find()) {
            tables.add(table.group(1));
        }
        certain = schema != null && words.stream().noneMatch(MAKES_NAMES::contains);
    }

    /** Of a dataset whose tables nobody knows before it is restored. */
    static SchemaNames ofRestored() {
        return new SchemaNames(null, true);
    }

    /** Whether any table may be there, so that none is wrong for not being counted. */
    boolean anyTable() {
        return anyTable;
    }

    /** Notes a table or column that the schema file does not mention. */
    void check(Cursor at, boolean key, String name, String what) {
        String last = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (!certain || words.contains(last) || (!WORD.matcher(last).matches() && text.contains(last))) {
            return;
        }
        String nearest = NearestName.of(last, what.equals("table") ? tables : words);
        String expected = "a " + what + " of the schema file"
                + (what.equals("table") && !tables.isEmpty()
                        ? ", which has " + String.join(", ", List.copyOf(tables))
                        : "");
        if (key) {
            at.mistakeOfKey(Mistakes.quoted(name), expected, nearest);
        } else {
            at.mistake(Mistakes.quoted(name), expected, nearest);
        }
    }
}
