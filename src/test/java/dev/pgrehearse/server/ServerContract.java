package dev.pgrehearse.server;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Signals;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every kind of server must do. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServerContract {
    private Supervisor supervisor;
    private ServerHost host;
    private DataDirectory golden;

    /** What to start. */
    abstract ServerSpec spec();

    /** Sets the stage, or aborts with the reason why this kind cannot run here. */
    void prepare() throws Exception {}

    @BeforeAll
    void open() throws Exception {
        prepare();
        supervisor = Supervisor.start();
        host = ServerHost.open(spec(), supervisor);
        golden = host.initialise();
    }

    @AfterAll
    void close() {
        if (host != null) {
            host.close();
            assertThat(supervisor.held()).isEmpty();
        }
        if (supervisor != null) {
            supervisor.close();
            assertThat(supervisor.troubles()).isEmpty();
        }
    }

    /** What a test does with a running server. */
    interface Use {
        void with(RunningServer server) throws Exception;
    }

    /** Lets a test use a server on a copy of its own, which is stopped cleanly and removed afterwards. */
    final void onCopy(Map<String, String> settings, Use use) throws Exception {
        DataDirectory directory = host.copy(golden);
        try (RunningServer server = host.start(directory, settings)) {
            use.with(server);
            server.stop();
        }
        host.remove(directory);
    }

    ServerHost host() {
        return host;
    }

    DataDirectory golden() {
        return golden;
    }

    @Test
    void measuresOnDurableSettingsAndThoseThatWereAsked() throws Exception {
        onCopy(Map.of("work_mem", "8MB", "max_connections", "137"), server -> {
            Map<String, String> settings = server.facts().settings();

            assertThat(settings)
                    .containsEntry("fsync", "on")
                    .containsEntry("synchronous_commit", "on")
                    .containsEntry("full_page_writes", "on")
                    .containsEntry("wal_level", "replica")
                    .containsEntry("work_mem", "8MB")
                    .containsEntry("max_connections", "137")
                    .containsEntry("deadlock_timeout", "1s")
                    .containsEntry("superuser_reserved_connections", "3")
                    .containsEntry("log_lock_waits", "on")
                    .containsEntry("cluster_name", "pgrehearse");
            assertThat(settings.get("shared_preload_libraries")).contains("pg_stat_statements");
            assertThat(server.differences()).isEmpty();
            assertThat(server.facts().kind()).isEqualTo(host.kind());
            assertThat(server.facts().build())
                    .contains("PostgreSQL " + server.facts().version());
            assertThat(value(server.app(), "SHOW server_encoding")).isEqualTo("UTF8");
        });
    }

    @Test
    void aSettingFromElsewhereIsADifference() throws Exception {
        DataDirectory directory = host.copy(golden);
        try (RunningServer server = host.start(directory, Map.of())) {
            execute(server.superuser(), "ALTER SYSTEM SET work_mem = '16MB'");
            execute(server.superuser(), "ALTER SYSTEM SET temp_buffers = '8192kB'");
            server.stop();
        }
        try (RunningServer server =
                host.start(directory, Map.of("work_mem", "8MB", "temp_buffers", "8MB", "no_library.setting", "1"))) {
            assertThat(server.differences())
                    .containsExactlyInAnyOrder(
                            new SettingDifference("work_mem", "8MB", "16MB", "configuration file"),
                            new SettingDifference(
                                    "no_library.setting", "1", SettingDifference.NO_SUCH_SETTING, "none"));
            server.stop();
        }
        host.remove(directory);
    }

    @Test
    void theApplicationsRoleOwnsTheDatabaseAndIsNoSuperuser() throws Exception {
        onCopy(Map.of(), server -> {
            assertThat(value(server.app(), "SELECT current_user || ' ' || current_database()"))
                    .isEqualTo("app rehearsal");
            assertThat(value(server.app(), "SELECT rolsuper FROM pg_roles WHERE rolname = 'app'"))
                    .isEqualTo("f");
            execute(server.app(), "CREATE TABLE mine (id int)");
            assertThat(value(server.superuser(), "SHOW is_superuser")).isEqualTo("on");
        });
    }

    @Test
    void nobodyEntersWithoutThePassword() throws Exception {
        onCopy(Map.of(), server -> {
            for (ConnectionDetails role : List.of(server.app(), server.superuser())) {
                for (String wrong : List.of("wrong", "")) {
                    assertThatThrownBy(() -> value(role.withUser(role.user(), new Password(wrong)), "SELECT 1"))
                            .isInstanceOf(SQLException.class);
                }
            }
            assertThat(value(server.superuser(), "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"))
                    .isEqualTo("scram-sha-256");
            assertThat(value(
                            server.superuser(),
                            "SELECT string_agg(DISTINCT left(rolpassword, 13), ',') FROM pg_authid"))
                    .isEqualTo("SCRAM-SHA-256");
        });
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        onCopy(Map.of(), server -> {
            String port =
                    HexFormat.of().toHexDigits((short) server.app().port()).toUpperCase(java.util.Locale.ROOT);
            List<String> listening = Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                    .map(line -> line.strip().split("\\s+", -1))
                    .filter(fields -> fields[3].equals("0A") && fields[1].endsWith(":" + port))
                    .map(fields -> fields[1])
                    .toList();
            List<String> listeningOnSix = Files.readAllLines(Path.of("/proc/net/tcp6")).stream()
                    .map(line -> line.strip().split("\\s+", -1))
                    .filter(fields -> fields[3].equals("0A") && fields[1].endsWith(":" + port))
                    .map(fields -> fields[1])
                    .toList();

            // 127.0.0.1 in the machine's byte order, as /proc/net/tcp writes it.
            assertThat(listening).containsExactly("0100007F:" + port);
            assertThat(listeningOnSix).isEmpty();
            assertThat(value(server.superuser(), "SHOW unix_socket_directories"))
                    .isEmpty();
        });
    }

    @Test
    void aCopyIsIndependentOfItsSource() throws Exception {
        DataDirectory source = host.copy(golden);
        try (RunningServer server = host.start(source, LoadingSettings.SETTINGS)) {
            assertThat(server.facts().settings())
                    .containsEntry("fsync", "off")
                    .containsEntry("wal_level", "minimal")
                    .containsEntry("autovacuum", "off");
            execute(server.app(), "CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 1000) g");
            server.stop();
        }
        DataDirectory copy = host.copy(source);
        try (RunningServer server = host.start(copy, Map.of())) {
            assertThat(value(server.app(), "SELECT count(*) FROM t")).isEqualTo("1000");
            execute(server.app(), "DELETE FROM t");
            server.stop();
        }
        try (RunningServer server = host.start(source, Map.of())) {
            assertThat(value(server.app(), "SELECT count(*) FROM t")).isEqualTo("1000");
            server.stop();
        }
        host.remove(source);
        host.remove(copy);
    }

    @Test
    void onlyACleanlyStoppedDirectoryIsCopied() {
        DataDirectory directory = host.copy(golden);
        try (RunningServer server = host.start(directory, Map.of())) {
            assertThatThrownBy(() -> host.copy(directory))
                    .isInstanceOf(ServerProblem.class)
                    .hasMessageContaining("postmaster.pid");
            assertThatThrownBy(() -> host.remove(directory))
                    .isInstanceOf(ServerProblem.class)
                    .hasMessageContaining("in use");
            // Left running: closing ends it at once, and that is not clean.
            assertThat(server.died()).isNotDone();
        }
        assertThatThrownBy(() -> host.copy(directory))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("Nothing was copied");
        host.remove(directory);
    }

    @Test
    void theServersLogIsReadableThroughSqlAndKeepsStatementsOut() throws Exception {
        onCopy(Map.of(), server -> {
            assertThatThrownBy(() -> execute(server.app(), "SELECT 'a secret literal'::int"))
                    .isInstanceOf(SQLException.class);
            execute(server.app(), "DO $$ BEGIN RAISE WARNING 'found me'; END $$");

            // The answer comes before the log's collector has written the line; it writes them in order.
            await(server.superuser(), "SELECT pg_read_file(pg_current_logfile('jsonlog')) LIKE '%found me%'", "t");
            String log = value(server.superuser(), "SELECT pg_read_file(pg_current_logfile('jsonlog'))");

            assertThat(log).contains("found me").doesNotContain("SELECT 'a secret literal'");
            assertThat(value(server.superuser(), "SELECT pg_current_logfile('jsonlog')"))
                    .isEqualTo("log/postgresql.json");
        });
    }

    @Test
    void twoServersRunAtOnce() throws Exception {
        DataDirectory one = host.copy(golden);
        DataDirectory other = host.copy(golden);
        try (RunningServer first = host.start(one, Map.of());
                RunningServer second = host.start(other, Map.of())) {
            execute(first.app(), "CREATE TABLE only_in_first (id int)");

            assertThat(first.app().port()).isNotEqualTo(second.app().port());
            assertThat(value(second.app(), "SELECT to_regclass('only_in_first') IS NULL"))
                    .isEqualTo("t");
            first.stop();
            second.stop();
        }
        host.remove(one);
        host.remove(other);
    }

    @Test
    void aWrongSettingFailsInTheServersWords() {
        DataDirectory directory = host.copy(golden);
        assertThatThrownBy(() -> host.start(directory, Map.of("work_men", "8MB")))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("server.settings.work_men")
                .hasMessageContaining("unrecognized configuration parameter \"work_men\"");
        assertThatThrownBy(() -> host.start(directory, Map.of("work_mem", "plenty")))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("server.settings.work_mem")
                .hasMessageContaining("invalid value for parameter \"work_mem\": \"plenty\"");
        assertThatThrownBy(() -> host.start(directory, Map.of("listen_addresses", "*", "port", "1")))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("needed by the tool");
        host.remove(directory);
    }

    @Test
    void aServerThatDiesIsNoticed() throws Exception {
        DataDirectory directory = host.copy(golden);
        try (RunningServer server = host.start(directory, Map.of())) {
            assertThat(value(server.app(), "SELECT 1")).isEqualTo("1");

            Signals.send(server.postmasterPid().orElseThrow(), "KILL");

            assertThat(server.died().get(60, TimeUnit.SECONDS)).contains("137").contains("ready to accept connections");
            assertThatThrownBy(server::stop).isInstanceOf(ServerProblem.class).hasMessageContaining("not clean");
            assertThatThrownBy(() -> server.app().open("test"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(SqlState.meansConnectionLost(e.getSQLState()))
                                    .isTrue());
        }
        assertThatThrownBy(() -> host.copy(directory)).isInstanceOf(ServerProblem.class);
        host.remove(directory);
    }
}
