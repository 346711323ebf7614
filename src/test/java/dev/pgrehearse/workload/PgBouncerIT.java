package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.app.Failures;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.ProcessProblem;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.scenario.BouncerSetting;
import dev.pgrehearse.server.ServerAccount;
import dev.pgrehearse.server.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PgBouncerIT {
    private static final int CLIENTS = 50;
    private static final int POOL = 5;

    @RegisterExtension
    static final TestServer SERVER = TestServer.quick();

    private static Supervisor supervisor;
    private static Account account;
    private static Path scratch;

    @BeforeAll
    static void prepare() throws Exception {
        Assumptions.assumeTrue(PgBouncer.program().isPresent(), "pgbouncer is not installed here");
        supervisor = Supervisor.start();
        account = ServerAccount.choose();
        scratch = scratch(account);
    }

    private static Path scratch(Account account) throws Exception {
        // Where servers have their directories, so that what is left behind is found.
        Path made =
                Files.createTempDirectory(Files.createDirectories(Leaks.cache().resolve("runs")), "bouncer");
        account.take(made);
        return made;
    }

    @AfterAll
    static void nothingIsHeld() throws Exception {
        if (supervisor != null) {
            assertThat(supervisor.held()).isEmpty();
            supervisor.close();
            assertThat(supervisor.troubles()).isEmpty();
            Files.delete(scratch);
        }
    }

    private static PgBouncer start(int poolSize, int mostClients, Map<String, String> more) throws Exception {
        return PgBouncer.start(
                supervisor,
                account,
                scratch,
                SERVER.app(),
                new PgBouncerSettings(PgBouncerSettings.Mode.TRANSACTION, poolSize, mostClients, more));
    }

    @Test
    void fiftyClientsShareFiveSessions() throws Exception {
        Queries.execute(SERVER.app(), "CREATE TABLE counted (n int)");
        try (PgBouncer bouncer = start(POOL, CLIENTS, Map.of())) {
            assertThat(bouncer.version()).startsWith("PgBouncer 1.");
            List<Connection> connections = new ArrayList<>();
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    connections.add(bouncer.clients().open("pgrehearse app-1", bouncer.driverProperties()));
                }
                CountDownLatch all = new CountDownLatch(CLIENTS);
                // Nobody of the first five may commit before all five are in a transaction, and so on by fives.
                CyclicBarrier five = new CyclicBarrier(POOL);
                List<Future<?>> running = new ArrayList<>();
                for (Connection connection : connections) {
                    running.add(clients.submit(() -> {
                        all.countDown();
                        all.await();
                        transact(connection, five);
                        return null;
                    }));
                }
                all.await();
                int most = 0;
                while (running.stream().anyMatch(one -> !one.isDone())) {
                    most = Math.max(most, sessions());
                }
                for (Future<?> one : running) {
                    one.get();
                }

                assertThat(most).isLessThanOrEqualTo(POOL);
                assertThat(Queries.value(SERVER.app(), "SELECT count(*) FROM counted"))
                        .isEqualTo(Integer.toString(CLIENTS * 20));
                PgBouncer.Pool pool = bouncer.pool().orElseThrow();
                assertThat(pool.clientsActive() + pool.clientsWaiting()).isEqualTo(CLIENTS);
                assertThat(pool.clientsWaiting()).isZero();
                assertThat(pool.serversActive() + pool.serversIdle()).isEqualTo(POOL);
                assertThat(sessions())
                        .as("%s", Queries.rows(SERVER.superuser(), "SELECT a::text FROM pg_stat_activity a"))
                        .isEqualTo(POOL);
            } finally {
                clients.shutdownNow();
                for (Connection connection : connections) {
                    connection.close();
                }
            }
        }
    }

    /** Prepared often enough that the driver would name the statement, which another server connection does not know. */
    private static void transact(Connection connection, CyclicBarrier others) throws Exception {
        connection.setAutoCommit(false);
        for (int i = 0; i < 20; i++) {
            try (var statement = connection.prepareStatement("INSERT INTO counted VALUES (?)")) {
                statement.setInt(1, i);
                statement.executeUpdate();
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_sleep(0.002)");
            }
            if (i == 0) {
                others.await(1, TimeUnit.MINUTES);
            }
            connection.commit();
        }
    }

    /** Of the role that PgBouncer has, without those of {@link Queries}, which are called {@code test}. */
    private static int sessions() throws SQLException {
        return Integer.parseInt(Queries.value(
                SERVER.superuser(),
                "SELECT count(*) FROM pg_stat_activity WHERE application_name <> 'test' AND usename = '"
                        + SERVER.app().user() + "'"));
    }

    @Test
    void aClientThatWaitsTooLongForAServerConnectionMetAnEmptyPool() throws Exception {
        try (PgBouncer bouncer = start(1, 10, Map.of("query_wait_timeout", "1"));
                Connection holder = bouncer.clients().open("holder", bouncer.driverProperties());
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT 1");

            SQLException failure = failureOf(bouncer, "SELECT 2");

            assertThat(failure.getMessage()).contains("query_wait_timeout");
            assertThat(failure.getSQLState()).isEqualTo("08P01");
            assertThat(Failures.outcomeOf(failure)).isEqualTo(Outcome.POOL_TIMEOUT);
            holder.rollback();
        }
    }

    @Test
    void aClientTooManyIsOneConnectionTooMany() throws Exception {
        try (PgBouncer bouncer = start(1, 2, Map.of());
                Connection first = bouncer.clients().open("first", bouncer.driverProperties());
                Connection second = bouncer.clients().open("second", bouncer.driverProperties())) {
            assertThat(first.isValid(5) && second.isValid(5)).isTrue();

            SQLException failure = failureOf(bouncer, "SELECT 3");

            assertThat(failure.getMessage()).contains("no more connections allowed");
            assertThat(Failures.outcomeOf(failure)).isEqualTo(Outcome.TOO_MANY_CONNECTIONS);
        }
    }

    private static SQLException failureOf(PgBouncer bouncer, String sql) {
        try (Connection connection = bouncer.clients().open("late", bouncer.driverProperties());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            return failure;
        }
        throw new AssertionError("it was served");
    }

    @Test
    void itListensOnLoopbackWantsThePasswordAndShowsItToNobody() throws Exception {
        try (PgBouncer bouncer = start(POOL, 10, Map.of())) {
            ConnectionDetails clients = bouncer.clients();
            assertThat(clients.host()).isEqualTo("127.0.0.1");
            assertThatThrownBy(() -> clients.withUser(clients.user(), Password.random())
                            .open("stranger")
                            .close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("authentication failed");
            Path process = Path.of("/proc", Long.toString(bouncer.pid()));
            assertThat(Files.readString(process.resolve("cmdline")))
                    .contains("pgbouncer.ini")
                    .doesNotContain(clients.password().reveal());
            assertThat(Files.getPosixFilePermissions(scratch.resolve("pgbouncer-1")))
                    .allMatch(permission -> permission.name().startsWith("OWNER"));
            assertThat(listening(clients.port())).containsExactly("0100007F");
            assertThat(scratch.resolve("pgbouncer-1")).exists();
        }
        assertThat(scratch.resolve("pgbouncer-1")).doesNotExist();
    }

    /** Local addresses of sockets that listen on a port, as the kernel writes them. */
    private static List<String> listening(int port) throws Exception {
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        return lines.stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns[3].equals("0A"))
                .filter(columns -> columns[1].endsWith(String.format(":%04X", port)))
                .map(columns -> columns[1].substring(0, columns[1].indexOf(':')))
                .toList();
    }

    @Test
    void aSettingThatItDoesNotKnowIsToldInItsOwnWords() {
        assertThatThrownBy(() -> start(POOL, 10, Map.of("no_such_setting", "1")))
                .isInstanceOf(ProcessProblem.class)
                .hasMessageContaining("no_such_setting");
        assertThat(BouncerSetting.refusal("auth_type", "trust")).isPresent();
        assertThat(BouncerSetting.refusal("server_lifetime", "10\nauth_type = trust"))
                .isPresent();
        assertThat(BouncerSetting.refusal("server_lifetime", "10")).isEmpty();
    }

    @Test
    void whoKillsItIsNoticed() throws Exception {
        try (PgBouncer bouncer = start(POOL, 10, Map.of())) {
            ProcessHandle.of(bouncer.pid()).orElseThrow().destroyForcibly();

            assertThat(bouncer.exit().get(30, TimeUnit.SECONDS)).isEqualTo(137);
        }
    }

    @Test
    void itDiesWithTheTool() throws Exception {
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Tool.class.getName(),
                        Leaks.cache().toString())
                .redirectError(Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(tool.getInputStream(), StandardCharsets.UTF_8))) {
            String[] told = out.readLine().split(" ", 3);
            ProcessHandle supervisorProcess =
                    ProcessHandle.of(Long.parseLong(told[0])).orElseThrow();
            ProcessHandle bouncer = ProcessHandle.of(Long.parseLong(told[1])).orElseThrow();

            tool.destroyForcibly().waitFor();

            supervisorProcess.onExit().get(30, TimeUnit.SECONDS);
            assertThat(bouncer.isAlive()).isFalse();
            assertThat(Path.of(told[2])).isEmptyDirectory();
            Files.delete(Path.of(told[2]));
        } finally {
            tool.destroyForcibly().waitFor();
        }
    }

    /** What the tool does, in a JVM that the test kills. */
    static final class Tool {
        private Tool() {}

        public static void main(String[] arguments) throws Exception {
            System.setProperty("PGREHEARSE_CACHE", arguments[0]);
            Leaks.useOwnCache();
            Account account = ServerAccount.choose();
            Path scratch = scratch(account);
            Supervisor supervisor = Supervisor.start();
            // A server that is not there is no reason not to start.
            ConnectionDetails nobody = new ConnectionDetails("127.0.0.1", 1, "shop", "app", Password.random());
            PgBouncer bouncer = PgBouncer.start(
                    supervisor,
                    account,
                    scratch,
                    nobody,
                    new PgBouncerSettings(PgBouncerSettings.Mode.SESSION, POOL, CLIENTS, Map.of()));
            System.out.println(supervisor.pid() + " " + bouncer.pid() + " " + scratch);
            System.out.flush();
            new CountDownLatch(1).await();
        }
    }
}
