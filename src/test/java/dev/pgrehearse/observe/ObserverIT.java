package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.LockWaits;
import dev.pgrehearse.recording.QueueOverTime;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the observer promises, on a real server. Truth comes from the server's own clock and views, read by the test. */
@Tag("alone")
class ObserverIT {
    /** The log cuts its times to milliseconds. */
    private static final double LOG_MS = 1;
    /** {@code waitstart} and {@code clock_timestamp()} are microseconds, read as doubles. */
    private static final double CLOCK_MS = 0.01;

    private static final String WAITERS = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    private static final String LOGS_JSON = "SELECT pg_current_logfile('jsonlog') IS NOT NULL";

    private static final String READ = "SELECT count(*), extract(epoch FROM clock_timestamp()) * 1000 FROM orders";

    /** The shortest and the longest that a wait can have been, in milliseconds of the server's clock. */
    private record Truth(double atLeast, double atMost) {}

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick().with("max_connections", "260");

    private ExecutorService threads;
    private final List<Connection> connections = new ArrayList<>();
    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private Sessions sessions;
    private Observer observer;

    @BeforeAll
    static void prepareServer() throws SQLException {
        execute(POSTGRES.superuser(), "CREATE EXTENSION pg_stat_statements");
        // The tool's own servers log in UTC; that a log may be in any zone is held here.
        execute(POSTGRES.superuser(), "ALTER SYSTEM SET log_timezone = 'Asia/Kolkata'", "SELECT pg_reload_conf()");
        await(POSTGRES.superuser(), "SHOW log_timezone", "Asia/Kolkata");
    }

    @BeforeEach
    void prepare() throws SQLException {
        threads = Executors.newCachedThreadPool();
        facts.clear();
        sessions = new Sessions();
        execute(
                POSTGRES.app(),
                "DROP TABLE IF EXISTS orders, items",
                "CREATE TABLE orders (id integer PRIMARY KEY, email text, note text)",
                "INSERT INTO orders SELECT g, 'a' || g % 10, 'n' FROM generate_series(1, 1000) g",
                "CREATE TABLE items (id integer PRIMARY KEY, n integer)",
                "INSERT INTO items VALUES (1, 0), (2, 0)");
    }

