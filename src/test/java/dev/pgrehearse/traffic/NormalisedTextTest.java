package dev.pgrehearse.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalisedTextTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT now() - interval $1 | SELECT now() - CAST($1 AS interval)",
                "SELECT date $1, timestamp(3) with time zone $2 | SELECT CAST($1 AS date), CAST($2 AS timestamp(3) with time zone)",
                "SELECT interval $1 day to minute | SELECT CAST($1 AS interval day to minute)",
                "SELECT extract($1 FROM at) FROM t | SELECT pg_catalog.extract(CAST($1 AS text), at) FROM t",
                "SELECT t.date = $1 AND \"date\" > $2 | SELECT t.date = $1 AND \"date\" > $2",
                "SELECT a FROM t WHERE id IN ($1 /*, ... */) AND b = $2 | SELECT a FROM t WHERE id IN ($1, $3, $4) AND b = $2",
            })
    void textsBecomeSqlAgain(String text, String sql) {
        assertThat(NormalisedText.of(text, 3).sql()).isEqualTo(sql);
    }

    @Test
    void limitsAndOffsetsAreKnown() {
        NormalisedText text = NormalisedText.of("SELECT a FROM t LIMIT $2 OFFSET ($1)", 3);
        assertThat(text.limits()).containsExactly(2);
        assertThat(text.offsets()).containsExactly(1);
    }
}
