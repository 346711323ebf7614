package dev.pgrehearse.profiling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ROLE a PASSWORD 'canary'",
                "CALL p('canary')",
                "DO $$ BEGIN PERFORM 'canary'; END $$",
                "SET my.x = 'canary'",
                "COMMENT ON TABLE t IS 'canary'",
                "COPY t FROM PROGRAM 'canary'",
                "EXPLAIN SELECT 'canary'",
                "/* SELECT */ ALTER ROLE a PASSWORD 'canary'",
                "SELECT 1; ALTER ROLE a PASSWORD 'canary'",
                "SELECT 'canary",
                "SELECT 'a\\'canary'",
                "SELECT pg_catalog.set_config('x', 'canary', false)"
            })
    void isNotWritten(String sql) {
        assertThat(StatementText.of(sql)).isEmpty();
    }

    @Test
    void losesCommentsAndConstants() {
        assertThat(StatementText.of("SELECT /* canary /* nested */ */ a -- canary\n FROM t WHERE b = $1"))
                .contains("SELECT a FROM t WHERE b = $1");
        assertThat(StatementText.of("SELECT a FROM t WHERE b = $3 AND c = 'can''ary' AND d = E'can\"ary'"))
                .contains("SELECT a FROM t WHERE b = $3 AND c = $4 AND d = $5");
        assertThat(StatementText.of("SELECT a FROM t WHERE b = $tag$canary$tag$ AND pin = 4711 OR x = 1.5e3"))
                .contains("SELECT a FROM t WHERE b = $1 AND pin = $2 OR x = $3");
        assertThat(StatementText.of("SELECT a FROM \"my t\" WHERE u = U&'canary' AND b = B'0101' AND x = X'1F';"))
                .contains("SELECT a FROM \"my t\" WHERE u = $1 AND b = $2 AND x = $3");
    }

    @Test
    void keepsWhatBelongsToTheStatement() {
        assertThat(StatementText.of("SELECT a::numeric(10, 2), count(*) FROM t2 GROUP BY 1, 2 ORDER BY 2 LIMIT $1"))
                .contains("SELECT a::numeric(10, 2), count(*) FROM t2 GROUP BY 1, 2 ORDER BY 2 LIMIT $1");
        assertThat(StatementText.of("SELECT * FROM t WHERE id IN ($1 /*, ... */)"))
                .contains("SELECT * FROM t WHERE id IN ($1 /*, ... */)");
        assertThat(StatementText.of("WITH x AS (SELECT 1) UPDATE t SET a = f(12, 13)"))
                .contains("WITH x AS (SELECT $1) UPDATE t SET a = f($2, $3)");
    }
}
