package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How far a statement has come, of statements that stand still in a known place until the test lets them go on. */
class ProgressIT {
    private static final Duration GIVE_UP = Duration.ofMinutes(1);

    /** What who waits for a page's last reader waits for. */
    private static final String PINNED = "BufferPin";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private final Sessions sessions = new Sessions();
    private Connection migration;
    private Connection other;
    private Observer observer;
    private int pid;

    @BeforeEach
    void prepare() throws SQLException {
        execute(
                POSTGRES.superuser(),
                "DROP TABLE IF EXISTS orders",
                "CREATE TABLE orders (id integer PRIMARY KEY, n integer, note text)",
                "INSERT INTO orders SELECT g, g, repeat('x', 100) FROM generate_series(1, 20000) g",
                "CREATE OR REPLACE FUNCTION gate(i integer) RETURNS bigint LANGUAGE plpgsql AS"
                        + " $$ BEGIN IF i = 15000 THEN PERFORM pg_advisory_lock(1); END IF; RETURN i; END $$",
                "VACUUM (ANALYZE) orders");
        migration = POSTGRES.superuser().open("migration");
        other = POSTGRES.superuser().open("other");
        pid = Integer.parseInt(value(migration, "SELECT pg_backend_pid()"));
        sessions.begin(pid, new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
        observer = Observer.open(
                new Watched(POSTGRES.superuser(), POSTGRES.postmasterPid(), List::of, Watched.App.NONE),
                RehearsalClock.start(),
                facts::add,
                sessions);
        observer.start();
    }

    @AfterEach
    void cleanUp() throws SQLException {
        observer.close();
        migration.close();
        other.close();
        threads.shutdownNow();
        await(POSTGRES.superuser(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", "1");
    }

    private Future<?> later(String sql) {
        observer.statementStarted(1, 1, pid, sql);
        return threads.submit((Callable<Void>) () -> {
            execute(migration, sql);
            observer.statementEnded(1, 1, pid, false);
            return null;
        });
    }

    private StatementAdvance awaited(String phase) {
        return awaited(phase, any -> true);
    }

    private StatementAdvance awaited(String phase, Predicate<StatementAdvance> wanted) {
        long until = System.nanoTime() + GIVE_UP.toNanos();
        while (System.nanoTime() < until) {
            StatementAdvance now = observer.advance();
            if (now != null && now.phase().equals(phase) && wanted.test(now)) {
                return now;
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("never seen: " + phase + "; seen: " + seen());
    }

    private List<Fact.ProgressSeen> seen() {
        return facts.stream()
                .filter(Fact.ProgressSeen.class::isInstance)
                .map(Fact.ProgressSeen.class::cast)
                .toList();
    }

    @Test
    void aConcurrentBuildIsSeenWaitingForTheOldSnapshot() throws Exception {
        execute(other, "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM orders");
        Future<?> build = later("CREATE INDEX CONCURRENTLY orders_n ON orders (n)");
        awaited("waiting for old snapshots");
        // A session of the observer's that asked something at that moment is waited for, too: until it has its answer.
        ConnectionDetails elsewhere = POSTGRES.superuser().withDatabase("postgres");
        int otherPid = Integer.parseInt(value(other, "SELECT pg_backend_pid()"));
        await(
                elsewhere,
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'virtualxid' AND pid = " + pid
                        + " AND virtualxid = (SELECT virtualxid FROM pg_locks WHERE locktype = 'virtualxid' AND granted"
                        + " AND pid = " + otherPid + ")",
                "1");
        String progress = " FROM pg_stat_progress_create_index WHERE pid = " + pid;
        long total = Long.parseLong(value(elsewhere, "SELECT lockers_total" + progress));
        long done = Long.parseLong(value(elsewhere, "SELECT lockers_done" + progress));
        StatementAdvance waiting = awaited("waiting for old snapshots", advance -> advance.done() == done);
        execute(other, "COMMIT");
        build.get();
        observer.finish();

        assertThat(waiting.command()).isEqualTo("CREATE INDEX CONCURRENTLY");
        assertThat(waiting.relation()).isEqualTo("orders");
        assertThat(waiting.total()).isEqualTo(total).isEqualTo(done + 1);
        assertThat(waiting.remainingMs()).as("that depends on others").isEmpty();
        assertThat(seen())
                .filteredOn(fact -> fact.phase().equals("waiting for old snapshots"))
                .isNotEmpty()
                .allSatisfy(fact -> {
                    assertThat(fact.source()).isEqualTo("pg_stat_progress_create_index");
                    assertThat(fact.unit()).isEqualTo("sessions");
                });
        assertThat(observer.advance()).isNull();
    }

    /** Its new file is in no catalogue, and nobody may wait for its lock to measure the old one. */
    @Test
    void aRewriteIsToldByTheSizeOfItsNewFile() throws Exception {
        execute(other, "SELECT pg_advisory_lock(1)");
        long heapAndToast = Long.parseLong(value(
                other,
                "SELECT (relpages + (SELECT relpages FROM pg_class t WHERE t.oid = c.reltoastrelid))"
                        + " * current_setting('block_size')::bigint FROM pg_class c WHERE relname = 'orders'"));
        Future<?> rewrite = later("ALTER TABLE orders ALTER n TYPE bigint USING gate(n)");
        StatementAdvance writing = awaited(ProgressProbe.WRITING_THE_HEAP);
        awaitDone(heapAndToast / 2);
        StatementAdvance later = observer.advance();
        execute(other, "SELECT pg_advisory_unlock(1)");
        rewrite.get();
        observer.finish();

        assertThat(writing.relation()).isEqualTo("orders");
        assertThat(writing.total()).isEqualTo(heapAndToast);
        assertThat(later).isNotNull();
        // 14 999 of 20 000 rows were written: three quarters, whatever is extended ahead.
        assertThat((double) later.done() / heapAndToast).isBetween(0.5, 1.0);
        assertThat(seen()).extracting(Fact.ProgressSeen::source).contains(ProgressReading.FILES);
        assertThat(value(migration, "SELECT count(*) FROM orders")).isEqualTo("20000");
    }

    private void awaitDone(long bytes) {
        long until = System.nanoTime() + GIVE_UP.toNanos();
        while (System.nanoTime() < until) {
            StatementAdvance now = observer.advance();
            if (now != null && now.done() >= bytes) {
                return;
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("never so much: " + bytes + "; seen: " + seen());
    }

    /** Which waits for a page that somebody looks at: FREEZE may not leave it out. */
    @Test
    void aVacuumIsToldByTheBlocksThatItScanned() throws Exception {
        execute(
                other,
                "BEGIN",
                "DECLARE looking CURSOR FOR SELECT id FROM orders",
                "MOVE 15000 FROM looking",
                "FETCH looking");
        Future<?> vacuum = later("VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) orders");
        String progress = " FROM pg_stat_progress_vacuum WHERE pid = " + pid;
        ConnectionDetails elsewhere = POSTGRES.superuser().withDatabase("postgres");
        await(elsewhere, "SELECT wait_event FROM pg_stat_activity WHERE pid = " + pid, PINNED);
        long done = Long.parseLong(value(elsewhere, "SELECT heap_blks_scanned" + progress));
        long total = Long.parseLong(value(elsewhere, "SELECT heap_blks_total" + progress));
        StatementAdvance scanning = awaited("scanning heap", advance -> advance.done() == done);
        execute(other, "COMMIT");
        vacuum.get();

        assertThat(done).as("three quarters of it").isBetween(total / 2, total - 1);
        assertThat(scanning.command()).isEqualTo("VACUUM");
        assertThat(scanning.relation()).isEqualTo("orders");
        assertThat(scanning.total()).isEqualTo(total);
        assertThat(scanning.unit()).isEqualTo("blocks");
    }

    /** The index that it builds anew computes what the test holds up. */
    @Test
    void aClusterIsToldByItsPhases() throws Exception {
        execute(
                migration,
                "ALTER FUNCTION gate(integer) IMMUTABLE",
                "CREATE INDEX orders_gate ON orders (gate(n))",
                "SELECT pg_advisory_unlock_all()");
        execute(other, "SELECT pg_advisory_lock(1)");
        Future<?> cluster = later("CLUSTER orders USING orders_pkey");
        StatementAdvance building = awaited("rebuilding index");
        execute(other, "SELECT pg_advisory_unlock(1)");
        cluster.get();

        assertThat(building.command()).isEqualTo("CLUSTER");
        assertThat(building.relation()).isEqualTo("orders");
        assertThat(seen()).extracting(Fact.ProgressSeen::source).contains("pg_stat_progress_cluster");
    }

    @Test
    void aCopyIsToldByItsBytes() throws Exception {
        assumeThat(Integer.parseInt(value(other, "SHOW server_version_num"))).isGreaterThanOrEqualTo(140_000);
        execute(other, "SELECT pg_advisory_lock(1)");
        Future<?> copy = later("COPY (SELECT gate(id) FROM orders ORDER BY id) TO '/dev/null'");
        String progress = " FROM pg_stat_progress_copy WHERE pid = " + pid;
        await(POSTGRES.superuser(), "SELECT tuples_processed" + progress, "14999");
        long bytes = Long.parseLong(value(POSTGRES.superuser(), "SELECT bytes_processed" + progress));
        StatementAdvance copying = awaited("copying", advance -> advance.done() == bytes);
        execute(other, "SELECT pg_advisory_unlock(1)");
        copy.get();

        // Of 14 999 numbers and their line feeds.
        assertThat(bytes).isEqualTo(9 * 2 + 90 * 3 + 900 * 4 + 9_000 * 5 + 5_000 * 6);
        assertThat(copying.command()).isEqualTo("COPY TO");
        assertThat(copying.unit()).isEqualTo("bytes");
        assertThat(copying.total()).as("nobody knows how many there will be").isNull();
    }

    @Test
    void aBackfillIsToldByItsRows() throws Exception {
        execute(other, "SELECT pg_advisory_lock(1)");
        Future<?> batch = later("UPDATE orders SET n = gate(id)");
        observer.rowsChanged(1, 1, "orders", 500, 20_000L);
        StatementAdvance changing = awaited("changing rows");
        execute(other, "SELECT pg_advisory_unlock(1)");
        batch.get();

        assertThat(changing.done()).isEqualTo(500);
        assertThat(changing.total()).isEqualTo(20_000);
        assertThat(changing.unit()).isEqualTo("rows");
    }
}
