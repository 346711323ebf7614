package dev.pgrehearse.dataset;

import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.Keys;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RestoredTablesIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private final RestoredTables tables = new RestoredTables(Progress.SILENT);

    /** What {@code large.id} holds in each row that was read. */
    private static long[] ids(Keys keys) {
        return LongStream.range(0, keys.rows("large"))
                .map(row -> Long.parseLong(keys.keyAt("large", "id", row)))
                .toArray();
    }

    @Test
    void keysAreReadFromTheTables() throws Exception {
        ConnectionDetails superuser = POSTGRES.newDatabase();
        ConnectionDetails app = POSTGRES.app(superuser);
        execute(
                app,
                "create table small (id int, code text)",
                "insert into small select n, 'c' || n from generate_series(1, 50) n",
                // Of 1 000 000 rows, a tenth is to be read.
                "create table large (id bigint) partition by range (id)",
                "create table large_1 partition of large for values from (1) to (600001)",
                "create table large_2 partition of large for values from (600001) to (1000001)",
                "insert into large select generate_series(1, 1000000)",
                "create view seen as select * from small",
                "create table empty (id int)");
        List<TableFacts> counted = tables.count(superuser, app);
        assertThat(counted)
                .extracting(TableFacts::name, TableFacts::rows)
                .containsExactlyInAnyOrder(
                        tuple("small", 50L),
                        tuple("large_1", 600_000L),
                        tuple("large_2", 400_000L),
                        tuple("empty", 0L));

        Set<KeyColumn> wanted =
                Set.of(new KeyColumn("small", "id"), new KeyColumn("small", "code"), new KeyColumn("large", "id"));
        Keys keys = tables.describe(superuser, app, counted, wanted, 7).keys();
        assertThat(keys.rows("small")).isEqualTo(50);
        for (int row = 0; row < 50; row++) {
            assertThat(keys.keyAt("small", "code", row)).isEqualTo("c" + (row + 1));
            assertThat(keys.keyAt("small", "id", row)).isEqualTo(Integer.toString(row + 1));
        }
        long[] ids = ids(keys);
        // 226 rows a page, of which each is drawn with 1/10: a standard deviation of about 4 500 rows.
        assertThat(ids.length).isBetween(100_000 - 30_000, KeyReading.MOST);
        assertThat(ids).isSorted().doesNotHaveDuplicates();
        for (int tenth = 0; tenth < 10; tenth++) {
            long from = tenth * 100_000L;
            assertThat(LongStream.of(ids)
                            .filter(id -> id > from && id <= from + 100_000)
                            .count())
                    .as("of the tenth %d", tenth)
                    .isGreaterThan(3_000);
        }
        assertThat(ids(tables.describe(superuser, app, counted, wanted, 7).keys()))
                .isEqualTo(ids);
        assertThat(ids(tables.describe(superuser, app, counted, wanted, 8).keys()))
                .isNotEqualTo(ids);

        DatasetMistakes mistakes = catchThrowableOfType(
                DatasetMistakes.class,
                () -> tables.describe(
                        superuser,
                        app,
                        counted,
                        Set.of(
                                new KeyColumn("smal", "id"),
                                new KeyColumn("small", "cod"),
                                new KeyColumn("seen", "id"),
                                new KeyColumn("empty", "id")),
                        7));
        assertThat(mistakes.mistakes()).hasSize(4);
        assertThat(mistakes).hasMessageContainingAll("'small'?", "'code'?", "a view", "the table has no rows");
    }
}
