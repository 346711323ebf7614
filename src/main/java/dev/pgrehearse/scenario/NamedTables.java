package dev.pgrehearse.scenario;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The tables of a dataset that a migration's SQL names. By words alone: what stands in a string, as in the body of DO, is
 * not seen, and a column of a table's name is taken for the table.
 */
final class NamedTables {
    private final Map<String, String> byLastName = new LinkedHashMap<>();
    private final SqlFiles files;

    NamedTables(DatasetSpec dataset, SqlFiles files) {
        this.files = files;
        dataset.sizes()
                .values()
                .forEach(rows -> rows.keySet()
                        .forEach(table -> byLastName.putIfAbsent(table.substring(table.lastIndexOf('.') + 1), table)));
    }

    /** In the order of their first mention. */
    List<String> of(MigrationSpec migration) {
        Set<String> named = new LinkedHashSet<>();
        for (StepSpec step : migration.steps()) {
            if (step instanceof StepSpec.Backfill backfill) {
                words(backfill.table().substring(backfill.table().lastIndexOf('.') + 1), named);
            } else if (step instanceof StepSpec.Scripts scripts) {
                scripts.scripts().forEach(path -> {
                    byte[] bytes = files.contents().get(path);
                    if (bytes != null) {
                        lex(new String(bytes, StandardCharsets.UTF_8), named);
                    }
                });
            }
        }
        return List.copyOf(named);
    }

    private void lex(String sql, Set<String> named) {
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            String text = token.of(sql);
            if (token.kind() == SqlToken.Kind.WORD) {
                words(text.toLowerCase(Locale.ROOT), named);
            } else if (token.kind() == SqlToken.Kind.QUOTED_IDENTIFIER && token.terminated()) {
                words(text.substring(text.indexOf('"') + 1, text.length() - 1).replace("\"\"", "\""), named);
            }
        }
    }

    private void words(String name, Set<String> named) {
        String table = byLastName.get(name);
        if (table != null) {
            named.add(table);
        }
    }
}
