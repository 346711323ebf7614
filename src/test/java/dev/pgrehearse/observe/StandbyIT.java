package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.server.TestReplicated;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/** What is seen of a standby, on a real one. Truth comes from both servers' own clocks and views, read by the test. */
@Tag("alone")
class StandbyIT {
    /** Half a second, so that a test need not take half a minute. */
    private static final int STREAMING_DELAY_MS = 500;

    /** Both servers' clocks and ours are one machine's, read in microseconds. */
    private static final double CLOCK_MS = 0.01;

    @RegisterExtension
    static final TestReplicated POSTGRES =
            TestReplicated.pair().with("max_standby_streaming_delay", STREAMING_DELAY_MS + "ms");

    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private final List<Connection> connections = new ArrayList<>();
    private ExecutorService threads;
    private Sessions sessions;
    private Observer observer;
    private RehearsalClock clock;

    @BeforeEach
    void prepare() throws SQLException {
        threads = Executors.newCachedThreadPool();
        facts.clear();
        sessions = new Sessions();
        execute(
                POSTGRES.primary().app(),
                "DROP TABLE IF EXISTS orders",
                "CREATE TABLE orders (id integer PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT g, 'n' FROM generate_series(1, 1000) g");
        await(
                POSTGRES.standby(),
                "SELECT pg_last_wal_replay_lsn() >= '"
                        + value(POSTGRES.primary().superuser(), "SELECT pg_current_wal_lsn()") + "'",
                "t");
    }

