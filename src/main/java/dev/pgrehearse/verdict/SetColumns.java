package dev.pgrehearse.verdict;

import dev.pgrehearse.scenario.SqlToken;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Names in a statement as the catalogue has them, and the columns that it sets. From its text, which is only ever used to say
 * why something was measured. Pure.
 */
final class SetColumns {
    private static final Set<String> ENDS = Set.of("where", "from", "returning", "when");

    private SetColumns() {}

    /** Columns that stand left of an equals sign in a SET clause; also those of ON CONFLICT DO UPDATE. */
    static Set<String> of(String sql) {
        Set<String> columns = new LinkedHashSet<>();
        List<SqlToken> tokens = IndexStatement.tokens(sql);
        boolean setting = false;
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            String name = name(sql, token);
            depth += token.kind() == SqlToken.Kind.OPEN_PARENTHESIS ? 1 : 0;
            depth -= token.kind() == SqlToken.Kind.CLOSE_PARENTHESIS ? 1 : 0;
            if (depth == 0 && name.equals("set")) {
                setting = true;
            } else if (depth == 0 && ENDS.contains(name)) {
                setting = false;
            } else if (setting
                    && depth == 0
                    && !name.isEmpty()
                    && i + 1 < tokens.size()
                    && tokens.get(i + 1).of(sql).startsWith("=")) {
                columns.add(name);
            }
        }
        return columns;
    }

    /** All names in a text, quoted or not. */
    static Set<String> names(String sql) {
        Set<String> names = new LinkedHashSet<>();
        for (SqlToken token : IndexStatement.tokens(sql)) {
            String name = name(sql, token);
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    /**
     * Whether the text changes or deletes rows of that table: names it as the target of an UPDATE, DELETE or MERGE, or of an
     * INSERT that may update. What only speaks of updates, as a trigger, a foreign key or a lock does, is none of them.
     *
     * @param table without schema
     */
    static boolean changesRows(String sql, String table) {
        List<SqlToken> tokens = IndexStatement.tokens(sql);
        boolean changes = names(sql).contains("update") || names(sql).contains("delete");
        for (int i = 0; i < tokens.size(); i++) {
            String verb = name(sql, tokens.get(i));
            boolean deletes = verb.equals("delete")
                    && i + 1 < tokens.size()
                    && nameAt(sql, tokens, i + 1).equals("from");
            if (verb.equals("update") || deletes || (verb.equals("into") && changes)) {
                int at = i + (deletes ? 2 : 1);
                at += nameAt(sql, tokens, at).equals("only") ? 1 : 0;
                boolean qualified =
                        at + 1 < tokens.size() && tokens.get(at + 1).of(sql).equals(".");
                if (nameAt(sql, tokens, qualified ? at + 2 : at).equals(table)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String nameAt(String sql, List<SqlToken> tokens, int at) {
        return at < tokens.size() ? name(sql, tokens.get(at)) : "";
    }

    private static String name(String sql, SqlToken token) {
        String text = token.of(sql);
        return switch (token.kind()) {
            case WORD -> text.toLowerCase(Locale.ROOT);
            case QUOTED_IDENTIFIER ->
                text.startsWith("\"") ? text.substring(1, text.length() - 1).replace("\"\"", "\"") : "";
            default -> "";
        };
    }
}
