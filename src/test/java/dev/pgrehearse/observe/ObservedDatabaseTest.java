package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservedDatabaseTest {
    @ParameterizedTest
    @CsvSource({
        "CREATE EXTENSION pg_visibility, true",
        "create extension  if not exists \"pg_visibility\" with schema public, true",
        "CREATE EXTENSION pg_visibility_more, false",
        "CREATE EXTENSION hstore; SELECT 'pg_visibility', false",
        "DROP EXTENSION pg_visibility, false"
    })
    void anExtensionThatTheMigrationCreatesIsLeftToIt(String sql, boolean creates) {
        assertThat(ObservedDatabase.creates(sql, "pg_visibility")).isEqualTo(creates);
    }
}
