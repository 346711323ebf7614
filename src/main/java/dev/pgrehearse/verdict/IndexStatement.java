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
 * @param table the table's name without its schema
 */
record IndexStatement(@Nullable String name, String table, boolean concurrently, boolean ifNotExists) {
    /** Empty when the text is anything else. */
    static Optional<IndexStatement> of(String sql) {
        List<SqlToken> tokens = new ArrayList<>();
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            if (!token.isBlank()) {
                tokens.add(token);
            }
        }
        return new Reader(sql, tokens).read();
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
    private static boolean same(String recorded, String unqualified) {
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
            next += isAt("UNIQUE") ? 1 : 0;
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
            String table = identifier();
            while (table != null && next < tokens.size() && text().equals(".")) {
                next++;
                table = identifier();
            }
            return table == null
                    ? Optional.empty()
                    : Optional.of(new IndexStatement(name, table, concurrently, ifNotExists));
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
