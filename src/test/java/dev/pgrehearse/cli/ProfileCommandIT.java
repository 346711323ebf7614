package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code profile} as users start it. */
class ProfileCommandIT {
    @RegisterExtension
    static final TestServer SERVER = TestServer.quick();

    @TempDir
    private Path folder;

    private static String url() {
        return SERVER.superuser().jdbcUrl();
    }

    private Program.Ended profile(Map<String, String> environment, String... more) throws Exception {
        return Program.run(
                folder,
                environment,
                Stream.concat(Stream.of("profile"), Stream.of(more)).toArray(String[]::new));
    }

    private static Map<String, String> password() {
        return Map.of("PGPASSWORD", SERVER.superuser().password().reveal());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void writesOneFileAndSaysWhatIsInIt() throws Exception {
        ConnectionDetails database = SERVER.newDatabase();
        Queries.execute(
                database,
                "CREATE TABLE t (n int, word text)",
                "INSERT INTO t SELECT i, 'w' || i FROM generate_series(1, 1000) i",
                "ANALYZE t");
        String[] arguments = {"--url", database.jdbcUrl(), "--user", database.user(), "--out", "t.profile.json"};
        Program.Ended ended = profile(password(), arguments);
        assertThat(ended.code()).as(ended.error()).isZero();
        assertThat(ended.output())
                .contains("tables       1, about 1")
                .contains("columns      2, 0 without statistics")
                .contains("It holds no value of any row.");
        Path file = folder.resolve("t.profile.json");
        assertThat(files()).containsExactly(file);
        assertThat(ProfileJson.read(file).table("public", "t")).isPresent();
        assertThat(Files.readString(file)).doesNotContain(database.password().reveal());

        Program.Ended again = profile(password(), arguments);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.error()).contains("exists already", "--force");
    }

    @Test
    void calibratesWhenItIsAskedAndTellsBefore() throws Exception {
        Program.Ended ended = profile(
                password(),
                "--url",
                url(),
                "--user",
                SERVER.superuser().user(),
                "--out",
                "c.profile.json",
                "--calibrate");
        assertThat(ended.code()).as(ended.error()).isZero();
        assertThat(ended.error()).contains("read-only probes in one session at a time for at most 30 s");
        assertThat(ended.output())
                .contains("calibration  ", "CPU per row: ", "sequential read: unknown, see the warning");
        assertThat(ended.error()).contains("Calibration, sequential read: unknown. There is no table of at least 8 MB");
        Calibration calibration =
                ProfileJson.read(folder.resolve("c.profile.json")).calibration();
        assertThat(calibration).isNotNull();
        assertThat(calibration
                        .probe(Calibration.Kind.SORT_IN_FILES)
                        .orElseThrow()
                        .median())
                .isGreaterThan(0);
        assertThat(calibration.seconds()).isLessThan(31);
    }

    @Test
    void withValuesItSaysWhatThatMeans() throws Exception {
        Program.Ended ended = profile(
                Map.of(),
                "--url",
                url().replace(
                                "//",
                                "//" + SERVER.superuser().user() + ":"
                                        + SERVER.superuser().password().reveal() + "@"),
                "--out",
                "v.json",
                "--values",
                "--quiet");
        assertThat(ended.code()).as(ended.error()).isZero();
        assertThat(ended.output()).isEmpty();
        assertThat(ended.error())
                .contains("v.json holds values of rows")
                .contains("the password in --url shows in the process list")
                .doesNotContain(SERVER.superuser().password().reveal());
    }

    @Test
    void whatIsWrongIsSaidAndNothingIsWritten() throws Exception {
        Program.Ended none = profile(Map.of(), "--url", url(), "--user", "pgrehearse", "--out", "a.json");
        assertThat(none.code()).isEqualTo(4);
        assertThat(none.error()).contains("PGPASSWORD", "nothing was written");

        Program.Ended wrong =
                profile(Map.of("PGPASSWORD", "sesame"), "--url", url(), "--user", "pgrehearse", "--out", "a.json");
        assertThat(wrong.code()).isEqualTo(4);
        assertThat(wrong.error()).contains("refuses this role and password").doesNotContain("sesame");

        Program.Ended address = profile(Map.of(), "--url", "mysql://a:sesame@b/c", "--out", "a.json");
        assertThat(address.code()).isEqualTo(2);
        assertThat(address.error())
                .contains("no address of a PostgreSQL database")
                .doesNotContain("sesame");

        Program.Ended window = profile(password(), "--url", url(), "--out", "a.json", "--window", "60");
        assertThat(window.code()).isEqualTo(2);
        assertThat(window.error()).contains("--window: found `60`", "60s");

        Program.Ended nowhere = profile(password(), "--url", url(), "--out", "no/where/a.json");
        assertThat(nowhere.code()).isEqualTo(2);
        assertThat(nowhere.error()).contains("there is no directory");
        assertThat(files()).isEmpty();
    }

    @Test
    void anInterruptionLeavesNothing() throws Exception {
        try (Program program = Program.start(
                folder,
                password(),
                "profile",
                "--url",
                url(),
                "--user",
                SERVER.superuser().user(),
                "--out",
                "a.json",
                "--window",
                "1h")) {
            Queries.await(
                    SERVER.superuser(),
                    "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'pgrehearse profile'"
                            + " AND query_start > backend_start + interval '1 s'",
                    "t");
            assertThat(program.signal("TERM").end().code()).isEqualTo(130);
        }
        assertThat(files()).isEmpty();
    }
}
