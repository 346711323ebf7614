package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementCostsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true  | UPDATE t SET n = 1                    | UPDATE t SET n = $1",
                "true  | UPDATE t SET n = $q$a$q$ WHERE id = 5     | UPDATE t SET n = $1 WHERE id = $2;",
                "true  | DELETE FROM t WHERE id IN (1, 2, 3)   | DELETE FROM t WHERE id IN ($1 /*, ... */)",
                "true  | INSERT INTO t VALUES (-1.5, NULL, E'', $$x$$) | INSERT INTO t VALUES ($1, $2, $3, $4)",
                "true  | CREATE INDEX i ON t (n)               | CREATE INDEX i ON t (n)",
                "false | CREATE INDEX i ON t (n)               | CREATE INDEX j ON t (n)",
                "false | UPDATE t SET n = 1 WHERE id = 5       | UPDATE t SET n = $1",
                "false | UPDATE t SET m = 1                    | UPDATE t SET n = $1",
                "false | UPDATE tt SET n = 1                   | UPDATE t. SET n = $1"
            })
    void aTextOfTheExtensionIsThatOfAStatementButForItsConstants(boolean same, String sql, String text) {
        assertThat(StatementCosts.isTextOf(sql, text)).isEqualTo(same);
    }
}
