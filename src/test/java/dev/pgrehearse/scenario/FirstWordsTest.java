package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirstWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "begin;",
                "-- why\n\t/* and /* how */ */ Start  /* a */ transaction read only",
                "COMMIT AND CHAIN",
                "end",
                "rollback to a",
                "prepare transaction 'x'",
                "SET lock_timeout = '1s'"
            })
    void whatBeginsOrEndsATransactionLocksNothing(String sql) {
        assertThat(FirstWords.of(sql).lockNothing()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-- BEGIN",
                "/* COMMIT */ CALL a()",
                "beginning",
                "\"begin\"",
                "prepare a AS SELECT 1",
                "(begin)",
                "'x' BEGIN",
                "ALTER TABLE a SET (x = 1)"
            })
    void whatOnlyLooksLikeThatMay(String sql) {
        assertThat(FirstWords.of(sql).lockNothing()).isFalse();
    }

    @Test
    void onlyASavepointIsGoneBackTo() {
        assertThat(FirstWords.of("/* x */ rollback work to savepoint a").rollBackToSavepoint())
                .isTrue();
        assertThat(FirstWords.of("ROLLBACK TO a").rollBackToSavepoint()).isTrue();
        assertThat(FirstWords.of("ROLLBACK").rollBackToSavepoint()).isFalse();
        assertThat(FirstWords.of("ROLLBACK WORK").rollBackToSavepoint()).isFalse();
    }

    /** A pattern with a star over white space and comments overflows the stack, or tries each way to cut the comments. */
    @Test
    void aLongWayToTheFirstWordIsNothingSpecial() {
        String sql = "-- line\n/* block */ ".repeat(20_000) + " ".repeat(100_000) + "update t";

        assertThat(FirstWords.of(sql).areOneOf("INSERT", "UPDATE")).isTrue();
        assertThat(FirstWords.of(sql).areOneOf("DO")).isFalse();
    }
}