    @AfterEach
    void cleanUp() throws SQLException {
        execute(POSTGRES.standby(), "SELECT pg_wal_replay_resume()");
        if (observer != null) {
            observer.close();
        }
        for (Connection connection : connections) {
            connection.close();
        }
        connections.clear();
        threads.shutdownNow();
        await(POSTGRES.standby(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", "1");
    }

    @Test
    void theLagIsWhatIsWrittenAndNotReplayed() throws Exception {
        observe();
        awaitLag(lag -> lag.value() == 0, StandbyFacts.LAG_BYTES);
        execute(POSTGRES.standby(), "SELECT pg_wal_replay_pause()");
        await(POSTGRES.standby(), "SELECT pg_get_wal_replay_pause_state()", "paused");
        long before = clock.nanos();

        execute(POSTGRES.primary().app(), "INSERT INTO orders SELECT g, 'n' FROM generate_series(1001, 20000) g");

        long after = clock.nanos();
        // Replay stands still and nobody writes: the difference of the positions is the lag until it goes on.
        until(() -> last(StandbyFacts.LAG_BYTES).value() == difference() && difference() > 1_000_000);
        // Of replay that stands still the lag grows as fast as time does.
        Fact.Sampled first = last(StandbyFacts.LAG_MS);
        until(() -> last(StandbyFacts.LAG_MS).value() > 2_000);
        Fact.Sampled second = last(StandbyFacts.LAG_MS);
        assertThat(second.value() - first.value()).isCloseTo((second.atNanos() - first.atNanos()) / 1e6, within(0.001));
        // It counts from the reading after the first WAL was written: at most one too late, never too early.
        double since = second.atNanos() / 1e6 - second.value();
        assertThat(since).isBetween(before / 1e6, after / 1e6 + periodReachedMs());
        assertThat(observer.isStandbyBehind()).isTrue();

        execute(POSTGRES.standby(), "SELECT pg_wal_replay_resume()");

        until(() -> last(StandbyFacts.LAG_MS).value() == 0
                && last(StandbyFacts.LAG_BYTES).value() == 0);
        assertThat(observer.isStandbyBehind()).isFalse();
        assertThat(doubts()).isEmpty();
    }

    @Test
    void anIdlePrimaryHasNoLagHoweverOldItsLastCommit() throws Exception {
        observe();
        awaitLag(lag -> lag.value() == 0, StandbyFacts.LAG_MS);
        await(POSTGRES.standby(), "SELECT now() - pg_last_xact_replay_timestamp() > interval '1 s'", "t");
        int seen = lags().size();
        until(() -> lags().size() > seen + 3);

        assertThat(lags().subList(seen, lags().size()))
                .allSatisfy(lag -> assertThat(lag.value()).isZero());
    }

    @Test
    void aReadWaitsOnTheStandbyAsLongAsTheLockStandsOnThePrimary() throws Exception {
        observe();
        Connection migration = open(POSTGRES.primary().app());
        execute(migration, "BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
        // Anybody's commit sends the WAL that tells of the lock.
        execute(POSTGRES.primary().app(), "SELECT pg_logical_emit_message(true, 'test', '')");
        await(
                POSTGRES.standby(),
                "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
                        + " AND relation = 'orders'::regclass",
                "1");
        Connection reader = open(POSTGRES.standbyServer().app());
        sessions.begin(
                reader.unwrap(PGConnection.class).getBackendPID(),
                new Sessions.Use(Sessions.Role.WORKLOAD, "read_order"));
        double asked = clock(POSTGRES.standby());
        Future<Double> read = threads.submit(() -> Double.parseDouble(
                value(reader, "SELECT extract(epoch FROM clock_timestamp()) * 1000 FROM orders WHERE id = 1")));
        await(POSTGRES.standby(), "SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
        double waiting = clock(POSTGRES.standby());

        // The length of a lock is what is tested, so this is not a wait for an event.
        LockSupport.parkNanos(Duration.ofMillis(1_500).toNanos());
        double released = clock(POSTGRES.standby());
        execute(migration, "COMMIT");
        double granted = read.get();

        until(() -> !facts(Fact.StandbyWaited.class).isEmpty());
        Fact.StandbyWaited wait = facts(Fact.StandbyWaited.class).get(0);
        double length = (wait.endNanos() - wait.startNanos()) / 1e6;
        assertThat(length).isBetween(released - waiting, granted - asked + CLOCK_MS + waitPeriodReachedMs());
        assertThat(length).isGreaterThan(1_400);
        assertThat(wait.relation()).isEqualTo("orders");
        assertThat(wait.mode()).isEqualTo("ACCESS SHARE");
        assertThat(wait.operation()).isEqualTo("read_order");
        assertThat(wait.behind()).isEqualTo(StandbyFacts.REPLAY);
        assertThat(facts(Fact.StandbyWaited.class)).hasSize(1);
    }

    @Test
    void aLongReadHoldsReplayUpAndIsThenCancelledByADrop() throws Exception {
        observe();
        Connection reader = open(POSTGRES.standbyServer().app());
        Future<String> read = threads.submit(() -> value(reader, "SELECT pg_sleep(60) FROM orders WHERE id = 1"));
        await(
                POSTGRES.standby(),
                "SELECT count(*) FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'AccessShareLock'",
                "1");
        double dropped = clock(POSTGRES.standby());

        execute(POSTGRES.primary().app(), "DROP TABLE orders");

        assertThatThrownBy(read::get)
                .hasRootCauseInstanceOf(SQLException.class)
                .rootCause()
                .hasMessageContaining("canceling statement due to conflict with recovery")
                .extracting(failure -> ((SQLException) failure).getSQLState())
                .isEqualTo("40001");
        double cancelled = clock(POSTGRES.standby());
        // The delay counts from when the WAL was received, which is after the DROP began.
        assertThat(cancelled - dropped).isGreaterThan(STREAMING_DELAY_MS);
        until(() -> facts(Fact.ReplayHeldUp.class).stream()
                .anyMatch(held -> held.by().equals("orders")));
        assertThat(facts(Fact.ReplayHeldUp.class))
                .filteredOn(held -> held.by().equals("orders"))
                .singleElement()
                .satisfies(held -> assertThat((held.endNanos() - held.startNanos()) / 1e6)
                        .isBetween(
                                STREAMING_DELAY_MS - 2 * waitPeriodReachedMs(),
                                cancelled - dropped + waitPeriodReachedMs()));
        assertThat(conflicts()).containsEntry("lock", 1L).containsEntry("snapshot", 0L);
    }

    @Test
    void aSnapshotIsCancelledByAVacuumOfWhatItSees() throws Exception {
        observe();
        Connection reader = open(POSTGRES.standbyServer().app());
        execute(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM orders");

        execute(POSTGRES.primary().app(), "DELETE FROM orders WHERE id > 500");
        // While a session that is on its way out may still see the rows, VACUUM leaves them.
        int pid = reader.unwrap(PGConnection.class).getBackendPID();
        until(() -> {
            vacuum();
            return isGone(pid)
                    && facts(Fact.ReplayHeldUp.class).stream()
                            .anyMatch(held -> held.by().equals("rows that were vacuumed away"));
        });
        assertThatThrownBy(() -> execute(reader, "SELECT count(*) FROM orders"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("due to conflict with recovery");
        assertThat(conflicts()).containsEntry("snapshot", 1L);
    }

    /** As the end of a rehearsal reads them: when the reads' sessions are gone. */
    private Map<String, Long> conflicts() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
        observer.finish();
        observer.readConflicts();
        assertThat(facts(Fact.StandbyConflicts.class)).hasSize(1);
        return facts(Fact.StandbyConflicts.class).get(0).byCause();
    }

    private static void vacuum() {
        try {
            execute(POSTGRES.primary().app(), "VACUUM orders");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isGone(int pid) {
        try {
            return value(POSTGRES.standby(), "SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid)
                    .equals("0");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void observe() throws SQLException {
        clock = RehearsalClock.start();
        Watched watched = new Watched(
                        POSTGRES.primary().superuser(), POSTGRES.primary().postmasterPid(), List::of, Watched.App.NONE)
                .with(POSTGRES.standby());
        observer = Observer.open(watched, clock, facts::add, sessions);
        observer.start();
    }

    private Connection open(ConnectionDetails where) throws SQLException {
        Connection connection = where.open("test");
        connections.add(connection);
        return connection;
    }

    private static double clock(ConnectionDetails where) throws SQLException {
        return Double.parseDouble(value(where, "SELECT extract(epoch FROM clock_timestamp()) * 1000"));
    }

    /** Bytes that the primary has written and the standby not replayed, as the servers say. */
    private static double difference() {
        try {
            String written = value(POSTGRES.primary().superuser(), "SELECT pg_current_wal_lsn()");
            return Double.parseDouble(
                    value(POSTGRES.standby(), "SELECT pg_wal_lsn_diff('" + written + "', pg_last_wal_replay_lsn())"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private double periodReachedMs() {
        return worstPeriodMs("the standby's lag");
    }

    private double waitPeriodReachedMs() {
        return worstPeriodMs("waits on the standby");
    }

    private double worstPeriodMs(String probe) {
        return observer.paces().stream()
                .filter(pace -> pace.probe().equals(probe))
                .mapToDouble(pace -> Math.max(pace.worstPeriodMs(), pace.wantedPeriodMs()))
                .max()
                .orElseThrow();
    }

    private void awaitLag(Predicate<Fact.Sampled> wanted, String series) {
        until(() -> facts(Fact.Sampled.class).stream()
                .anyMatch(sampled -> sampled.series().equals(series) && wanted.test(sampled)));
    }

    private List<Fact.Sampled> lags() {
        return facts(Fact.Sampled.class).stream()
                .filter(sampled -> sampled.series().equals(StandbyFacts.LAG_MS))
                .toList();
    }

    private Fact.Sampled last(String series) {
        List<Fact.Sampled> all = facts(Fact.Sampled.class).stream()
                .filter(sampled -> sampled.series().equals(series))
                .toList();
        return all.get(all.size() - 1);
    }

    private static void until(BooleanSupplier there) {
        long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!there.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not so within a minute").isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private <F extends Fact> List<F> facts(Class<F> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private List<String> doubts() {
        return facts(Fact.Doubted.class).stream()
                .map(doubted -> doubted.doubt().id())
                .filter(id -> id.startsWith("standby"))
                .toList();
    }
}
