package dev.pgrehearse.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.dataset.ColumnLimits.End;
import dev.pgrehearse.dataset.TableLimits.Pair;
import dev.pgrehearse.dataset.TableLimits.Unread;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Conditions as PostgreSQL prints them, and what is read of them. */
class LimitsReaderIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private static ConnectionDetails database;

    @BeforeAll
    static void domains() throws SQLException {
        database = POSTGRES.newDatabase();
        Queries.execute(
                database,
                "CREATE DOMAIN positive AS numeric(10,2) CHECK (VALUE > 0)",
                "CREATE DOMAIN price AS positive NOT NULL CHECK (VALUE <= 1000)",
                "CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0)");
    }

    static Stream<Arguments> conditions() {
        return Stream.of(
                read("n > 0", "n", from("0", false)),
                read("n >= -5 AND n < 100", "n", between("-5", true, "100", false)),
                read("n BETWEEN 1 AND 10", "n", between("1", true, "10", true)),
                read("10 >= n", "n", to("10", true)),
                read("amount > 0 AND amount <= 99.99", "amount", between("0", false, "99.99", true)),
                read("amount >= -0.5", "amount", from("-0.5", true)),
                read("n > 1 AND n > 3 AND n > 3", "n", from("3", false)),
                read("n IN (1, 2, 3)", "n", oneOf("1", "2", "3")),
                read("status IN ('open', 'it''s', 'paid')", "status", oneOf("open", "it's", "paid")),
                read("label IN ('a', 'b')", "label", oneOf("a", "b")),
                read("status = ANY ('{x,\"y, z\"}'::text[])", "status", oneOf("x", "y, z")),
                read("status = 'a' OR status = 'b'", "status", oneOf("a", "b")),
                read("status = 'back\\slash'", "status", oneOf("back\\slash")),
                read("n IS NULL OR n > 5", "n", from("5", false)),
                read("n IS NOT NULL", "n", required()),
                read("active", "active", oneOf("true")),
                read("NOT active", "active", oneOf("false")),
                read("active = true", "active", oneOf("true")),
                read("char_length(label) <= 10", "label", length(0, 10)),
                read("length(status) > 2 AND length(status) < 9", "status", length(3, 8)),
                read("length(btrim(status)) >= 1", "status", length(1, null)),
                read("status <> ''", "status", length(1, null)),
                read("day >= '2024-01-01'", "day", from("2024-01-01", true)),
                read(
                        "start_at >= '2024-01-01' AND start_at < '2025-01-01'",
                        "start_at",
                        between("2024-01-01 00:00:00", true, "2025-01-01 00:00:00", false)),
                read("\"Odd\"\"name\" < 7", "Odd\"name", to("7", false)));
    }

    private static Arguments read(String condition, String column, ColumnLimits expected) {
        return Arguments.of(condition, column, expected);
    }

    private static ColumnLimits from(String value, boolean included) {
        return new ColumnLimits(new End(value, included), null, null, false, 0, null);
    }

    private static ColumnLimits to(String value, boolean included) {
        return new ColumnLimits(null, new End(value, included), null, false, 0, null);
    }

    private static ColumnLimits between(String low, boolean lowIncluded, String high, boolean highIncluded) {
        return new ColumnLimits(new End(low, lowIncluded), new End(high, highIncluded), null, false, 0, null);
    }

    private static ColumnLimits oneOf(String... values) {
        return new ColumnLimits(null, null, List.of(values), false, 0, null);
    }

    private static ColumnLimits length(int shortest, @Nullable Integer longest) {
        return new ColumnLimits(null, null, null, false, shortest, longest);
    }

    private static ColumnLimits required() {
        return new ColumnLimits(null, null, null, true, 0, null);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conditions")
    void aConditionThatIsUnderstood(String condition, String column, ColumnLimits expected) throws SQLException {
        assertThat(of("CHECK (" + condition + ")"))
                .isEqualTo(new TableLimits(Map.of(column, expected), List.of(), List.of()));
    }

    @Test
    void columnsThatAreComparedWithEachOther() throws SQLException {
        assertThat(of("CHECK (start_at <= end_at), CHECK (n > amount)"))
                .isEqualTo(new TableLimits(
                        Map.of(),
                        List.of(new Pair("start_at", "end_at", false), new Pair("amount", "n", true)),
                        List.of()));
        // NULL passes a comparison anyway.
        assertThat(of("CHECK (end_at IS NULL OR end_at >= start_at)"))
                .isEqualTo(new TableLimits(Map.of(), List.of(new Pair("start_at", "end_at", false)), List.of()));
    }

    @ParameterizedTest
    @MethodSource("others")
    void aConditionThatIsNotUnderstoodIsToldByName(String condition, String printed) throws SQLException {
        assertThat(of("CONSTRAINT odd CHECK (" + condition + ")"))
                .isEqualTo(new TableLimits(Map.of(), List.of(), List.of(new Unread("odd", printed))));
    }

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of("n % 2 = 0", "((n % 2) = 0)"),
                Arguments.of("n > 1 OR amount > 1", "((n > 1) OR (amount > (1)::numeric))"),
                Arguments.of("n > 1 OR n < -1", "((n > 1) OR (n < '-1'::integer))"),
                Arguments.of("status ~ '^a'", "(status ~ '^a'::text)"),
                Arguments.of("day <= CURRENT_DATE", "(day <= CURRENT_DATE)"),
                Arguments.of("n <> 3", "(n <> 3)"),
                Arguments.of("n IS NULL", "(n IS NULL)"),
                Arguments.of("NOT (n > 3)", "(NOT (n > 3))"),
                Arguments.of("start_at::date >= '2024-01-01'", "((start_at)::date >= '2024-01-01'::date)"),
                Arguments.of("n + 1 > 5", "((n + 1) > 5)"),
                Arguments.of(
                        "CASE WHEN active THEN n > 0 ELSE true END",
                        "\nCASE\n    WHEN active THEN (n > 0)\n    ELSE true\nEND"));
    }

    @Test
    void ofAConjunctionWhatIsUnderstoodCounts() throws SQLException {
        TableLimits limits = of("CONSTRAINT odd CHECK (n > 5 AND n % 2 = 0)");
        assertThat(limits.columns()).isEqualTo(Map.of("n", from("5", false)));
        assertThat(limits.unread()).extracting(Unread::name).containsExactly("odd");
    }

    private static TableLimits of(String constraints) throws SQLException {
        return ofTables(
                "t",
                "CREATE TABLE t (n integer, amount numeric, status text, label varchar(20), active boolean, day date,"
                        + " start_at timestamp, end_at timestamp, \"Odd\"\"name\" integer, " + constraints + ")");
    }

    private static TableLimits ofTables(String table, String... statements) throws SQLException {
        try (Connection connection = database.open("test")) {
            connection.setAutoCommit(false);
            Queries.execute(connection, statements);
            long oid = Long.parseLong(Queries.value(connection, "SELECT '" + table + "'::regclass::oid::bigint"));
            TableLimits limits = new LimitsReader(connection).of(oid);
            connection.rollback();
            return limits;
        }
    }

    @Test
    void domainsAndTheDomainsUnderThem() throws SQLException {
        assertThat(ofTables("d", "CREATE TABLE d (p price, q positive, e even)"))
                .isEqualTo(new TableLimits(
                        Map.of(
                                "p",
                                new ColumnLimits(new End("0", false), new End("1000", true), null, true, 0, null),
                                "q",
                                from("0", false)),
                        List.of(),
                        List.of(new Unread("e: even_check", "((VALUE % 2) = 0)"))));
    }

    @Test
    void partitionsByRange() throws SQLException {
        String parent = "CREATE TABLE p (at timestamptz, id int, note text) PARTITION BY RANGE (at)";
        ColumnLimits january = new ColumnLimits(
                new End("2024-01-01 00:00:00+00", true), new End("2024-02-01 00:00:00+00", false), null, true, 0, null);
        assertThat(ofTables(
                        "p1",
                        "SET TimeZone = 'UTC'",
                        parent,
                        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')"))
                .isEqualTo(new TableLimits(Map.of("at", january), List.of(), List.of()));
        assertThat(ofTables(
                        "p2",
                        "SET TimeZone = 'UTC'",
                        parent,
                        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (MINVALUE) TO ('2024-01-01')"))
                .isEqualTo(new TableLimits(
                        Map.of(
                                "at",
                                new ColumnLimits(null, new End("2024-01-01 00:00:00+00", false), null, true, 0, null)),
                        List.of(),
                        List.of()));
        assertThat(ofTables("p3", parent, "CREATE TABLE p3 PARTITION OF p DEFAULT")
                        .unread())
                .extracting(Unread::name)
                .containsExactly("partition p3");
    }

    @Test
    void partitionsBySeveralColumns() throws SQLException {
        String parent = "CREATE TABLE p (year int, month int) PARTITION BY RANGE (year, month)";
        assertThat(ofTables("p1", parent, "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (2024, 1) TO (2024, 7)")
                        .columns())
                .isEqualTo(Map.of(
                        "year", new ColumnLimits(null, null, List.of("2024"), true, 0, null),
                        "month", new ColumnLimits(new End("1", true), new End("7", false), null, true, 0, null)));
        assertThat(ofTables("p1", parent, "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (2020, 6) TO (2024, 7)")
                        .columns())
                .isEqualTo(Map.of(
                        "year",
                        new ColumnLimits(new End("2020", false), new End("2024", false), null, true, 0, null),
                        "month",
                        required()));
    }

    @Test
    void partitionsByListOrHashAndPartitionsOfPartitions() throws SQLException {
        assertThat(ofTables(
                        "p1",
                        "CREATE TABLE p (country text, id int, kind \"char\") PARTITION BY LIST (country)",
                        "CREATE TABLE pe PARTITION OF p FOR VALUES IN ('DE', 'FR', NULL) PARTITION BY HASH (id)",
                        "CREATE TABLE ph PARTITION OF pe FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY RANGE (id)",
                        "CREATE TABLE p1 PARTITION OF ph FOR VALUES FROM (10) TO (MAXVALUE)"))
                .isEqualTo(new TableLimits(
                        Map.of(
                                "country",
                                oneOf("DE", "FR"),
                                "id",
                                new ColumnLimits(new End("10", true), null, null, true, 0, null)),
                        List.of(),
                        List.of()));
        assertThat(ofTables(
                                "p1",
                                "CREATE TABLE p (country text) PARTITION BY LIST (lower(country))",
                                "CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('de')")
                        .unread())
                .extracting(Unread::name)
                .containsExactly("partition p1");
    }
}