    @AfterEach
    void cleanUp() throws SQLException {
        if (observer != null) {
            observer.close();
        }
        for (Connection connection : connections) {
            connection.close();
        }
        connections.clear();
        threads.shutdownNow();
        await(POSTGRES.superuser(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", "1");
    }

    @Test
    void aLockHeldForThreeSecondsIsReportedAsSuchFromTheLog() throws Exception {
        Map<Integer, Truth> truth = lockHeldFor(Duration.ofSeconds(3), 20);

        List<Fact.Waited> waits = facts(Fact.Waited.class);
        assertThat(waits).hasSize(20).allSatisfy(waited -> {
            assertThat(waited.source()).isEqualTo("log");
            assertThat(waited.ended()).isEqualTo("granted");
            assertThat(millis(waited))
                    .isBetween(
                            truth.get(waited.pid()).atLeast(),
                            truth.get(waited.pid()).atMost());
            assertThat(waited.behind()).isEqualTo("statement 1");
            assertThat(waited.operation()).isEqualTo("read_order");
            assertThat(waited.relation()).isEqualTo("orders");
            assertThat(waited.mode()).isEqualTo("ACCESS SHARE");
        });
        assertThat(facts(Fact.LockSeen.class)).anySatisfy(seen -> {
            assertThat(seen.relation()).isEqualTo("orders");
            assertThat(seen.mode().sqlName()).isEqualTo("ACCESS EXCLUSIVE");
            assertThat(seen.granted()).isTrue();
        });
        assertThat(peak("blockedSessions")).isEqualTo(20);
        assertThat(facts(Fact.ClockRead.class))
                .isNotEmpty()
                .allSatisfy(read -> assertThat(read.uncertaintyMs()).isPositive());
    }

    @Test
    void withoutALogTheSamplerAloneIsOnePeriodExact() throws Exception {
        execute(POSTGRES.superuser(), "ALTER SYSTEM SET log_destination = 'stderr'", "SELECT pg_reload_conf()");
        await(POSTGRES.superuser(), LOGS_JSON, "f");
        try {
            Map<Integer, Truth> truth = lockHeldFor(Duration.ofSeconds(3), 20);

            assertThat(facts(Fact.Waited.class)).hasSize(20).allSatisfy(waited -> {
                assertThat(waited.source()).isEqualTo("sampled");
                assertOnePeriodExact(waited, truth.get(waited.pid()));
                assertThat(waited.behind()).isEqualTo("statement 1");
            });
            assertThat(facts(Fact.Doubted.class))
                    .filteredOn(doubted -> doubted.doubt().id().equals("no-server-log"))
                    .singleElement()
                    .satisfies(doubted -> assertThat(doubted.doubt().text())
                            .contains("up to one look late", "Deadlocks with their sides"));
        } finally {
            execute(POSTGRES.superuser(), "ALTER SYSTEM RESET log_destination", "SELECT pg_reload_conf()");
            await(POSTGRES.superuser(), LOGS_JSON, "t");
        }
    }

    @Test
    void waitsBelowDeadlockTimeoutAreOnePeriodExact() throws Exception {
        Map<Integer, Truth> truth = lockHeldFor(Duration.ofMillis(300), 5);

        assertThat(facts(Fact.Waited.class)).hasSize(5).allSatisfy(waited -> {
            assertThat(waited.source()).isEqualTo("sampled");
            assertThat(waited.ended()).isEqualTo("granted");
            assertOnePeriodExact(waited, truth.get(waited.pid()));
        });
    }

    @Test
    void readersBehindAWaitingAlterAreTheAlters() throws Exception {
        observe();
        Connection longRead = session(Sessions.Role.ADVERSARY, "longRead");
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        execute(longRead, "BEGIN");
        execute(longRead, READ);
        Future<?> alter = later(migration, "ALTER TABLE orders ADD COLUMN c integer");
        awaitSample("blockedSessions", 1);
        List<Integer> order = new ArrayList<>();
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Connection reader = session(Sessions.Role.WORKLOAD, "read_order");
            order.add(pid(reader));
            readers.add(later(reader, READ));
            awaitWaiters(i + 2);
        }
        awaitSample("blockedSessions", 9);
        execute(longRead, "COMMIT");
        alter.get();
        for (Future<?> reader : readers) {
            reader.get();
        }
        observer.finish();

        assertThat(facts(Fact.Waited.class)).hasSize(9).allSatisfy(waited -> {
            boolean isAlter = waited.operation().equals("migration");
            assertThat(waited.behind()).isEqualTo(isAlter ? "adversary longRead" : "statement 1");
        });
        List<Fact.QueueSeen> queues = facts(Fact.QueueSeen.class);
        Fact.QueueSeen worst = queues.get(queues.size() - 1);
        assertThat(worst.waitersInAll()).isEqualTo(9);
        assertThat(worst.relation()).isEqualTo("orders");
        assertThat(worst.holders()).extracting(Recording.QueueEntry::who).containsExactly("adversary longRead");
        assertThat(worst.waiters().get(0).who()).isEqualTo("statement 1");
        assertTreeOfReadersBehindAnAlter(worst.tree());
        assertQueuesOfReadersBehindAnAlter();
        assertThat(worst.waiters().subList(1, 9))
                .extracting(Recording.QueueEntry::pid)
                .containsExactlyElementsOf(order);
        assertThat(facts(Fact.LockSeen.class)).anySatisfy(seen -> {
            assertThat(seen.relation()).isEqualTo("orders");
            assertThat(seen.granted()).isFalse();
        });
    }

    private static void assertTreeOfReadersBehindAnAlter(Fact.Tree tree) {
        assertThat(tree.waiting()).isEqualTo(9);
        assertThat(tree.nodes())
                .extracting(QueueOverTime.Node::parent, QueueOverTime.Node::who, QueueOverTime.Node::sessions)
                .containsExactly(
                        tuple(-1, "adversary longRead", 1), tuple(0, "statement 1", 1), tuple(1, "read_order", 8));
    }

    /** The ALTER behind the long read; each reader behind both, and those before it. */
    private void assertQueuesOfReadersBehindAnAlter() {
        Map<Integer, List<LockWaits.Ahead>> queues = new HashMap<>();
        facts(Fact.QueueListed.class).forEach(listed -> queues.put(listed.number(), listed.ahead()));
        assertThat(facts(Fact.Waited.class))
                .filteredOn(waited -> waited.queue() != null)
                .hasSize(9);
        assertThat(facts(Fact.Waited.class))
                .extracting(Fact.Waited::ahead)
                .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(facts(Fact.Waited.class))
                .filteredOn(waited -> waited.ahead() > 2)
                .allSatisfy(waited -> assertThat(queues.get(waited.queue()))
                        .extracting(
                                LockWaits.Ahead::who,
                                LockWaits.Ahead::mode,
                                LockWaits.Ahead::holds,
                                LockWaits.Ahead::sessions)
                        .containsExactly(
                                tuple("adversary longRead", "ACCESS SHARE", true, 1),
                                tuple("statement 1", "ACCESS EXCLUSIVE", false, 1),
                                tuple("read_order", "ACCESS SHARE", false, null)));
        List<Fact.QueueMoved> film = facts(Fact.QueueMoved.class);
        assertThat(film.get(film.size() - 1).tree().nodes())
                .as("the queue is gone")
                .isEmpty();
        assertThat(film.get(0).tree().nodes())
                .extracting(QueueOverTime.Node::who)
                .containsExactly("adversary longRead", "statement 1");
    }

    @Test
    void concurrentlyWaitsBehindTheOldSnapshot() throws Exception {
        observe();
        Connection snapshot = session(Sessions.Role.ADVERSARY, "oldSnapshot");
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        execute(snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ");
        execute(snapshot, "SELECT count(*) FROM items");
        Future<?> index = later(migration, "CREATE INDEX CONCURRENTLY orders_email_idx ON orders (email)");
        // Asked in another database: in this one the question's own snapshot would be waited for, too.
        await(
                POSTGRES.superuser().withDatabase("postgres"),
                "SELECT pg_blocking_pids(%d) = ARRAY[%d]".formatted(pid(migration), pid(snapshot)),
                "t");
        hold(Duration.ofMillis(1_500));
        execute(snapshot, "COMMIT");
        index.get();
        observer.finish();

        assertThat(facts(Fact.Waited.class))
                .allSatisfy(waited -> {
                    assertThat(waited.relation()).isEqualTo("(virtual transaction)");
                    assertThat(waited.operation()).isEqualTo("migration");
                })
                // Besides, it may have waited for the snapshot of a sample, which is gone at once.
                .filteredOn(waited -> !waited.behind().equals("observer"))
                .singleElement()
                .satisfies(waited -> {
                    assertThat(waited.behind()).isEqualTo("adversary oldSnapshot");
                    assertThat(waited.source()).isEqualTo("log");
                });
        assertThat(facts(Fact.LockSeen.class)).anySatisfy(seen -> {
            assertThat(seen.relation()).isEqualTo("orders");
            assertThat(seen.mode().sqlName()).isEqualTo("SHARE UPDATE EXCLUSIVE");
        });
    }

    @Test
    void aLockTimeoutEndsTheWaitAtItsError() throws Exception {
        observe();
        Connection holder = session(Sessions.Role.WORKLOAD, "write_order");
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        execute(holder, "BEGIN");
        execute(holder, READ);
        double first = timedOutAfter(migration, 1_500);
        double second = timedOutAfter(migration, 200);
        execute(holder, "COMMIT");
        observer.finish();

        List<Fact.Waited> waits = facts(Fact.Waited.class);
        assertThat(waits).hasSize(2).allSatisfy(waited -> {
            assertThat(waited.ended()).isEqualTo("gave up");
            assertThat(waited.source()).isEqualTo("log");
            assertThat(waited.operation()).isEqualTo("migration");
            assertThat(waited.behind()).isEqualTo("workload");
        });
        assertThat(millis(waits.get(0))).isBetween(1_500 - LOG_MS, first);
        assertThat(millis(waits.get(1))).isBetween(200 - LOG_MS, second);
    }

    @Test
    void aDeadlockIsSeen() throws Exception {
        observe();
        Connection migration = session(Sessions.Role.MIGRATION, "statement 2");
        Connection writer = session(Sessions.Role.WORKLOAD, "write_item");
        execute(migration, "BEGIN");
        execute(migration, "UPDATE items SET n = 1 WHERE id = 1");
        execute(writer, "BEGIN");
        execute(writer, "UPDATE items SET n = 1 WHERE id = 2");
        Future<?> first = later(writer, "UPDATE items SET n = 1 WHERE id = 1");
        awaitWaiters(1);
        Future<?> second = later(migration, "UPDATE items SET n = 1 WHERE id = 2");
        List<String> errors = new ArrayList<>();
        for (Future<?> future : List.of(first, second)) {
            try {
                future.get();
            } catch (ExecutionException e) {
                errors.add(((SQLException) e.getCause()).getSQLState());
                execute(writer, "ROLLBACK");
            }
        }
        assertThat(errors).containsExactly("40P01");
        execute(migration, "ROLLBACK");
        observer.finish();

        int itsPid = pid(migration);
        int writersPid = pid(writer);
        assertThat(facts(Fact.Deadlocked.class)).singleElement().satisfies(deadlock -> {
            assertThat(deadlock.sides()).extracting(LockWaits.Side::pid).containsExactlyInAnyOrder(itsPid, writersPid);
            assertThat(deadlock.sides()).filteredOn(LockWaits.Side::victim).hasSize(1);
            assertThat(deadlock.sides()).allSatisfy(side -> {
                boolean its = side.pid() == itsPid;
                assertThat(side.who()).isEqualTo(its ? "statement 2" : "write_item");
                assertThat(side.blockedBy()).isEqualTo(its ? writersPid : itsPid);
                assertThat(side.relation()).isEqualTo("(transaction)");
                assertThat(side.mode()).isEqualTo("SHARE");
                assertThat(side.sql()).isEqualTo("UPDATE items SET n = 1 WHERE id = " + (its ? 2 : 1));
            });
        });
        assertThat(facts(Fact.Waited.class)).hasSize(2).allSatisfy(waited -> {
            assertThat(waited.relation()).isEqualTo("(transaction) items");
            boolean isMigration = waited.operation().equals("migration");
            assertThat(waited.behind()).isEqualTo(isMigration ? "workload" : "statement 2");
        });
        assertThat(facts(Fact.Waited.class)).extracting(Fact.Waited::ended).contains("gave up");
    }

    @Test
    void leftoversAreWhatWasNotThereBefore() throws Exception {
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        execute(migration, "ALTER TABLE items ADD CONSTRAINT before CHECK (n >= 0) NOT VALID");
        observe();
        assertThatThrownBy(() -> execute(migration, "CREATE UNIQUE INDEX CONCURRENTLY \"Twice\" ON orders (email)"))
                .isInstanceOf(SQLException.class);
        execute(migration, "ALTER TABLE orders ADD CONSTRAINT named CHECK (id > 0) NOT VALID");
        observer.finish();

        assertThat(facts(Fact.LeftBehind.class)).singleElement().satisfies(left -> {
            assertThat(left.leftovers().invalidIndexes()).containsExactly("Twice");
            assertThat(left.leftovers().notValidConstraints()).containsExactly("named on orders");
            assertThat(left.leftovers().other()).isEmpty();
        });
    }

    @Test
    void onlyWhatDropIndexConcurrentlyCanDropIsToBeDropped() throws Exception {
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        execute(migration, "CREATE TABLE parted (n int) PARTITION BY LIST (n)");
        execute(migration, "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)");
        execute(migration, "INSERT INTO parted VALUES (1), (1)");
        observe();
        assertThatThrownBy(() -> execute(migration, "CREATE UNIQUE INDEX CONCURRENTLY \"Twice\" ON orders (email)"))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> execute(migration, "CREATE UNIQUE INDEX CONCURRENTLY parted_1_n ON parted_1 (n)"))
                .isInstanceOf(SQLException.class);
        execute(migration, "CREATE UNIQUE INDEX parted_n ON ONLY parted (n)");
        execute(migration, "ALTER INDEX parted_n ATTACH PARTITION parted_1_n");

        LeftBehind left = observer.leftBehind().join();

        assertThat(left.leftovers().invalidIndexes()).containsExactly("Twice", "parted_1_n", "parted_n");
        assertThat(left.invalidIndexes()).containsExactly("\"public\".\"Twice\"");
        assertThat(left.undroppable()).containsExactly("parted_1_n", "parted_n");
        for (String index : left.undroppable()) {
            assertThatThrownBy(() -> execute(migration, "DROP INDEX CONCURRENTLY " + index))
                    .isInstanceOf(SQLException.class);
        }
        execute(migration, "DROP INDEX CONCURRENTLY " + left.invalidIndexes().get(0));
        execute(migration, "DROP TABLE parted");
    }

    @Test
    void twoHundredBlockedSessionsDoNotStopTheSampler() throws Exception {
        Map<Integer, Truth> truth = lockHeldFor(Duration.ofSeconds(3), 200);

        assertThat(facts(Fact.Waited.class))
                .hasSize(200)
                .allSatisfy(waited -> assertThat(waited.behind()).isEqualTo("statement 1"));
        assertThat(facts(Fact.Waited.class))
                .allSatisfy(waited -> assertThat(millis(waited))
                        .isBetween(
                                truth.get(waited.pid()).atLeast(),
                                truth.get(waited.pid()).atMost()));
        assertThat(peak("blockedSessions")).isEqualTo(200);
        Fact.QueueSeen worst =
                facts(Fact.QueueSeen.class).get(facts(Fact.QueueSeen.class).size() - 1);
        assertThat(worst.waitersInAll()).isEqualTo(200);
        print("200 blocked sessions: " + observer.paces());
    }

    @Test
    void aStatementsWalIsItsOwnWhateverTheNeighboursWrite() throws Exception {
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        execute(migration, "INSERT INTO orders SELECT g, 'a' || g, 'n' FROM generate_series(2001, 200000) g");
        observe();
        observer.phaseBegan(Recording.Phase.BASELINE);
        String index = "CREATE INDEX orders_email_idx ON orders (email)";
        measured(migration, 1, index);
        execute(migration, "DROP INDEX orders_email_idx");

        Connection neighbour = session(Sessions.Role.WORKLOAD, "write_item");
        Future<?> busy = threads.submit((Callable<Void>) () -> {
            while (!Thread.currentThread().isInterrupted()) {
                execute(neighbour, "UPDATE items SET n = n + 1 WHERE id = 1");
            }
            return null;
        });
        // In a transaction of its own, as a runner wraps a statement to read its locks before the commit.
        execute(migration, "BEGIN");
        measured(migration, 2, index + ";");
        execute(migration, "SELECT count(*) FROM pg_locks");
        execute(migration, "COMMIT");
        measured(migration, 3, "ALTER TABLE orders ADD COLUMN brief integer");
        busy.cancel(true);
        observer.finish();

        List<Fact.StatementCost> costs = facts(Fact.StatementCost.class);
        assertThat(costs).hasSize(3);
        assertThat(costs.get(0).walBytes()).isGreaterThan(2_000_000);
        assertThat((double) costs.get(1).walBytes() / costs.get(0).walBytes()).isCloseTo(1, offset(0.05));
        assertThat(costs.get(2).walBytes()).isPositive().isLessThan(100_000);
        assertThat(costs).allSatisfy(cost -> assertThat(cost.cpuMs()).isPositive());
        assertThat(facts(Fact.Sampled.class)).extracting(Fact.Sampled::series).contains("walBytes", "connections");
        assertThat(facts(Fact.CostsMeasured.class)).singleElement().satisfies(measured -> {
            assertThat(measured.costs().walBytes()).isGreaterThan(costs.get(0).walBytes());
            assertThat(measured.costs().serverCpuMs())
                    .isGreaterThanOrEqualTo(measured.costs().migrationCpuMs() - 50);
            assertThat(measured.costs().toolCpuMs()).isPositive();
            assertThat(measured.costs().baselineCpuShare()).isBetween(0.0, 1.0);
            assertThat(measured.costs().maxConnections()).isEqualTo(260);
        });
        print("own WAL: quiet %d, beside a writer %d, brief %d"
                .formatted(
                        costs.get(0).walBytes(),
                        costs.get(1).walBytes(),
                        costs.get(2).walBytes()));
    }

    @Test
    void theObserverGoesOnWhenAllConnectionsAreTaken() throws Exception {
        observe();
        Connection holder = session(Sessions.Role.MIGRATION, "statement 1");
        Connection reader = session(Sessions.Role.WORKLOAD, "read_order");
        String state = "";
        while (state.isEmpty()) {
            try {
                connections.add(POSTGRES.app().open("filler"));
            } catch (SQLException e) {
                state = e.getSQLState();
            }
        }
        assertThat(state).isEqualTo("53300");
        // 260, of which superuser_reserved_connections keeps 3 from everybody else.
        awaitSample("connections", 257);
        execute(holder, "BEGIN");
        execute(holder, "LOCK TABLE orders");
        Future<?> read = later(reader, READ);
        awaitSample("blockedSessions", 1);
        assertThat(observer.proofOf(pid(holder), AdversarySpec.Kind.IDLE_IN_TRANSACTION, "orders")
                        .stands())
                .isTrue();
        execute(holder, "COMMIT");
        read.get();
        observer.finish();

        assertThat(facts(Fact.Waited.class))
                .singleElement()
                .satisfies(waited -> assertThat(waited.behind()).isEqualTo("statement 1"));
        // From version 18 on, the session that is being refused is seen too, when a sample falls on that moment.
        assertThat(peak("connections")).isBetween(257.0, 258.0);
    }

    @Test
    void adversariesAreProvenByTheServersOwnViews() throws Exception {
        observe();
        Connection idle = session(Sessions.Role.ADVERSARY, "idleInTransaction");
        execute(idle, "BEGIN");
        execute(idle, READ);
        Connection snapshot = session(Sessions.Role.ADVERSARY, "oldSnapshot");
        execute(snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ");
        execute(snapshot, READ);
        Connection reading = session(Sessions.Role.ADVERSARY, "longRead");
        Future<?> read = later(reading, "SELECT pg_sleep(60) FROM orders LIMIT 1");
        await(
                POSTGRES.superuser(),
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " + pid(reading),
                "1");

        assertThat(proof(idle, AdversarySpec.Kind.IDLE_IN_TRANSACTION)).isTrue();
        assertThat(proof(idle, AdversarySpec.Kind.OLD_SNAPSHOT))
                .as("READ COMMITTED holds no snapshot while idle")
                .isFalse();
        assertThat(proof(snapshot, AdversarySpec.Kind.OLD_SNAPSHOT)).isTrue();
        assertThat(proof(reading, AdversarySpec.Kind.LONG_READ)).isTrue();
        assertThat(proof(idle, AdversarySpec.Kind.LONG_READ)).isFalse();
        execute(idle, "COMMIT");
        assertThat(proof(idle, AdversarySpec.Kind.IDLE_IN_TRANSACTION)).isFalse();
        assertThat(observer.proofOf(1, AdversarySpec.Kind.LONG_READ, "orders").stands())
                .isFalse();

        execute(POSTGRES.superuser(), "SELECT pg_cancel_backend(" + pid(reading) + ")");
        assertThatThrownBy(read::get).isInstanceOf(ExecutionException.class);
        observer.finish();
    }

    @Test
    void theLogIsFollowedThroughItsRotation() throws Exception {
        observe();
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        Connection reader = session(Sessions.Role.WORKLOAD, "read_order");
        execute(migration, "BEGIN");
        execute(migration, "LOCK TABLE orders");
        Future<?> read = later(reader, READ);
        awaitWaiters(1);
        execute(
                POSTGRES.superuser(),
                "ALTER SYSTEM SET log_filename = 'rotated-%s'".formatted(System.nanoTime()),
                "SELECT pg_reload_conf()");
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('jsonlog') LIKE '%rotated%'", "t");
        execute(POSTGRES.superuser(), "CHECKPOINT");
        hold(Duration.ofMillis(1_500));
        execute(migration, "COMMIT");
        read.get();
        observer.finish();

        assertThat(facts(Fact.Waited.class))
                .singleElement()
                .satisfies(waited -> assertThat(waited.source()).isEqualTo("log"));
        assertThat(facts(Fact.Happened.class)).extracting(Fact.Happened::kind).contains("checkpoint");
    }

    @Test
    void anObserverThatIsCutOffSaysSo() throws Exception {
        observe();
        execute(
                POSTGRES.superuser(),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '"
                        + Observer.APPLICATION_NAME + "'");
        awaitFact(facts -> facts.stream()
                .anyMatch(fact -> fact instanceof Fact.Happened happened
                        && happened.kind().equals("server gone")));
        // One of the observer's sessions told of it; a silence counts as a hole once looks are missing.
        hold(Duration.ofSeconds(1));
        observer.finish();

        assertThat(doubts()).contains("observer-hole-lock-waits", "observer-last-reading");
        assertThat(facts(Fact.CostsMeasured.class)).hasSize(1);
    }

    /** LOCK TABLE held while readers come; gives each reader's wait by the server's own clock, in milliseconds. */
    private Map<Integer, Truth> lockHeldFor(Duration held, int readers) throws Exception {
        observe();
        Connection migration = session(Sessions.Role.MIGRATION, "statement 1");
        List<Connection> sessionsOfReaders = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
            sessionsOfReaders.add(session(Sessions.Role.WORKLOAD, "read_order"));
        }
        Map<Integer, Double> started = new HashMap<>();
        double released;
        List<Future<Double>> reads = new ArrayList<>();
        try (Connection superuser = POSTGRES.superuser().open("look");
                Statement look = superuser.createStatement()) {
            execute(migration, "BEGIN");
            execute(migration, "LOCK TABLE orders");
            long until = System.nanoTime() + held.toNanos();
            sessionsOfReaders.forEach(reader -> reads.add(threads.submit(() -> readAndTell(reader))));
            // A wait's start is told a moment after the wait.
            await(superuser, WAITERS + " AND waitstart IS NOT NULL", Integer.toString(readers));
            awaitSample("blockedSessions", readers);
            try (ResultSet rows = look.executeQuery(
                    "SELECT pid, extract(epoch FROM waitstart) * 1000 FROM pg_locks WHERE NOT granted")) {
                while (rows.next()) {
                    started.put(rows.getInt(1), rows.getDouble(2));
                }
            }
            hold(Duration.ofNanos(until - System.nanoTime()));
            // The clock is read and the lock let go by one message, so nothing lies between the two.
            try (Statement last = migration.createStatement()) {
                last.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000; COMMIT");
                try (ResultSet rows = last.getResultSet()) {
                    rows.next();
                    released = rows.getDouble(1);
                }
            }
        }
        // A wait ended between the release and the moment at which its reader had the lock and went on.
        Map<Integer, Truth> truth = new HashMap<>();
        for (int i = 0; i < readers; i++) {
            int reader = pid(sessionsOfReaders.get(i));
            double start = started.get(reader);
            truth.put(
                    reader, new Truth(released - start - CLOCK_MS, reads.get(i).get() - start + CLOCK_MS));
        }
        observer.finish();
        return truth;
    }

    /** Without the log an end is known to the distance of two looks, the one that the machine let the sampler reach. */
    private void assertOnePeriodExact(Fact.Waited waited, Truth truth) {
        double reached = observer.paces().stream()
                .filter(pace -> pace.probe().equals("lock waits"))
                .mapToDouble(Pace::worstPeriodMs)
                .max()
                .orElseThrow();
        assertThat(millis(waited)).isBetween(truth.atLeast() - reached, truth.atMost() + reached);
    }

    /** Runs into a lock timeout; gives the client's milliseconds, which cannot be shorter than the wait. */
    private static double timedOutAfter(Connection migration, int lockTimeoutMs) throws SQLException {
        execute(migration, "SET lock_timeout = " + lockTimeoutMs);
        long began = System.nanoTime();
        assertThatThrownBy(() -> execute(migration, "ALTER TABLE orders ADD COLUMN c integer"))
                .isInstanceOf(SQLException.class);
        return (System.nanoTime() - began) / 1e6;
    }

    /** As the migration's listener tells it. */
    private void measured(Connection migration, int index, String sql) throws SQLException {
        int pid = pid(migration);
        observer.statementStarted(index, 1, pid, sql);
        execute(migration, sql);
        observer.statementEnded(index, 1, pid, false);
        awaitFact(facts ->
                facts.stream().anyMatch(fact -> fact instanceof Fact.StatementCost cost && cost.index() == index));
    }

    private void observe() throws Exception {
        Watched watched = new Watched(POSTGRES.superuser(), POSTGRES.postmasterPid(), List::of, Watched.App.NONE);
        observer = Observer.open(watched, RehearsalClock.start(), facts::add, sessions);
        observer.start();
    }

    private boolean proof(Connection connection, AdversarySpec.Kind kind) throws SQLException {
        return observer.proofOf(pid(connection), kind, "orders").stands();
    }

    private Connection session(Sessions.Role role, String label) throws SQLException {
        // As the load's adversaries do it: through the extended protocol an open portal keeps its snapshot.
        Connection connection = role == Sessions.Role.ADVERSARY
                ? POSTGRES.app().open("test", Map.of("preferQueryMode", "simple"))
                : POSTGRES.app().open("test");
        connections.add(connection);
        sessions.begin(pid(connection), new Sessions.Use(role, label));
        return connection;
    }

    private Future<?> later(Connection connection, String sql) {
        return threads.submit((Callable<Void>) () -> {
            execute(connection, sql);
            return null;
        });
    }

    /** Reads, and gives the server's time at which that was done. */
    private static double readAndTell(Connection reader) throws SQLException {
        try (Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery(READ)) {
            rows.next();
            return rows.getDouble(2);
        }
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    /** The length of a hold is what is tested, so this is not a wait for an event. */
    private static void hold(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void awaitWaiters(int count) throws SQLException {
        await(POSTGRES.superuser(), WAITERS, Integer.toString(count));
    }

    private void awaitFact(java.util.function.Predicate<ConcurrentLinkedQueue<Fact>> there) {
        long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!there.test(facts)) {
            assertThat(System.nanoTime()).as("no such fact within a minute").isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private void awaitSample(String series, double value) {
        awaitFact(facts -> facts.stream()
                .anyMatch(fact -> fact instanceof Fact.Sampled sampled
                        && sampled.series().equals(series)
                        && sampled.value() == value));
    }

    private <F extends Fact> List<F> facts(Class<F> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private List<String> doubts() {
        return facts(Fact.Doubted.class).stream()
                .map(doubted -> doubted.doubt().id())
                .toList();
    }

    private double peak(String series) {
        return facts(Fact.Sampled.class).stream()
                .filter(sampled -> sampled.series().equals(series))
                .mapToDouble(Fact.Sampled::value)
                .max()
                .orElseThrow();
    }

    private static double millis(Fact.Waited waited) {
        return (waited.endNanos() - waited.startNanos()) / 1e6;
    }

    private static void print(String line) {
        System.out.println(line);
    }
}
