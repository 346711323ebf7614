package dev.pgrehearse.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.server.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** Holds each type's values against PostgreSQL itself: its order, its statistics, its widths. */
@Tag("thorough")
class ProfiledDomainsIT {
    private static final long SEED = 20_261_120;
    private static final ProfiledDomains DOMAINS = new ProfiledDomains(new Dictionaries(SEED), SEED);
    private static final List<Long> SIZES = List.of(1L, 2L, 7L, 1000L, 20_000L);

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private static ConnectionDetails database;

    @BeforeAll
    static void ownDatabase() throws SQLException {
        database = POSTGRES.newDatabase();
        Queries.execute(
                database,
                "CREATE EXTENSION citext",
                "ALTER DATABASE " + database.database() + " SET default_statistics_target = 1000");
    }

    /** How a type's order can be asked for. */
    private enum Order {
        NATURAL,
        /** By bytes: what other collations make of it is another test. */
        BYTES,
        NONE
    }

    private static ColumnShape shape(String column, String type) {
        return ColumnShape.of(column, type, 1);
    }

    static Stream<Arguments> everyType() {
        return Stream.of(
                        ordered(shape("n", "smallint").withBounds(List.of("-12000", "-3", "90", "20000"))),
                        ordered(shape("n", "integer").withBounds(List.of("1", "1000", "2000000000"))),
                        ordered(shape("n", "integer")),
                        ordered(shape("n", "bigint")
                                .withBounds(List.of("-9223372036854775808", "9223372036854775807"))),
                        ordered(shape("n", "bigint").withBounds(List.of("1", "20000"))),
                        ordered(shape("n", "oid").withBounds(List.of("16384", "4294967295"))),
                        ordered(shape("n", "numeric(12,2)")
                                .withBounds(List.of("-5.10", "0.00", "99999.99", "1000000.00"))
                                .withFractionDigits(2)),
                        ordered(shape("n", "numeric(30,10)")
                                .withBounds(List.of("0", "99999999999999999999"))
                                .withFractionDigits(10)),
                        ordered(shape("n", "numeric")
                                .withBounds(List.of("-1.5", "0.0001", "0.12345678901234567890"))
                                .withFractionDigits(20)),
                        ordered(shape("n", "numeric").withBounds(List.of("1", "1e30"))),
                        ordered(shape("n", "real").withBounds(List.of("-3.5", "0.001", "1000"))),
                        ordered(shape("n", "real").withBounds(List.of("0.1", "0.2"))),
                        ordered(shape("n", "double precision").withBounds(List.of("-1e300", "0", "1e-5", "Infinity"))),
                        ordered(shape("n", "double precision").withBounds(List.of("52.1", "52.2", "53.7"))),
                        ordered(shape("n", "money").withBounds(List.of("-$5.10", "$1,234.56", "$100,000.00"))),
                        ordered(shape("d", "date").withBounds(List.of("0044-03-15 BC", "1999-12-31", "2099-01-01"))),
                        ordered(shape("d", "date")
                                .withBounds(List.of("-infinity", "1900-01-01", "2024-02-29", "infinity"))),
                        ordered(shape("t", "time without time zone")
                                .withBounds(List.of("00:00:00", "12:30:00", "23:59:59.5"))),
                        ordered(shape("t", "time(0) with time zone").withBounds(List.of("00:00:00+00", "23:59:59+00"))),
                        ordered(shape("t", "timestamp without time zone")
                                .withBounds(List.of(
                                        "2024-01-01 00:00:00", "2024-01-02 00:00:00", "2024-03-01 10:11:12.5"))),
                        ordered(shape("t", "timestamp(3) with time zone")
                                .withBounds(
                                        List.of("0100-01-01 00:00:00+00 BC", "2024-01-01 00:00:00+05:30", "infinity"))),
                        ordered(shape("t", "timestamp with time zone")),
                        ordered(shape("i", "interval")
                                .withBounds(List.of(
                                        "-1 years -2 mons +3 days -04:05:06.789", "00:00:00", "3 mons", "10 years"))),
                        ordered(shape("u", "uuid")),
                        ordered(shape("u", "uuid")
                                .withBounds(List.of(
                                        "018f0000-0000-7000-8000-000000000000",
                                        "018fffff-ffff-7fff-bfff-ffffffffffff"))),
                        ordered(shape("a", "inet").withAverageWidth(7)),
                        ordered(shape("a", "inet")
                                .withBounds(List.of("1.2.3.4", "10.0.0.0/8", "fd00::", "fd00:1::ffff"))
                                .withAverageWidth(13)),
                        ordered(shape("a", "cidr").withAverageWidth(7)),
                        ordered(shape("a", "macaddr")),
                        ordered(shape("a", "macaddr8")),
                        ordered(shape("l", "pg_lsn").withBounds(List.of("0/0", "AB/12345678"))),
                        none(shape("l", "pg_snapshot")),
                        none(shape("l", "txid_snapshot")),
                        ordered(shape("b", "bit(24)")),
                        ordered(shape("b", "bit varying").withAverageWidth(21)),
                        ordered(shape("b", "bytea").withAverageWidth(33)),
                        ordered(shape("b", "bytea").withAverageWidth(600).withLengths(List.of(30, 100, 200, 400))),
                        bytes(shape("email", "character varying(60)")
                                .withAverageWidth(29)
                                .withLengths(List.of(21, 24, 26, 30, 44))),
                        bytes(shape("first_name", "text").withAverageWidth(8)),
                        bytes(shape("full_name", "text").withAverageWidth(16.4)),
                        bytes(shape("description", "text")
                                .withAverageWidth(160)
                                .withLengths(List.of(10, 100, 160, 200, 700))),
                        bytes(shape("phone", "text").withAverageWidth(14)),
                        bytes(shape("city", "citext").withAverageWidth(11)),
                        bytes(shape("token", "character(64)")),
                        bytes(shape("code", "character varying(5)").withAverageWidth(6)),
                        bytes(shape("url", "text").withAverageWidth(60)),
                        bytes(shape("user_agent", "text").withAverageWidth(110)),
                        bytes(shape("customer_uuid", "text").withAverageWidth(37)),
                        bytes(shape("title", "name")),
                        bytes(shape("body", "text").withAverageWidth(900)),
                        none(shape("j", "json").withAverageWidth(120)),
                        none(shape("x", "xml").withAverageWidth(90)),
                        ordered(shape("j", "jsonb").withAverageWidth(20)),
                        ordered(shape("j", "jsonb").withAverageWidth(120).withLengths(List.of(30, 80, 100, 400))),
                        ordered(shape("r", "int4range").withRangeLengths(List.of(1.0, 5.0, 100.0))),
                        ordered(shape("r", "int8range").withEmptyShare(0)),
                        ordered(shape("r", "numrange").withBounds(List.of("[1,2)", "[50,60)", "[1000,1001)"))),
                        ordered(shape("r", "daterange").withRangeLengths(List.of(1.0, 30.0, Double.POSITIVE_INFINITY))),
                        ordered(shape("r", "tsrange").withRangeLengths(List.of(3600.0, 86400.0))),
                        ordered(shape("r", "tstzrange")),
                        ordered(shape("r", "int4multirange").withAverageWidth(34)),
                        ordered(shape("r", "tstzmultirange").withAverageWidth(29)),
                        none(shape("g", "point")),
                        none(shape("g", "line")),
                        none(shape("g", "lseg")),
                        none(shape("g", "box")),
                        none(shape("g", "path").withAverageWidth(109)),
                        none(shape("g", "polygon").withAverageWidth(117)),
                        none(shape("g", "circle")),
                        ordered(shape("v", "tsvector").withAverageWidth(90)),
                        none(shape("v", "tsquery").withAverageWidth(60)),
                        ordered(shape("e", "integer[]").withAverageWidth(41)),
                        ordered(shape("e", "bigint[]").withAverageWidth(61)),
                        ordered(shape("e", "date[]")
                                .withElements(
                                        new ColumnShape.Elements(3, List.of(1.0, 3.0, 5.0), List.of(), 50, List.of()))),
                        bytes(shape("tags", "text[]")
                                .withAverageWidth(60)
                                .withElements(new ColumnShape.Elements(
                                        3, List.of(2.0, 3.0, 4.0), List.of(), 40, List.of(0.4, 0.2, 0.1)))),
                        bytes(shape("tags", "text[]")
                                .withElements(new ColumnShape.Elements(
                                        2,
                                        List.of(0.0, 2.0, 4.0),
                                        List.of("a \"b\"", "back\\slash", "c,d", "e"),
                                        4,
                                        List.of()))),
                        ordered(shape("e", "uuid[]").withAverageWidth(61)),
                        ordered(shape("e", "bytea[]").withAverageWidth(80)))
                .flatMap(each -> SIZES.stream()
                        .filter(size -> room(each.shape.type()) >= size)
                        .map(size -> Arguments.of(
                                each.shape.type() + " " + each.shape.column() + " " + each.shape.bounds() + " " + size,
                                each.shape.withDistinct(size),
                                each.order)));
    }

