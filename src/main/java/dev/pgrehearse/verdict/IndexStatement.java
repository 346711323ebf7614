package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.SqlLexer;
import dev.pgrehearse.scenario.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A CREATE INDEX as its text tells it. Names are as the catalogue has them: folded to lower case unless quoted.
 *
 * @param name the index's name; null when the statement leaves it to the server
 * @param schema the table's, which is the index's as well; null when the statement leaves it to {@code search_path}
 * @param table the table's name without its schema
 */
record IndexStatement(
        @Nullable String name,
        @Nullable String schema,
        String table,
        boolean unique,
        boolean concurrently,
        boolean ifNotExists) {
    /** Empty when the text is anything else. */
    static Optional<IndexStatement> of(String sql) {
        return new Reader(sql, tokens(sql)).read();
    }

    /** The index that a DROP INDEX CONCURRENTLY drops, without its schema; empty when the text is anything else. */
    static Optional<String> droppedConcurrently(String sql) {
        return new Reader(sql, tokens(sql)).readDrop();
    }

    /** The text's tokens, without white space and comments. */
    static List<SqlToken> tokens(String sql) {
        List<SqlToken> tokens = new ArrayList<>();
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            if (!token.isBlank()) {
                tokens.add(token);
            }
        }
        return tokens;
    }

    /** The runs of CREATE INDEX statements that name the index, in order. */
    static List<Statement> runsFor(Recording recording, IndexFacts index) {
        return Statements.runs(recording).stream()
                .filter(run -> of(run.sql()).filter(made -> made.isFor(index)).isPresent())
                .toList();
    }

    /** Whether it is this index that it makes. */
    boolean isFor(IndexFacts index) {
        return name != null && same(index.name(), name) && same(index.table(), table);
    }

    /** The recording's names carry their schema, unless that is {@code public}. */
    static boolean same(String recorded, String unqualified) {
        return recorded.equals(unqualified) || recorded.endsWith("." + unqualified);
    }

    private static final class Reader {
        private final String sql;
        private final List<SqlToken> tokens;
        private int next;

        Reader(String sql, List<SqlToken> tokens) {
            this.sql = sql;
            this.tokens = tokens;
        }

        Optional<IndexStatement> read() {
            if (!taken("CREATE")) {
                return Optional.empty();
            }
            boolean unique = taken("UNIQUE");
            if (!taken("INDEX")) {
                return Optional.empty();
            }
            boolean concurrently = taken("CONCURRENTLY");
            boolean ifNotExists = taken("IF") && taken("NOT") && taken("EXISTS");
            String name = isAt("ON") ? null : identifier();
            if (!taken("ON")) {
                return Optional.empty();
            }
            next += isAt("ONLY") ? 1 : 0;
            String schema = null;
            String table = identifier();
            while (table != null && next < tokens.size() && text().equals(".")) {
                next++;
                schema = table;
                table = identifier();
            }
            return table == null
                    ? Optional.empty()
                    : Optional.of(new IndexStatement(name, schema, table, unique, concurrently, ifNotExists));
        }

        /** CONCURRENTLY drops one index at a time. */
        Optional<String> readDrop() {
            if (!taken("DROP") || !taken("INDEX") || !taken("CONCURRENTLY")) {
                return Optional.empty();
            }
            if (taken("IF") && !taken("EXISTS")) {
                return Optional.empty();
            }
            String name = identifier();
            while (name != null && next < tokens.size() && text().equals(".")) {
                next++;
                name = identifier();
            }
            return Optional.ofNullable(name);
        }

        private boolean taken(String keyword) {
            boolean found = isAt(keyword);
            next += found ? 1 : 0;
            return found;
        }

        private boolean isAt(String keyword) {
            return next < tokens.size()
                    && tokens.get(next).kind() == SqlToken.Kind.WORD
                    && text().equalsIgnoreCase(keyword);
        }

        private @Nullable String identifier() {
            if (next >= tokens.size()) {
                return null;
            }
            SqlToken.Kind kind = tokens.get(next).kind();
            String text = text();
            if (kind == SqlToken.Kind.WORD) {
                next++;
                return text.toLowerCase(Locale.ROOT);
            }
            // U&"…" is a name as well, but not one that reads as it is written.
            if (kind == SqlToken.Kind.QUOTED_IDENTIFIER && text.startsWith("\"")) {
                next++;
                return text.substring(1, text.length() - 1).replace("\"\"", "\"");
            }
            return null;
        }

        private String text() {
            return tokens.get(next).of(sql);
        }
    }
}
