package dev.pgrehearse.profiling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.server.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Canaries in rows of every type, in statements and in comments: none of them gets into the file, unless asked for. */
class ProfilePrivacyIT {
    @RegisterExtension
    static final TestServer SERVER = TestServer.quick().with("shared_preload_libraries", "pg_stat_statements");

    /**
     * A type with three values: the most common one, and both ends of the others. Their canary is what is looked for.
     *
     * @param canaries what of the values must not be found, as PostgreSQL prints them
     */
    private record Planted(String type, String common, String low, String high, List<String> canaries) {}

    private static final List<Planted> PLANTED = List.of(
            new Planted("text", "'qcanaryA'", "'acanaryB'", "'zcanaryC'", List.of("canaryA", "canaryB", "canaryC")),
            new Planted(
                    "varchar(40)", "'qcanaryD'", "'acanaryE'", "'zcanaryF'", List.of("canaryD", "canaryE", "canaryF")),
            new Planted("char(12)", "'qcanaryG'", "'acanaryH'", "'zcanaryI'", List.of("canaryG", "canaryH", "canaryI")),
            new Planted("name", "'qcanaryJ'", "'acanaryK'", "'zcanaryL'", List.of("canaryJ", "canaryK", "canaryL")),
            new Planted(
                    "jsonb",
                    "'\"qcanaryM\"'",
                    "'\"acanaryN\"'",
                    "'\"zcanaryO\"'",
                    List.of("canaryM", "canaryN", "canaryO")),
            new Planted(
                    "bytea",
                    "'qcanaryP'",
                    "'acanaryQ'",
                    "'zcanaryR'",
                    List.of(hex("canaryP"), hex("canaryQ"), hex("canaryR"))),
            new Planted("word", "'qcanaryS'", "'acanaryT'", "'zcanaryU'", List.of("canaryS", "canaryT", "canaryU")),
            new Planted(
                    "text[]", "'{qcanaryV}'", "'{acanaryW}'", "'{zcanaryX}'", List.of("canaryV", "canaryW", "canaryX")),
            new Planted(
                    "pair",
                    "'(1,qcanaryY)'",
                    "'(0,acanaryZ)'",
                    "'(9,zcanary0)'",
                    List.of("canaryY", "canaryZ", "canary0")),
            new Planted(
                    "uuid",
                    "'73539182-6401-4000-8000-00000000000a'",
                    "'00000000-6401-4000-8000-73539182640b'",
                    "'ffffffff-6401-4000-8000-73539182640c'",
                    List.of("73539182")),
            new Planted("inet", "'10.73.53.91'", "'10.73.53.11'", "'10.73.53.99'", List.of("10.73.53")),
            new Planted(
                    "macaddr",
                    "'08:00:2b:73:53:91'",
                    "'00:00:2b:73:53:91'",
                    "'ff:00:2b:73:53:91'",
                    List.of("2b:73:53")),
            new Planted(
                    "bit(24)",
                    "B'011100110101001110010001'",
                    "B'000000110101001110010001'",
                    "B'111111110101001110010001'",
                    List.of("0101001110010001")),
            new Planted("int8", "7353918264017", "7353918264001", "7353918264099", List.of("73539182")),
            new Planted("int4", "735391827", "735391801", "735391899", List.of("735391")),
            new Planted("int2", "7359", "7351", "7399", List.of()),
            new Planted("numeric", "73539182.6401", "73539182.0001", "73539182.9999", List.of("73539")),
            new Planted("float8", "73539.18264", "73539.00264", "73539.99264", List.of("73539.")),
            new Planted("float4", "73539.18", "73538.02", "73540.9", List.of("73539.")),
            new Planted("money", "73539.18", "73538.01", "73540.99", List.of("73,539.18", "73,538.01", "73,540.99")),
            new Planted(
                    "date",
                    "'1987-06-05'",
                    "'1987-05-13'",
                    "'1987-07-17'",
                    List.of("1987-06-05", "1987-05-13", "1987-07-17")),
            new Planted(
                    "timestamp",
                    "'2021-08-09 11:22:33.456789'",
                    "'2021-08-01 11:22:31.456'",
                    "'2021-08-19 11:22:39.4'",
                    List.of("11:22:33", "11:22:31", "11:22:39")),
            new Planted(
                    "timestamptz",
                    "'2021-08-09 12:22:33.456789+00'",
                    "'2021-08-01 12:22:31+00'",
                    "'2021-08-19 12:22:39+00'",
                    List.of("12:22:33", "12:22:31", "12:22:39")),
            new Planted(
                    "time", "'13:57:31.2'", "'13:57:11'", "'13:57:59'", List.of("13:57:31", "13:57:11", "13:57:59")),
            new Planted(
                    "interval",
                    "'7353 hours 18 min 2 s'",
                    "'7353 hours 1 s'",
                    "'7353 hours 59 min'",
                    List.of("7353H", "26470801", "26474340")),
            new Planted("int8[]", "'{7353918264017}'", "'{7353918264001}'", "'{7353918264099}'", List.of("73539182")),
            new Planted(
                    "int8range",
                    "'[7353918264017,7353918264019)'",
                    "'[7353918264001,7353918264019)'",
                    "'[7353918264093,7353918264099)'",
                    List.of("73539182")),
            // With a lower end that anybody guesses, the length is the value.
            new Planted(
                    "int4range", "'[0,735391)'", "'[0,735113)'", "'[0,735987)'", List.of("735391", "735113", "735987")),
            new Planted(
                    "nummultirange",
                    "'{[73539.17,73539.19)}'",
                    "'{[73539.01,73539.19)}'",
                    "'{[73539.93,73539.99)}'",
                    List.of("73539.")),
            new Planted(
                    "tsvector", "'qcanary1'", "'acanary2'", "'zcanary3'", List.of("canary1", "canary2", "canary3")));

