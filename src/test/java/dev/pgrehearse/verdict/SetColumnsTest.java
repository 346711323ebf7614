package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetColumnsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE t SET a = ?, \"B\" = now() - interval '1 day' WHERE c = ? | a B",
                "update t set a = (select x from u where y = 1), b = 2 returning d | a b",
                "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE t.c = 1 | b",
                "UPDATE t SET /* not z = 1 */ a = 1 FROM u WHERE u.b = t.b | a",
                "SELECT a FROM t WHERE b = ? | ''",
                "INSERT INTO t (a) VALUES (?) | ''"
            })
    void columnsLeftOfAnEqualsSignInASetClauseAreSet(String sql, String columns) {
        assertThat(SetColumns.of(sql))
                .containsExactlyElementsOf(columns.isEmpty() ? java.util.List.of() : Arrays.asList(columns.split(" ")));
    }
}
