package dev.pgrehearse.dataset;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.rows;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.ValueGenerator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables are brought into a state by plain SQL; ours, from the figures alone, have to come out alike. */
@Tag("thorough")
class TableWearIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.forLoading().with("shared_buffers", "256MB");

    private static final int ROWS = 20_000;

    private static final String FILL =
            "insert into t select g, g %% 100, repeat('x', 60) from generate_series(1, %d) g";

    /** What a row of t is made of here and on the source. */
    private static final List<LongFunction<String>> VALUES =
            List.of(row -> Long.toString(row + 1), row -> Long.toString((row + 1) % 100), row -> "x".repeat(60));

    private record Text(LongFunction<String> values) implements ValueGenerator {
        @Override
        public String textAt(long row) {
            return values.apply(row);
        }

        @Override
        public void copyTo(CopyBuffer out, long row) {
            out.field(textAt(row));
        }
    }

    private static String table(String options) {
        return "create table t (id bigint primary key, a int, b text) " + options;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            vacuumed              | with (fillfactor = 100) | vacuum (analyze) t
            never vacuumed        | with (fillfactor = 100) | analyze t
            fill factor 70        | with (fillfactor = 70)  | vacuum (analyze) t
            updated contiguously  | with (fillfactor = 100) | vacuum (analyze) t; update t set a = a where id between 5000 and 13570; analyze t
            updated here and there| with (fillfactor = 100) | vacuum (analyze) t; update t set a = a where id % 7 < 3; analyze t
            deleted contiguously  | with (fillfactor = 100) | vacuum (analyze) t; delete from t where id between 5000 and 11000; analyze t
            deleted here and there| with (fillfactor = 100) | vacuum (analyze) t; delete from t where id % 10 < 3; analyze t
            deleted and read, 70  | with (fillfactor = 70)  | vacuum (analyze) t; delete from t where id % 10 < 3; select count(b) from t; analyze t
            updated, 70, indexed  | with (fillfactor = 70)  | create index on t (a); vacuum (analyze) t; update t set a = a + 1 where id % 7 < 3; analyze t
            half gone             | with (fillfactor = 100) | delete from t where id % 2 = 0; vacuum (analyze) t
            nine in ten gone      | with (fillfactor = 100) | delete from t where id % 10 <> 0; vacuum (analyze) t
            half gone, then more  | with (fillfactor = 100) | delete from t where id % 2 = 0; vacuum (analyze) t; delete from t where id % 5 = 0; analyze t
            few left              | with (fillfactor = 100) | vacuum (analyze) t; delete from t where id > 200; analyze t
            a few pages' worth    | with (fillfactor = 100) | vacuum (analyze) t; delete from t where id between 1000 and 2000; analyze t
            """)
    void aTableComesOutAsItsFiguresSay(String name, String options, String source) throws Exception {
        List<String> statements = new ArrayList<>(List.of(FILL.formatted(ROWS)));
        statements.addAll(List.of(source.split("; ", -1)));
        reproduce(name, table(options), statements, VALUES, List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "0, ''",
        "1, ''",
        "1, update t set a = a + 1",
        "3, update t set a = a",
        "90, update t set a = a where id < 40"
    })
    void smallOnesToo(int rows, String change) throws Exception {
        List<String> statements = new ArrayList<>(List.of(FILL.formatted(rows), "vacuum (analyze) t"));
        if (!change.isEmpty()) {
            statements.addAll(List.of(change, "analyze t"));
        }
        reproduce("small", table(""), statements, VALUES, List.of());
    }

    @Test
    void rowsOfWhichAPageHoldsThreeAndAHalf() throws Exception {
        // 3 rows of 2.2 kB on a page; of 300 rows every sixth is gone, so there are 2.5 on a page, which no fill factor
        // makes.
        List<LongFunction<String>> values =
                List.of(row -> Long.toString(row + 1), row -> "1", row -> random(row, 1_900));
        reproduce(
                "wide",
                "create table t (id bigint primary key, a int, b text); alter table t alter b set storage plain",
                List.of(
                        "insert into t select g, 1, repeat('x', 1900) from generate_series(1, 3000) g",
                        "delete from t where id % 6 = 0",
                        "vacuum (analyze) t"),
                values,
                List.of());
    }

    @Test
    void rowsWithToast() throws Exception {
        List<LongFunction<String>> values =
                List.of(row -> Long.toString(row + 1), row -> "1", row -> random(row, 5_000));
        ConnectionDetails copy = reproduce(
                "toast",
                "create table t (id bigint primary key, a int, b text); alter table t alter b set storage external",
                List.of(
                        "insert into t select g, 1, repeat('x', 5000) from generate_series(1, 5000) g",
                        "vacuum (analyze) t",
                        "update t set a = 2 where id % 3 = 0",
                        "analyze t"),
                values,
                List.of());
        // Versions share their TOAST values: three chunks of a row, four on a page, and nothing that no row has.
        assertThat(value(copy, "select count(*) from t where length(b) = 5000")).isEqualTo("5000");
        long toastPages = Long.parseLong(
                value(copy, "select pg_relation_size(reltoastrelid) / 8192 from pg_class where oid = 't'::regclass"));
        assertThat(toastPages).isBetween(3_750L, 3_850L);
    }

    private static String random(long row, int length) {
        StringBuilder text = new StringBuilder(Long.toString(row));
        while (text.length() < length) {
            text.append((char) ('a' + text.length() * 7 % 26));
        }
        return text.substring(0, length);
    }

    @Test
    void columnsKeepTheirOrderAndTheDeadRowsTheirIndexEntries() throws Exception {
        ConnectionDetails copy = reproduce(
                "order",
                table(""),
                List.of(FILL.formatted(ROWS), "vacuum (analyze) t", "delete from t where id % 10 < 3", "analyze t"),
                VALUES,
                List.of());
        assertThat(Double.parseDouble(
                        value(copy, "select correlation from pg_stats where tablename = 't' and attname = 'id'")))
                .isGreaterThan(0.99);
        // A bulk build fills a leaf page to nine tenths, with 366 entries.
        long pages = Long.parseLong(value(copy, "select pg_relation_size('t_pkey') / 8192"));
        assertThat(pages).isGreaterThan(14_000 / 366 + 6_000 / 366);
        assertThat(rows(copy, "select reloptions from pg_class where oid = 't'::regclass"))
                .containsExactly("null");
        // A VACUUM may not cut the dead end off: there is a live row on the last page.
        long before = Long.parseLong(value(copy, "select pg_relation_size('t') / 8192"));
        execute(copy, "vacuum t");
        assertThat(Long.parseLong(value(copy, "select pg_relation_size('t') / 8192")))
                .isEqualTo(before);
        assertThat(value(copy, "select count(*), sum(id) from t")).isEqualTo("14000|" + 14_000L * 14_001 / 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | create unique index i on t (a)",
                "true | create index i on t (a)",
                "true | create unique index i on t (id, b)"
            })
    void invalidIndexesAreWhatPostgresItselfLeaves(boolean ready, String create) throws Exception {
        ConnectionDetails copy = reproduceInvalid(ready, create);
        assertThat(value(
                        copy,
                        "select indisvalid, indisready, indislive from pg_index where indexrelid = 'i'::regclass"))
                .isEqualTo("f|" + (ready ? "t" : "f") + "|t");
        if (create.contains("(id")) {
            execute(copy, "reindex index concurrently i");
            assertThat(value(copy, "select indisvalid from pg_index where indexrelid = 'i'::regclass"))
                    .isEqualTo("t");
        }
        execute(copy, "drop index concurrently i");
        assertThat(rows(copy, "select 1 from pg_class where relname = 'i'")).isEmpty();
    }

    @Test
    void aUniqueIndexThatFailedIsEqualInEveryFieldOfTheCatalogue() throws Exception {
        ConnectionDetails source = POSTGRES.newDatabase();
        execute(source, table(""), FILL.formatted(1_000));
        assertThatThrownBy(() -> execute(source, "create unique index concurrently i on t (a)"))
                .hasMessageContaining("could not create unique index");
        String fields =
                "select (to_jsonb(i) - 'indexrelid' - 'indrelid')::text || (to_jsonb(c) - 'oid' - 'relfilenode' -"
                        + " 'relfrozenxid' - 'relminmxid')::text from pg_index i join pg_class c on c.oid = i.indexrelid"
                        + " where c.relname = 'i'";
        String size = "select pg_relation_size('i')";
        String left = value(source, fields);
        String leftSize = value(source, size);
        ConnectionDetails copy = reproduceInvalid(false, "create unique index i on t (a)");
        assertThat(value(copy, fields)).isEqualTo(left);
        assertThat(value(copy, size)).isEqualTo(leftSize);
    }

    @Test
    void aUniqueIndexThatWasReadyOverValuesThatAreNotUnique() throws Exception {
        ConnectionDetails copy = reproduceInvalid(true, "create unique index i on t (a) nulls not distinct");
        assertThat(value(
                        copy,
                        "select indisvalid, indisready, indisunique, indimmediate, indnullsnotdistinct from pg_index"
                                + " where indexrelid = 'i'::regclass"))
                .isEqualTo("f|t|t|t|t");
        // It is kept up to date, and forbids more of them, as production's does.
        assertThatThrownBy(() -> execute(copy, "insert into t values (-1, 5, '')"))
                .hasMessageContaining("violates unique constraint \"i\"");
        assertThatThrownBy(() -> execute(copy, "reindex index i"))
                .hasMessageContaining("could not create unique index");
        execute(copy, "drop index i");
    }

    private ConnectionDetails reproduceInvalid(boolean ready, String create) throws Exception {
        ConnectionDetails scratch = POSTGRES.newDatabase();
        execute(scratch, table(""), create);
        String definition = value(scratch, "select pg_get_indexdef('i'::regclass)");
        Profile.Index index =
                new Profile.Index("i", definition, create.contains("unique"), false, false, false, ready, 1, 0);
        return reproduce(
                "invalid", table(""), List.of(FILL.formatted(1_000), "vacuum (analyze) t"), VALUES, List.of(index));
    }

    /** Makes the source, reads its figures, makes a table of these figures elsewhere, compares; and again after a restart. */
    private ConnectionDetails reproduce(
            String name,
            String ddl,
            List<String> sourceSql,
            List<LongFunction<String>> values,
            List<Profile.Index> invalid)
            throws Exception {
        ConnectionDetails source = POSTGRES.newDatabase();
        execute(source, ddl.split("; ", -1));
        execute(source, inOrder(sourceSql));
        ConnectionDetails copy = POSTGRES.newDatabase();
        execute(copy, ddl.split("; ", -1));
        if (sourceSql.stream().anyMatch(sql -> sql.startsWith("create index"))) {
            execute(copy, "create index on t (a)");
        }
        MeasuredState wanted;
        try (Connection connection = source.open("test")) {
            wanted = MeasuredState.read(connection, table(connection));
        }
        TableState state = new TableState(
                (long) wanted.rows(),
                wanted.pages(),
                wanted.deadRows(),
                wanted.allVisibleShare(),
                ddl.contains("= 70") ? 70 : 100,
                List.of(),
                invalid);
        List<String> notices;
        try (Connection connection = copy.open("test")) {
            notices = make(copy, connection, state, values);
        }
        MeasuredState made = read(copy);
        String both = name + ": wanted " + wanted + ", made " + made + ", notices " + notices;
        assertThat(notices).as(both).isEmpty();
        assertAlike(both, wanted, made);
        assertThat(Long.parseLong(value(copy, "select count(*) from t"))).isEqualTo((long) wanted.rows());
        POSTGRES.restart();
        ConnectionDetails restarted = POSTGRES.superuser().withDatabase(copy.database());
        // Readers have been there: what they prune does not count as dead rows.
        execute(restarted, "set enable_indexonlyscan = off; set enable_indexscan = off; select count(b) from t");
        assertAlike(both, wanted, read(restarted));
        execute(restarted, "analyze t");
        assertAlike(both, wanted, read(restarted));
        return restarted;
    }

    /**
     * What is committed asynchronously is not known as committed yet to a VACUUM that follows at once, so it marks no page;
     * and counts of changes that come after its own would be added to them.
     */
    private static String[] inOrder(List<String> statements) {
        List<String> all = new ArrayList<>(List.of("set synchronous_commit = on"));
        for (String statement : statements) {
            if (statement.startsWith("vacuum") || statement.startsWith("analyze")) {
                all.add("select pg_stat_force_next_flush()");
            }
            all.add(statement);
        }
        all.add("select pg_stat_force_next_flush()");
        return all.toArray(String[]::new);
    }

    private static void assertAlike(String both, MeasuredState wanted, MeasuredState made) {
        assertThat(made.rows()).as(both).isEqualTo(wanted.rows());
        assertThat((double) made.pages()).as(both).isCloseTo((double) wanted.pages(), within(0.1 * wanted.pages()));
        assertThat(made.deadShare()).as(both).isCloseTo(wanted.deadShare(), within(0.1));
        assertThat(made.allVisibleShare()).as(both).isCloseTo(wanted.allVisibleShare(), within(0.1));
    }

    private static MeasuredState read(ConnectionDetails where) throws SQLException {
        try (Connection connection = where.open("test")) {
            return MeasuredState.read(connection, table(connection));
        }
    }

    private static CatalogueTable table(Connection connection) {
        return new CatalogueReader(connection)
                .read().tables().stream()
                        .filter(table -> table.name().equals("t"))
                        .findFirst()
                        .orElseThrow();
    }

    private static List<String> make(
            ConnectionDetails copy, Connection connection, TableState state, List<LongFunction<String>> values)
            throws Exception {
        CatalogueTable table = table(connection);
        List<String> notices = new ArrayList<>();
        int fillFactor = FillFactor.MOST;
        if (state.rows() > 0) {
            List<ColumnPlan> columns = new ArrayList<>();
            for (int column = 0; column < values.size(); column++) {
                columns.add(new ColumnPlan(table.columns().get(column), new Text(values.get(column))));
            }
            TablePlan plan = new TablePlan(table, "t", state.rows(), columns);
            LoadDensity density = DensitySample.density(connection, plan, state);
            fillFactor = density.leastFillFactor();
            if (density.notice() != null) {
                notices.add(density.notice());
            }
            ExecutorService makers = Executors.newFixedThreadPool(2);
            try {
                new TableLoad(plan, List.of(), makers, 3, Progress.SILENT, density, null).run(connection);
            } finally {
                makers.shutdownNow();
            }
        }
        notices.addAll(
                new TableWear(copy, connection).wear(table, state, fillFactor).notices());
        return notices;
    }
}