    /** What was said to the server and is in no row. */
    private static final List<String> SAID = List.of(
            "CREATE ROLE lowly PASSWORD 'saidcanaryA'",
            "CREATE PROCEDURE say(what text) LANGUAGE plpgsql AS 'BEGIN NULL; END'",
            "CALL say('saidcanaryB')",
            "DO $$ BEGIN PERFORM 'saidcanaryC'; END $$",
            "SET my.setting = 'saidcanaryD'",
            "COMMENT ON TABLE planted IS 'saidcanaryE'",
            "COMMENT ON COLUMN planted.c0 IS 'saidcanaryF'",
            "SELECT /* saidcanaryG */ count(*) FROM planted -- saidcanaryH",
            "SELECT count(*) FROM planted WHERE c0 = 'saidcanaryI' OR c0 = $x$saidcanaryJ$x$ OR c13 = 735391826401",
            "COPY (SELECT 'saidcanaryK') TO '/dev/null'",
            "EXPLAIN SELECT 'saidcanaryL'",
            "PREPARE p AS SELECT 'saidcanaryM'::text",
            "EXECUTE p",
            "ALTER ROLE lowly VALID UNTIL '2031-01-01' PASSWORD 'saidcanaryN'",
            "CREATE TABLE made AS SELECT 'saidcanaryO'::text AS said",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 'saidcanaryP'::text");

    private static ConnectionDetails database;

    @BeforeAll
    static void plant() throws SQLException {
        database = SERVER.newDatabase();
        List<String> columns = new ArrayList<>();
        List<String> common = new ArrayList<>();
        List<String> low = new ArrayList<>();
        List<String> high = new ArrayList<>();
        for (int index = 0; index < PLANTED.size(); index++) {
            Planted planted = PLANTED.get(index);
            columns.add("c" + index + " " + planted.type());
            common.add(planted.common());
            low.add(planted.low());
            high.add(planted.high());
        }
        Queries.execute(
                database,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE DOMAIN word AS text",
                "CREATE TYPE pair AS (n int, word text)",
                "CREATE TABLE planted (" + String.join(", ", columns) + ")",
                "INSERT INTO planted SELECT " + String.join(", ", common) + " FROM generate_series(1, 50)",
                "INSERT INTO planted VALUES (" + String.join(", ", low) + ")",
                "INSERT INTO planted VALUES (" + String.join(", ", high) + ")",
                "ANALYZE planted");
        Queries.execute(database, SAID.toArray(String[]::new));
    }

    @Test
    void noCanaryGetsOut(@TempDir Path directory) throws Exception {
        String file = written(directory, false);
        assertThat(file).contains("planted", "SELECT count(*) FROM planted");
        for (Planted planted : PLANTED) {
            for (String canary : planted.canaries()) {
                for (String form : forms(canary)) {
                    assertThat(file).as(planted.type()).doesNotContain(form);
                }
            }
        }
        assertThat(file).doesNotContain("canary").doesNotContain(hex("canary")).doesNotContain("lowly");
        for (int shift = 0; shift < 3; shift++) {
            assertThat(file).doesNotContain(base64("canary", shift));
        }
    }

    @Test
    void withValuesThoseOfRowsAreThereAndNothingElse(@TempDir Path directory) throws Exception {
        String file = written(directory, true);
        for (Planted planted : PLANTED) {
            // Of types without an order or without statistics of values PostgreSQL itself keeps none.
            if (!planted.type().equals("tsvector") && !planted.type().equals("interval")) {
                assertThat(planted.canaries())
                        .as(planted.type())
                        .allSatisfy(canary -> assertThat(file).contains(canary));
            }
        }
        assertThat(file).contains("7353H").doesNotContain("saidcanary").doesNotContain("lowly");
    }

    @Test
    void neitherHostNorDatabaseNorRoleNorPasswordIsWritten(@TempDir Path directory) throws Exception {
        String file = written(directory, true);
        assertThat(file)
                .doesNotContain(database.password().reveal())
                .doesNotContain(database.host())
                .doesNotContain('"' + database.database() + '"')
                .doesNotContain('"' + database.user() + '"');
    }

    @Test
    void theStatisticsDoHoldTheCanaries() throws SQLException {
        for (int index = 0; index < PLANTED.size(); index++) {
            String type = PLANTED.get(index).type();
            if (!type.equals("tsvector") && !type.contains("range")) {
                assertThat(Queries.value(
                                database,
                                "SELECT most_common_vals IS NOT NULL AND cardinality(histogram_bounds::text::text[]) = 2"
                                        + " FROM pg_stats WHERE tablename = 'planted' AND attname = 'c" + index + "'"))
                        .as(type)
                        .isEqualTo("t");
            }
        }
        assertThatThrownBy(() -> assertThat(
                                String.join("\n", Queries.rows(database, "SELECT query FROM pg_stat_statements")))
                        .doesNotContain("saidcanary"))
                .isInstanceOf(AssertionError.class);
    }

    private static String written(Path directory, boolean values) throws Exception {
        Profile profile = ProfiledDatabase.profile(database, values, Duration.ofMillis(200));
        Path file = directory.resolve("planted.profile.json");
        ProfileJson.write(profile, file);
        // One character a byte, so that what is looked for are bytes.
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    private static List<String> forms(String canary) {
        List<String> forms = new ArrayList<>(List.of(
                canary,
                canary.toUpperCase(Locale.ROOT),
                hex(canary),
                hex(canary).toUpperCase(Locale.ROOT)));
        for (int shift = 0; shift < 3; shift++) {
            forms.add(base64(canary, shift));
        }
        return forms;
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** What of the text's Base64 is the same whatever is before and behind it, when so many bytes are before it. */
    private static String base64(String text, int shift) {
        String encoded = Base64.getEncoder()
                .encodeToString(("x".repeat(shift) + text).getBytes(StandardCharsets.US_ASCII))
                .replace("=", "");
        return encoded.substring(shift == 0 ? 0 : shift + 1, encoded.length() - 1);
    }
}
