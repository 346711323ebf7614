package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameters are found where PostgreSQL would read code, and nowhere else. */
class NamedSqlTest {
    static Stream<Arguments> statements() {
        return Stream.of(
                arguments("select :a, :b_2, :a", "select ?, ?, ?", List.of("a", "b_2", "a")),
                arguments("select :a::int, 'x'::text", "select ?::int, 'x'::text", List.of("a")),
                arguments("select ':a', 'it''s :b', :c", "select ':a', 'it''s :b', ?", List.of("c")),
                arguments("select E'\\':a', :b", "select E'\\':a', ?", List.of("b")),
                arguments("select '\\', :b", "select '\\', ?", List.of("b")),
                arguments("select \":a\"\":b\" from t", "select \":a\"\":b\" from t", List.of()),
                arguments("select $$ :a $$, $x$ :b $$ $x$, :c", "select $$ :a $$, $x$ :b $$ $x$, ?", List.of("c")),
                arguments("select a$b$, :c, d$b$", "select a$b$, ?, d$b$", List.of("c")),
                arguments("select 1 -- :a\n, :b", "select 1 -- :a\n, ?", List.of("b")),
                arguments("select /* :a /* :b */ :c */ :d", "select /* :a /* :b */ :c */ ?", List.of("d")),
                arguments("select j ? 'x?' from t where a = :a", "select j ?? 'x?' from t where a = ?", List.of("a")),
                arguments("select f(x := 1), a[1 : 2]", "select f(x := 1), a[1 : 2]", List.of()));
    }

    @ParameterizedTest
    @MethodSource
    void statements(String sql, String jdbc, List<String> parameters) {
        assertThat(NamedSql.parse(sql))
                .extracting(NamedSql::jdbc, NamedSql::parameters)
                .containsExactly(jdbc, parameters);
    }

    /** The server gets {@code select 😀x from t where a = $1 and b = $2 and nope = $3 -- c ? 'x'}. */
    @Test
    void findsTheServersPositionsAgain() {
        String sql = "select \uD83D\uDE00x from t where a = :a and b = :longer and nope = :a and c ? 'x'";
        String sent = "select \uD83D\uDE00x from t where a = $1 and b = $2 and nope = $3 and c ? 'x'";
        NamedSql named = NamedSql.parse(sql);
        for (String word : List.of("select", "x from", "t where", "nope", "c ?", "'x'")) {
            int position = sent.codePointCount(0, sent.indexOf(word)) + 1;
            assertThat(named.offsetOf(sql, position)).as(word).isEqualTo(sql.indexOf(word));
        }
        assertThat(named.offsetOf(sql, sent.codePointCount(0, sent.indexOf("$2")) + 1))
                .isEqualTo(sql.indexOf(":longer"));
    }

    @Test
    void knowsEmptySeveralAndUnclosed() {
        assertThat(SqlText.of(" -- a\n/* b */;;").isEmpty()).isTrue();
        assertThat(SqlText.of("''").isEmpty()).isFalse();
        assertThat(SqlText.of("select ';'; -- ;").hasSeveralStatements()).isFalse();
        assertThat(SqlText.of("select 1; select 2").hasSeveralStatements()).isTrue();
        // A carriage return ends a comment, to PostgreSQL.
        assertThat(SqlText.of("select 1 -- one\r; select 2").hasSeveralStatements())
                .isTrue();
        assertThat(SqlText.of("select 'a").unclosed()).isEqualTo("a string");
        assertThat(SqlText.of("select \"a").unclosed()).isEqualTo("a quoted identifier");
        assertThat(SqlText.of("select $x$ a $$").unclosed()).isEqualTo("a string quoted by $x$");
        assertThat(SqlText.of("/* /* */").unclosed()).isEqualTo("a comment");
    }
}
