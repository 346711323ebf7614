package dev.pgrehearse.dataset;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.ValueGenerator;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is loaded in the binary format is what PostgreSQL itself makes of the text. */
class BinaryRowsIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.forLoading();

    private record Listed(List<@Nullable String> texts) implements ValueGenerator {
        @Override
        public @Nullable String textAt(long row) {
            return texts.get((int) row);
        }

        @Override
        public void copyTo(CopyBuffer out, long row) {
            out.field(textAt(row));
        }
    }

    static Stream<Arguments> valuesOfEachType() {
        return Stream.of(
                of("smallint", "0", "-1", "32767", "-32768", "007", null),
                of("integer", "0", "2147483647", "-2147483648", null),
                of("bigint", "0", "-1", "999999999999999999", "-999999999999999999"),
                of("numeric", "0", "-0.00", "1", "10000", "99999999", "100000000", "0.1", "0.00001", "-12345.6789"),
                of("numeric", "123456789012345678", "12345678901234567.1", "0.1234567890123456", "1.0000", "9999.9999"),
                of("numeric(6,2)", "1.005", "1234.5", "-0.004", "1000", null),
                of("real", "0.1", "-3", "16777217", "1.17549435", "-0"),
                of("double precision", "0.1", "-3", "9007199254740993", "123456789.123456789", "-0", null),
                of("boolean", "t", "f", "true", "false", null),
                of("uuid", "00112233-4455-6677-8899-aabbccddeeff", "FFEEDDCC-BBAA-4988-8766-554433221100", null),
                of("date", "2024-02-29", "0001-01-01", "9999-12-31", "1999-12-31 23:59:59.999999+00", null),
                of(
                        "timestamp",
                        "2024-02-29 01:02:03",
                        "1999-12-31 23:59:59.999999",
                        "0001-01-01",
                        "2024-01-01 00:00:00.5+00"),
                of(
                        "timestamptz",
                        "2024-02-29 01:02:03+00",
                        "1999-12-31 23:59:59.999999+00",
                        "0001-01-01 00:00:00.000001+00"),
                of("timestamptz(3)", "2024-02-29 01:02:03.123456+00", "2024-12-31 23:59:59.999999+00", null),
                of(
                        "text",
                        "",
                        "a",
                        "\\N",
                        "\\.",
                        "tab\there\nline\rback\\slash",
                        "ünïcödé 🐘",
                        "\\\\",
                        null,
                        "12345678\\"),
                of("varchar(9)", "123456789", "ünïcödé 🐘", null),
                of("char(84)", "", "short", null),
                of("json", "{\"a\" : [1, 2]}", "\"back\\\\slash\"", null),
                of("jsonb", "{\"a\" : [1, 2]}", "\"back\\\\slash\"", null),
                of("mood", "happy", "very\\sad", null),
                of("positive", "1", "2147483647", null),
                of("deeper", "1"));
    }

    private static Arguments of(String type, @Nullable String... values) {
        return Arguments.of(type, Arrays.asList(values));
    }

    @ParameterizedTest
    @MethodSource("valuesOfEachType")
    void isWhatTheServerMakesOfTheText(String type, List<@Nullable String> values) throws Exception {
        ConnectionDetails admin = database(type);
        TablePlan table = table(admin, type, values);
        try (Connection connection = admin.open("test")) {
            assertThat(BinaryRows.typesOf(table, connection))
                    .as("binary form of %s", type)
                    .isPresent();
            load(
                    connection,
                    table,
                    new BinaryRows(table, BinaryRows.typesOf(table, connection).orElseThrow()));
        }
        List<String> binary = rows(admin, "select v::text, pg_column_size(v) from t order by ctid");
        try (Connection connection = admin.open("test")) {
            load(connection, table, new TextRows(table));
        }
        assertThat(binary).hasSize(values.size());
        assertThat(rows(admin, "select v::text, pg_column_size(v) from t order by ctid"))
                .isEqualTo(binary);
    }

    static Stream<Arguments> valuesThatOnlyTheServerUnderstands() {
        return Stream.of(
                of("smallint", "32768"),
                of("integer", "+1"),
                of("integer", " 1"),
                of("bigint", "0x10"),
                of("bigint", "1_000"),
                of("bigint", ""),
                of("numeric", "1e3"),
                of("numeric", "NaN"),
                of("numeric", "1."),
                of("numeric", ".5"),
                of("numeric", "-"),
                of("numeric", "1.2.3"),
                of("numeric", "1234567890123456789"),
                of("double precision", "Infinity"),
                of("double precision", "1e400"),
                of("real", "."),
                of("boolean", "yes"),
                of("uuid", "{00112233-4455-6677-8899-aabbccddeeff}"),
                of("uuid", "00112233445566778899aabbccddeeff"),
                of("uuid", "00112233-4455-6677-8899-aabbccddeefg"),
                of("date", "2023-02-29"),
                of("date", "today"),
                of("date", "2024-13-01"),
                of("date", "infinity"),
                of("timestamp", "2024-01-01 24:00:00"),
                of("timestamp", "2024-01-01 10:00"),
                of("timestamp", "2024-01-01T10:00:00"),
                of("timestamp", "2024-01-01 10:00:00.1234567"),
                of("timestamptz", "2024-01-01 10:00:00"),
                of("timestamptz", "2024-01-01 10:00:00+01"));
    }

    @ParameterizedTest
    @MethodSource("valuesThatOnlyTheServerUnderstands")
    void isNeverGuessed(String type, List<String> values) throws Exception {
        ConnectionDetails admin = POSTGRES.superuser();
        execute(admin, "drop table if exists t", "create table t (v " + type + ")");
        TablePlan table = table(admin, type, List.of(values.get(0)));
        try (Connection connection = admin.open("test")) {
            assertThat(BinaryRows.formatOf(table, connection)).isInstanceOf(TextRows.class);
            RowFormat binary =
                    new BinaryRows(table, BinaryRows.typesOf(table, connection).orElseThrow());
            assertThat(catchThrowable(() -> binary.copyRow(new CopyBuffer(8), 0)))
                    .isInstanceOf(NotBinary.class)
                    .hasMessageContaining("column v, row 0");
        } finally {
            execute(admin, "drop table t");
        }
    }

    @Test
    void aValueThatNoTrialFoundMakesTheTableLoadAgainAsText() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        execute(admin, "create table t (v date)");
        List<@Nullable String> values = new ArrayList<>();
        for (int row = 0; row < 5_000; row++) {
            values.add(row == 4_001 ? "Feb 29 2024" : "2024-02-28");
        }
        TablePlan table = table(admin, "date", values);
        List<String> notices = new ArrayList<>();
        Progress progress = event -> {
            if (event.kind() == ProgressEvent.Kind.NOTICE) {
                notices.add(event.task());
            }
        };
        ExecutorService makers = Executors.newFixedThreadPool(2);
        try (Connection connection = admin.open("test")) {
            assertThat(BinaryRows.formatOf(table, connection)).isInstanceOf(BinaryRows.class);
            new TableLoad(table, List.of(), makers, 3, progress).run(connection);
        } finally {
            makers.shutdownNow();
        }
        assertThat(rows(admin, "select v, count(*) from t group by v order by v"))
                .containsExactly("2024-02-28|4999", "2024-02-29|1");
        assertThat(notices).singleElement().asString().contains("as text", "column v, row 4001");
    }

    @Test
    void typesThatAreNotKnownAndTablesThatDoNotGainAreLoadedAsText() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        for (String type :
                List.of("integer", "numeric", "text", "inet", "integer[]", "int4range", "\"char\"", "interval")) {
            execute(admin, "drop table if exists t", "create table t (v " + type + ")");
            TablePlan table = table(admin, type, List.of("1", "2"));
            try (Connection connection = admin.open("test")) {
                assertThat(BinaryRows.formatOf(table, connection)).as(type).isInstanceOf(TextRows.class);
            }
        }
        execute(admin, "drop table if exists t", "create table t (v text)");
        try (Connection connection = admin.open("test")) {
            assertThat(BinaryRows.formatOf(table(admin, "text", List.of("long ".repeat(30))), connection))
                    .isInstanceOf(BinaryRows.class);
        }
    }

    private static ConnectionDetails database(String type) throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        execute(
                admin,
                "create type mood as enum ('happy', 'very\\sad')",
                "create domain positive as integer check (value > 0)",
                "create domain deeper as positive",
                "create table t (v " + type + ")");
        return admin;
    }

    private static TablePlan table(ConnectionDetails admin, String type, List<@Nullable String> values)
            throws Exception {
        CatalogueColumn column = new CatalogueColumn(1, "v", type, false, false, false);
        long oid = Long.parseLong(rows(admin, "select 't'::regclass::oid").get(0));
        return new TablePlan(
                new CatalogueTable(oid, "public", "t", "r", true, List.of(column), false),
                "t",
                values.size(),
                List.of(new ColumnPlan(column, new Listed(values))));
    }

    private static void load(Connection connection, TablePlan table, RowFormat format) throws Exception {
        ExecutorService makers = Executors.newFixedThreadPool(2);
        connection.setAutoCommit(false);
        try {
            new TableLoad(table, List.of(), makers, 3, Progress.SILENT).copyIn(connection, format, "loading t");
        } finally {
            makers.shutdownNow();
        }
    }
}