    private record Case(ColumnShape shape, Order order) {}

    private static Case ordered(ColumnShape shape) {
        return new Case(shape, Order.NATURAL);
    }

    private static Case bytes(ColumnShape shape) {
        return new Case(shape, Order.BYTES);
    }

    private static Case none(ColumnShape shape) {
        return new Case(shape, Order.NONE);
    }

    private static long room(String type) {
        return type.equals("boolean") ? 2 : Long.MAX_VALUE;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyType")
    void valuesAreDifferentAscendingAndAsWideAsTheyShouldBe(String name, ColumnShape shape, Order order)
            throws SQLException, IOException {
        Domain domain = DOMAINS.of(shape);
        try (Connection connection = database.open("test")) {
            fill(connection, shape.type(), domain);
            String value = order == Order.BYTES && !shape.type().endsWith("[]") ? "v::text COLLATE \"C\"" : "v";
            if (order == Order.BYTES && shape.type().endsWith("[]")) {
                value = "v::text[] COLLATE \"C\"";
            }
            assertThat(Queries.value(connection, "SELECT count(*), count(DISTINCT v::text) FROM t"))
                    .isEqualTo(shape.distinct() + "|" + shape.distinct());
            if (order != Order.NONE) {
                assertThat(Queries.value(
                                connection,
                                "SELECT coalesce(bool_and("
                                        + value.replace("v:", "o:").replaceAll("^v$", "o") + " < "
                                        + value + "), true) FROM (SELECT v, lag(v) OVER (ORDER BY n) AS o FROM t) x"
                                        + " WHERE o IS NOT NULL"))
                        .as("ascending")
                        .isEqualTo("t");
            }
            assertStatistics(connection, shape, order);
            assertThat(texts(domain))
                    .containsExactlyElementsOf(LongStream.range(0, Math.min(20, domain.size()))
                            .mapToObj(index -> copied(domain, index))
                            .toList());
        }
    }

    private static void assertStatistics(Connection connection, ColumnShape shape, Order order) throws SQLException {
        String[] found = Queries.value(
                        connection,
                        "SELECT avg_width, n_distinct, coalesce(correlation::text, '-') FROM pg_stats"
                                + " WHERE tablename = 't' AND attname = 'v'")
                .split("\\|", -1);
        if (shape.averageWidth() > 0 && shape.distinct() >= 1000) {
            assertThat(Double.parseDouble(found[0]))
                    .as("average width")
                    .isCloseTo(
                            shape.averageWidth(),
                            within(Math.max(
                                    1, shape.averageWidth() * (shape.type().equals("text[]") ? 0.1 : 0.05))));
        }
        if (order != Order.NONE) {
            double distinct = Double.parseDouble(found[1]);
            assertThat(distinct < 0 ? -distinct * shape.distinct() : distinct)
                    .as("distinct")
                    .isCloseTo((double) shape.distinct(), within(0.5));
        }
        if (order == Order.NATURAL && shape.distinct() > 1 && !found[2].equals("-")) {
            // A short row may go into the room that a long one left on the page before.
            assertThat(Double.parseDouble(found[2])).as("correlation").isCloseTo(1, within(0.01));
        }
    }

    private static void fill(Connection connection, String type, Domain domain) throws SQLException, IOException {
        Queries.execute(connection, "DROP TABLE IF EXISTS t", "CREATE TABLE t (n bigint, v " + type + ")");
        CopyBuffer rows = new CopyBuffer(1 << 16);
        for (long index = 0; index < domain.size(); index++) {
            rows.number(index);
            rows.endField();
            domain.copyTo(rows, index);
            rows.endRow();
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY t FROM STDIN", new ByteArrayInputStream(rows.toByteArray()));
        Queries.execute(connection, "ANALYZE t");
    }

    private static List<String> texts(Domain domain) {
        return IntStream.range(0, (int) Math.min(20, domain.size()))
                .mapToObj(domain::textAt)
                .toList();
    }

    /** What COPY would read. */
    private static String copied(Domain domain, long index) {
        CopyBuffer field = new CopyBuffer(64);
        domain.copyTo(field, index);
        return new String(field.toByteArray(), java.nio.charset.StandardCharsets.UTF_8).replace("\\\\", "\\");
    }

    @Test
    void booleansAndEnumsAreWhatTheyAre() {
        assertThat(texts(DOMAINS.of(shape("b", "boolean").withDistinct(2)))).containsExactly("f", "t");
        assertThat(texts(DOMAINS.of(shape("m", "mood").withDistinct(2).withKnown(List.of("sad", "ok")))))
                .containsExactly("sad", "ok");
    }

    @Test
    void valuesLieBetweenTheBoundsAndAsDenselyAsThese() throws SQLException, IOException {
        ColumnShape shape = shape("n", "integer")
                .withBounds(List.of("0", "10", "1000", "100000"))
                .withDistinct(3000);
        try (Connection connection = database.open("test")) {
            fill(connection, "integer", DOMAINS.of(shape));
            // A third each would be 1000; the first part has room for 10, so the others share the rest.
            assertThat(Queries.value(
                            connection,
                            "SELECT min(v), max(v), count(*) FILTER (WHERE v < 10), count(*) FILTER (WHERE v >= 10 AND v < 1000),"
                                    + " count(*) FILTER (WHERE v >= 1000) FROM t"))
                    .isEqualTo("0|100000|10|990|2000");
        }
    }

    @Test
    void knownValuesAreAmongTheOthersInOrder() throws SQLException, IOException {
        ColumnShape shape = shape("n", "numeric(10,2)")
                .withBounds(List.of("0", "1000"))
                .withKnown(List.of("9.99", "10.00", "10.01", "999.99"))
                .withFractionDigits(2)
                .withDistinct(100);
        try (Connection connection = database.open("test")) {
            fill(connection, "numeric(10,2)", DOMAINS.of(shape));
            assertThat(
                            Queries.value(
                                    connection,
                                    "SELECT count(DISTINCT v), count(*) FILTER (WHERE v IN (9.99, 10, 10.01, 999.99)),"
                                            + " bool_and(v > o) FROM (SELECT v, coalesce(lag(v) OVER (ORDER BY n), -1) AS o FROM t) x"))
                    .isEqualTo("100|4|t");
        }
    }

    @Test
    void commonValuesOfTextHaveTheirLengths() throws SQLException, IOException {
        ColumnShape shape = shape("status", "text")
                .withAverageWidth(9)
                .withLengthAt(Map.of(0L, 8, 2L, 12, 3L, 9))
                .withDistinct(5);
        try (Connection connection = database.open("test")) {
            fill(connection, "text", DOMAINS.of(shape));
            assertThat(Queries.rows(database, "SELECT length(v) FROM t WHERE n IN (0, 2, 3) ORDER BY n"))
                    .containsExactly("8", "12", "9");
        }
    }

    @Test
    void otherCollationsFollowTheIndexInTheMain() throws SQLException, IOException {
        for (String column : List.of("email", "full_name", "description", "sku", "title")) {
            ColumnShape shape = shape(column, "text").withAverageWidth(40).withDistinct(20_000);
            try (Connection connection = database.open("test")) {
                fill(connection, "text COLLATE \"en-x-icu\"", DOMAINS.of(shape));
                assertThat(Double.parseDouble(Queries.value(
                                connection,
                                "SELECT correlation FROM pg_stats WHERE tablename = 't' AND attname = 'v'")))
                        .as(column)
                        .isGreaterThan(0.99);
            }
        }
    }

    @Test
    void textThatIsTooLongToStayInLineIsStoredAsItIs() throws SQLException, IOException {
        ColumnShape shape =
                shape("body", "text").withLengths(List.of(6000, 6000)).withDistinct(200);
        try (Connection connection = database.open("test")) {
            fill(connection, "text", DOMAINS.of(shape));
            // So that a TOAST table comes out as large as the lengths, which were taken from one, say.
            assertThat(Double.parseDouble(Queries.value(
                            connection, "SELECT avg(pg_column_size(v)::float8 / octet_length(v)) FROM t")))
                    .isEqualTo(1.0);
        }
    }
}
