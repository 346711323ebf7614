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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE t SET a = 1 | true",
                "update only \"s\".\"t\" set a = 1 | true",
                "WITH old AS (DELETE FROM s.t RETURNING *) INSERT INTO archive SELECT * FROM old | true",
                "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2 | true",
                "MERGE INTO s.t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 1 | true",
                "INSERT INTO t (a) SELECT a FROM u | false",
                "UPDATE u SET a = 1 FROM t WHERE t.b = u.b | false",
                "DELETE FROM t.u | false",
                "CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch() | false",
                "ALTER TABLE u ADD FOREIGN KEY (a) REFERENCES t ON DELETE CASCADE ON UPDATE SET NULL | false",
                "SELECT a FROM t FOR UPDATE OF t | false",
                "UPDATE | false"
            })
    void rowsAreChangedByWhatNamesTheTableAsItsTarget(String sql, boolean changes) {
        assertThat(SetColumns.changesRows(sql, "t")).isEqualTo(changes);
    }
}
