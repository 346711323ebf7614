package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of the log while it is read, and what is left when it cannot be. The probes are driven by hand. */
@Tag("alone")
class LogReadingIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick().with("deadlock_timeout", "50ms");

    private static final Duration PERIOD = Duration.ofMillis(20);
    private static final Duration CLOSE = Duration.ofMillis(5);

    /** After each look of a sampler, until the next one. */
    private final List<Duration> periods = new ArrayList<>();

    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private final RehearsalClock clock = RehearsalClock.start();
    private final Sessions sessions = new Sessions();
    private final Parties parties = new Parties(sessions);
    private final ServerTime serverTime = new ServerTime(clock);
    private final Doubts doubts = new Doubts(facts::add, clock);
    private final WaitLedger ledger = new WaitLedger(facts::add, serverTime, parties);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Connection> connections = new ArrayList<>();

    @BeforeEach
    void prepare() throws SQLException {
        execute(POSTGRES.app(), "DROP TABLE IF EXISTS orders", "CREATE TABLE orders (id integer)");
    }

    @AfterEach
    void cleanUp() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
        threads.shutdownNow();
        execute(
                POSTGRES.superuser(),
                "ALTER SYSTEM RESET log_destination",
                "ALTER SYSTEM RESET log_filename",
                "SELECT pg_reload_conf()");
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('jsonlog') LIKE '%/postgresql.json'", "t");
        await(POSTGRES.superuser(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", "1");
    }

    @Test
    void whereThereIsNoJsonlogCsvlogIsRead() throws Exception {
        set("log_destination", "csvlog");
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('csvlog') IS NOT NULL", "t");
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('jsonlog') IS NULL", "t");
        ServerLogProbe log = log(POSTGRES.superuser());
        aWait();
        awaitWaits(log, 1);

        assertThat(waits()).singleElement().satisfies(wait -> {
            assertThat(wait.source()).isEqualTo("log");
            assertThat(wait.ended()).isEqualTo("granted");
            assertThat(wait.relation()).isEqualTo("orders");
            assertThat(wait.mode()).isEqualTo("ACCESS SHARE");
            assertThat(wait.behind()).isEqualTo("statement 1");
        });
        assertThat(doubts()).isEmpty();
    }

    @Test
    void theMigrationsStatementsEndByTheServersClock() throws Exception {
        new ClockProbe(open(POSTGRES.superuser()), clock, serverTime, facts::add, doubts).prepare();
        ServerLogProbe log = log(POSTGRES.superuser());
        Connection stranger = open(POSTGRES.superuser());
        execute(stranger, "SET log_duration = on", "SELECT 1");
        Connection migration = POSTGRES.superuser().open("test", Map.of("preferQueryMode", "simple"));
        connections.add(migration);
        sessions.begin(pid(migration), new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
        execute(migration, "SET log_duration = on", "BEGIN");
        long sentNanos = clock.nanos();
        execute(migration, "SELECT pg_sleep(0.3)");
        long answeredNanos = clock.nanos();
        execute(migration, "COMMIT");
        sessions.end(pid(migration));
        aWait();
        awaitWaits(log, 1);

        // SET, BEGIN, SELECT, COMMIT.
        assertThat(facts(Fact.ServerDone.class))
                .extracting(Fact.ServerDone::endsTransaction)
                .containsExactly(false, false, false, true);
        Fact.ServerDone slept = facts(Fact.ServerDone.class).get(2);
        long uncertain =
                serverTime.best().uncertaintyNanos() + Duration.ofMillis(1).toNanos();
        assertThat(slept.startNanos()).isGreaterThan(sentNanos - uncertain);
        assertThat(slept.endNanos()).isLessThan(answeredNanos + uncertain);
        assertThat(slept.endNanos() - slept.startNanos())
                .isBetween(Duration.ofMillis(300).toNanos(), answeredNanos - sentNanos);
    }

    @Test
    void filesThatCameAndWentBetweenTwoLooksAreReadAll() throws Exception {
        ServerLogProbe log = log(POSTGRES.superuser());
        aWait();
        rotateTo("postgresql.x1");
        aWait();
        rotateTo("postgresql.x2");
        aWait();
        rotateTo("postgresql.x3");
        aWait();
        awaitWaits(log, 4);
        log.report();

        assertThat(waits())
                .hasSize(4)
                .allSatisfy(wait -> assertThat(wait.source()).isEqualTo("log"));
        assertThat(doubts()).isEmpty();
    }

    @Test
    void aLogThatVanishesIsADoubtWithFromWhenToWhen() throws Exception {
        ServerLogProbe log = log(POSTGRES.superuser());
        execute(
                POSTGRES.superuser(),
                "DO $$ BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'rm ' || pg_current_logfile('jsonlog'));"
                        + " END $$");
        log.sample();
        LockWaitProbe sampler = sampler(true);
        aWait(sampler);
        assertThat(waits())
                .singleElement()
                .satisfies(wait -> assertThat(wait.source()).isEqualTo("sampled"));

        // A new file: from here on all is known again.
        execute(POSTGRES.superuser(), "SELECT pg_rotate_logfile()");
        await(POSTGRES.superuser(), "SELECT (pg_stat_file(pg_current_logfile('jsonlog'), true)).size IS NOT NULL", "t");
        log.sample();
        aWait(sampler);
        awaitWaits(log, 2);
        log.report();
        assertThat(waits().get(1).source()).isEqualTo("log");
        assertThat(doubts()).containsExactly("server-log-lost");
        assertThat(facts(Fact.Happened.class))
                .singleElement()
                .satisfies(event -> assertThat(event.text()).contains("could not be read", "is gone"));
    }

    @Test
    void aLogThatIsEmptiedIsADoubtToo() throws Exception {
        aWait();
        ServerLogProbe log = log(POSTGRES.superuser());
        execute(
                POSTGRES.superuser(),
                "DO $$ BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'cat > ' || pg_current_logfile('jsonlog'));"
                        + " END $$");
        log.sample();
        log.report();
        assertThat(doubts()).containsExactly("server-log-lost");
    }

    @Test
    void whoMayNotReadTheLogHasTheSamplerAlone() throws Exception {
        ServerLogProbe log = log(POSTGRES.app());
        log.sample();
        LockWaitProbe sampler = sampler(true);
        aWait(sampler);
        log.finish();

        assertThat(waits()).singleElement().satisfies(wait -> {
            assertThat(wait.source()).isEqualTo("sampled");
            assertThat(wait.behind()).isEqualTo("statement 1");
        });
        assertThat(facts(Fact.Doubted.class))
                .singleElement()
                .satisfies(doubted ->
                        assertThat(doubted.doubt().text()).contains("cannot be read", "up to one look late"));
    }

    @Test
    void whileSomebodyWaitsItLooksTwiceAsOften() throws Exception {
        LockWaitProbe sampler = sampler(true);
        assertThat(sampler.period()).isEqualTo(PERIOD);
        aWait(sampler);

        Duration half = PERIOD.dividedBy(2);
        assertThat(periods).containsExactly(half, half, half, PERIOD);
    }

    /** As of PostgreSQL 13. */
    @Test
    void withoutTheStartsOfWaitsTheLogTellsThemAndTheSamplerTheRest() throws Exception {
        ServerLogProbe log = log(POSTGRES.superuser());
        LockWaitProbe sampler = sampler(false);
        long before = clock.nanos();
        aWait(sampler);
        long after = clock.nanos();
        awaitWaits(log, 1);

        assertThat(waits()).singleElement().satisfies(wait -> {
            assertThat(wait.source()).isEqualTo("log");
            assertThat(wait.endNanos() - wait.startNanos())
                    .isBetween(Duration.ofMillis(50).toNanos(), after - before);
            assertThat(wait.queue()).isNotNull();
        });
        assertThat(doubts()).containsExactly("no-wait-start");
    }

    @Test
    void aYoungStatementIsLookedAtMoreClosely() throws Exception {
        LockWaitProbe sampler = sampler(Duration.ofHours(1), true);
        look(sampler);
        sampler.statementStarted("SELECT 1", clock.nanos());
        look(sampler);

        assertThat(periods).first().isEqualTo(Duration.ofHours(1));
        // 5 ms, or four times what the look took.
        assertThat(periods).last().satisfies(period -> assertThat(period).isBetween(CLOSE, Duration.ofMinutes(1)));
        assertThat(facts).noneMatch(fact -> fact instanceof Fact.Waited || fact instanceof Fact.QueueSeen);
    }

    private ServerLogProbe log(ConnectionDetails role) throws SQLException {
        Connection connection = open(role);
        ServerLogProbe log = new ServerLogProbe(connection, clock, serverTime, ledger, facts::add, doubts, sessions);
        log.prepare();
        return log;
    }

    private LockWaitProbe sampler(boolean toldWaitStart) throws SQLException {
        return sampler(PERIOD, toldWaitStart);
    }

    private LockWaitProbe sampler(Duration period, boolean toldWaitStart) throws SQLException {
        LockWaitProbe sampler = new LockWaitProbe(
                open(POSTGRES.superuser()),
                clock,
                facts::add,
                parties,
                serverTime,
                ledger,
                doubts,
                period,
                toldWaitStart);
        sampler.prepare();
        return sampler;
    }

    private void aWait() throws Exception {
        aWait(null);
    }

    /** Longer than deadlock_timeout; a sampler sees it three times, and then its end. */
    private void aWait(LockWaitProbe sampler) throws Exception {
        Connection holder = open(POSTGRES.app());
        Connection reader = open(POSTGRES.app());
        sessions.begin(pid(holder), new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
        sessions.begin(pid(reader), new Sessions.Use(Sessions.Role.WORKLOAD, "read_order"));
        execute(holder, "BEGIN", "LOCK TABLE orders");
        Future<?> read = threads.submit((Callable<Void>) () -> {
            execute(reader, "SELECT count(*) FROM orders");
            return null;
        });
        await(POSTGRES.superuser(), "SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
        for (int i = 0; i < 3; i++) {
            look(sampler);
            LockSupport.parkNanos(Duration.ofMillis(40).toNanos());
        }
        execute(holder, "COMMIT");
        read.get();
        look(sampler);
    }

    private void look(LockWaitProbe sampler) throws SQLException {
        if (sampler != null) {
            sampler.sample();
            periods.add(sampler.period());
        }
    }

    private void awaitWaits(ServerLogProbe log, int count) throws SQLException {
        long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (waits().size() < count) {
            assertThat(System.nanoTime()).as("%s, %s", waits(), doubts()).isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            log.sample();
        }
    }

    private static void rotateTo(String name) throws SQLException {
        set("log_filename", name);
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('jsonlog') LIKE '%%/%s.json'".formatted(name), "t");
    }

    private static void set(String setting, String value) throws SQLException {
        execute(
                POSTGRES.superuser(),
                "ALTER SYSTEM SET %s = '%s'".formatted(setting, value),
                "SELECT pg_reload_conf()");
    }

    private Connection open(ConnectionDetails role) throws SQLException {
        Connection connection = role.open("test");
        connections.add(connection);
        return connection;
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    private List<Fact.Waited> waits() {
        return facts(Fact.Waited.class);
    }

    private <F extends Fact> List<F> facts(Class<F> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private List<String> doubts() {
        return facts(Fact.Doubted.class).stream()
                .map(doubted -> doubted.doubt().id())
                .toList();
    }
}
