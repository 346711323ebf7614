package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.restore.ClientPrograms;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.AdversarySpec.Kind;
import dev.pgrehearse.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class AdversaryIT {
    @RegisterExtension
    static final TestServer SERVER = TestServer.quick().with("autovacuum", "on");

    @TempDir
    Path scratch;

    private final RehearsalClock clock = RehearsalClock.start();
    private final Sessions sessions = new Sessions();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> gone = new LinkedBlockingQueue<>();
    private final AdversaryEvents events = new AdversaryEvents() {
        @Override
        public void gone(long atNanos) {
            gone.add(atNanos);
        }

        @Override
        public void told(String kind, String text) {
            told.add(kind + ": " + text);
        }
    };
    private Supervisor supervisor;
    private ConnectionDetails superuser;
    private ConnectionDetails app;

    @BeforeEach
    void prepare() throws SQLException {
        supervisor = Supervisor.start();
        superuser = SERVER.newDatabase();
        app = SERVER.app(superuser);
        Queries.execute(
                app,
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT n, repeat('x', 400) FROM generate_series(1, 20000) n",
                // Else its counters come when the session ends, and after ANALYZE there is something to analyze.
                "SELECT pg_stat_force_next_flush()");
        Queries.execute(superuser, "VACUUM (FREEZE, ANALYZE) orders");
    }

    @AfterEach
    void nothingIsLeft() {
        supervisor.close();
        assertThat(supervisor.troubles()).isEmpty();
        assertThat(scratch).isEmptyDirectory();
    }

    private Adversary plant(AdversarySpec spec, AdversaryGround.DumpProgram program) throws Exception {
        return Adversary.plant(
                spec, new AdversaryGround(app, superuser, clock, sessions, supervisor, scratch, program), events);
    }

    private static AdversarySpec autovacuum(boolean toPreventWraparound) {
        return new AdversarySpec(
                Kind.AUTOVACUUM,
                "orders",
                null,
                Duration.ofSeconds(15),
                Duration.ofDays(1),
                null,
                toPreventWraparound,
                false);
    }

    private int awaitWorker(Adversary adversary) throws InterruptedException {
        assertThat(told.take()).contains("is at work on orders");
        return adversary.pid();
    }

    private String query(int pid) throws SQLException {
        return Queries.value(superuser, "SELECT query FROM pg_stat_activity WHERE pid = " + pid);
    }

    private void assertPutBack() throws SQLException {
        assertThat(Queries.value(superuser, "SELECT reloptions FROM pg_class WHERE relname = 'orders'"))
                .isEqualTo("null");
        assertThat(Queries.value(
                        superuser,
                        "SELECT count(*) FROM pg_file_settings WHERE name = 'autovacuum_naptime' AND sourcefile LIKE"
                                + " '%postgresql.auto.conf'"))
                .isEqualTo("0");
    }

    @Test
    void anOrdinaryAutovacuumGivesWayToALock() throws Exception {
        try (Adversary adversary = plant(autovacuum(false), null)) {
            int worker = awaitWorker(adversary);
            assertThat(query(worker)).isEqualTo("autovacuum: VACUUM public.orders");
            assertThat(sessions.of(worker)).isEqualTo(new Sessions.Use(Sessions.Role.ADVERSARY, "autovacuum"));
            long begun = System.nanoTime();

            Queries.execute(app, "ALTER TABLE orders ADD COLUMN state text");

            // PostgreSQL cancels it after deadlock_timeout, which is 1 s.
            assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
            assertThat(told.take()).contains("Autovacuum worker " + worker + " has left orders");
            assertThat(gone.take()).isPositive();
        }
        assertPutBack();
    }

    @Test
    void oneToPreventWraparoundDoesNot() throws Exception {
        try (Adversary adversary = plant(autovacuum(true), null)) {
            int worker = awaitWorker(adversary);
            assertThat(query(worker)).isEqualTo("autovacuum: VACUUM public.orders (to prevent wraparound)");

            SQLException refused = catchThrowableOfType(
                    SQLException.class,
                    () -> Queries.execute(app, "SET lock_timeout = '3s'", "ALTER TABLE orders ADD COLUMN state text"));

            assertThat(refused.getSQLState()).isEqualTo("55P03");
            assertThat(adversary.pid()).isEqualTo(worker);
            assertThat(Long.parseLong(Queries.value(
                            superuser, "SELECT age(relfrozenxid) FROM pg_class WHERE relname = 'orders'")))
                    .isGreaterThan(100_000);
        }
        assertPutBack();
    }

    @Test
    void oneWhoseTimeIsOverLeavesTheTableToOthersAndIsPutBackWhenItIsClosed() throws Exception {
        AdversarySpec spec = new AdversarySpec(
                Kind.AUTOVACUUM, "orders", null, Duration.ofSeconds(5), Duration.ofSeconds(8), null, true, false);
        try (Adversary adversary = plant(spec, null);
                Connection migration = app.open("test")) {
            int worker = awaitWorker(adversary);
            migration.setAutoCommit(false);

            // It waits for the worker, which PostgreSQL does not cancel, and then holds what putting back would need.
            migration.createStatement().execute("LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE");

            assertThat(told.take()).contains("Autovacuum worker " + worker + " has left orders");
            assertThat(gone.take()).isGreaterThanOrEqualTo(spec.lasts().toNanos());
            for (int look = 0; look < 30; look++) {
                assertThat(Queries.value(
                                superuser,
                                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE relation ="
                                        + " 'orders'::regclass AND NOT granted AND backend_type = 'client backend'"))
                        .isEqualTo("0");
            }
            assertThat(Queries.value(superuser, "SELECT reloptions FROM pg_class WHERE relname = 'orders'"))
                    .contains("autovacuum_vacuum_cost_delay=100");
            migration.commit();
        }
        assertPutBack();
        assertThat(told).noneMatch(event -> event.startsWith(AdversaryEvents.FAILED));
    }

    @Test
    void anAutovacuumOfATableThatIsNotThereIsTold() throws Exception {
        Queries.execute(app, "DROP TABLE orders");
        try (Adversary adversary = plant(autovacuum(false), null)) {
            assertThat(told.take()).contains("the table orders is not there");
            assertThat(adversary.pid()).isNull();
            assertThat(adversary.plantedNanos()).isNull();
        }
    }

    @Test
    void aBatchJobComesAgainAndChangesNoValue() throws Exception {
        String before = sum();
        try (Adversary adversary = plant(batchJob(null), null)) {
            for (int run = 1; run <= 3; run++) {
                assertThat(told.take())
                        .startsWith("batch-run: The batch job on orders, run " + run + ", wrote 10000 rows in ");
            }
            assertThat(adversary.remark()).matches("[3-9] runs begun, [3-9] committed(, one is running)?");
            assertThat(adversary.atWork()).isTrue();
            assertThat(sessions.of(adversary.pid()).role()).isEqualTo(Sessions.Role.ADVERSARY);
        }
        assertThat(gone.take()).isPositive();
        assertThat(sum()).isEqualTo(before);
    }

    @Test
    void aRunThatFailsIsToldAndTheNextOneComes() throws Exception {
        try (Adversary adversary = plant(batchJob("INSERT INTO orders VALUES (1, 'again')"), null)) {
            assertThat(told.take())
                    .startsWith("batch-run-failed: ")
                    .contains("run 1, failed")
                    .contains("orders_pkey");
            assertThat(adversary.atWork()).isFalse();
            assertThat(told.take()).contains("run 2, failed").contains("orders_pkey");
            Queries.execute(superuser, "SELECT pg_terminate_backend(" + adversary.pid() + ")");
            String last = told.take();
            while (last.contains("batch-run")) {
                last = told.take();
            }
            assertThat(last).startsWith("adversary-failed: ").contains("did not stay its time");
        }
    }

    private static AdversarySpec batchJob(String sql) {
        return new AdversarySpec(
                Kind.BATCH_JOB,
                "orders",
                sql,
                Duration.ofSeconds(5),
                Duration.ofDays(1),
                Duration.ofMillis(100),
                false,
                false);
    }

    private String sum() throws SQLException {
        return Queries.value(
                superuser, "SELECT count(*) || ' ' || md5(string_agg(id || note, ',' ORDER BY id)) FROM orders");
    }

    @Test
    void aDumpWithoutTheProgramLocksEveryTableInOneSnapshot() throws Exception {
        Queries.execute(app, "CREATE TABLE parted (n int) PARTITION BY RANGE (n)", "CREATE SCHEMA other");
        Queries.execute(app, "CREATE TABLE parted_1 PARTITION OF parted DEFAULT", "CREATE TABLE other.more (n int)");
        AdversarySpec spec =
                new AdversarySpec(Kind.DUMP, AdversarySpec.ALL_TABLES, null, Duration.ofSeconds(5), Duration.ofDays(1));
        try (Adversary adversary = plant(spec, null)) {
            while (adversary.plantedNanos() == null) {
                Thread.onSpinWait();
            }
            assertThat(Queries.value(
                            superuser,
                            "SELECT string_agg(relation::regclass::text, ' ' ORDER BY relation::regclass::text) FROM"
                                    + " pg_locks WHERE pid = " + adversary.pid()
                                    + " AND locktype = 'relation' AND mode = 'AccessShareLock' AND relation >= 16384"
                                    + " AND relation IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p'))"))
                    .isEqualTo("orders other.more parted parted_1");
            assertThat(Queries.value(
                            superuser,
                            "SELECT backend_xmin IS NOT NULL FROM pg_stat_activity WHERE pid = " + adversary.pid()))
                    .isEqualTo("t");
            assertThat(adversary.remark()).contains("without pg_dump");
        }
        assertThat(gone.take()).isPositive();
        assertThat(told).isEmpty();
    }

    private static AdversarySpec dump() {
        return new AdversarySpec(
                Kind.DUMP,
                AdversarySpec.ALL_TABLES,
                null,
                Duration.ofSeconds(5),
                Duration.ofDays(1),
                null,
                false,
                true);
    }

    private int server() {
        try {
            return Integer.parseInt(Queries.value(superuser, "SHOW server_version_num")) / 10_000;
        } catch (SQLException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void aPgDumpThatFailsIsToldInItsOwnWords() throws Exception {
        AdversaryGround.DumpProgram old = ClientPrograms.here()
                .pgDump(1)
                .filter(program -> program.major() < server())
                .map(program -> new AdversaryGround.DumpProgram(program.path(), program.inWords()))
                .orElse(null);
        Assumptions.assumeTrue(old != null, "no pg_dump older than the server is installed here");
        try (Adversary adversary = plant(dump(), old)) {
            assertThat(gone.take()).isPositive();
            assertThat(adversary.pid()).isNull();
            assertThat(adversary.remark())
                    .startsWith("pg_dump ")
                    .contains("ended with status 1")
                    .contains("mismatch");
            assertThat(told.take()).startsWith("adversary-failed: pg_dump ").contains("mismatch");
        }
    }

    /** Reads the catalogue of 300 tables with their locks held, so that these can be seen. */
    @Test
    void aPgDumpLocksEveryTableInOneSnapshotAndEndsByItself() throws Exception {
        int server = server();
        AdversaryGround.DumpProgram program = ClientPrograms.here()
                .pgDump(server)
                .map(found -> new AdversaryGround.DumpProgram(found.path(), found.inWords()))
                .orElse(null);
        Assumptions.assumeTrue(program != null, "no pg_dump " + server + " or newer is installed here");
        Queries.execute(
                app,
                "DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (n int PRIMARY KEY)', i); END LOOP; END"
                        + " $$");
        try (Adversary adversary = plant(dump(), program)) {
            String held = "0";
            String snapshot = "f";
            while (gone.isEmpty() && !held.equals("301")) {
                Integer pid = adversary.pid();
                held = Queries.value(
                        superuser,
                        "SELECT count(*) FROM pg_locks JOIN pg_class c ON c.oid = relation AND relkind = 'r' AND c.oid >="
                                + " 16384 WHERE mode = 'AccessShareLock' AND pid = " + (pid == null ? 0 : pid));
                snapshot = Queries.value(
                        superuser,
                        "SELECT count(*) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid = "
                                + (pid == null ? 0 : pid));
                assertThat(ProcessHandle.of(supervisor.pid()).orElseThrow().descendants())
                        .noneMatch(child -> child.info()
                                .commandLine()
                                .orElse("")
                                .contains(app.password().reveal()));
            }
            assertThat(held).isEqualTo("301");
            assertThat(snapshot).isEqualTo("1");
            assertThat(gone.take()).isPositive();
            assertThat(adversary.remark()).contains("ended with status 0");
        }
        assertThat(told).isEmpty();
    }

    /** Stands in for pg_dump where the machine has none for this server: what matters here is the process. */
    @Test
    void theProcessEndsWithTheAdversary() throws Exception {
        Path program = Files.writeString(scratch.resolve("pg_dump"), "#!/bin/sh\nexec sleep 1000\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        try (Adversary adversary = plant(dump(), new AdversaryGround.DumpProgram(program, "pg_dump 99"))) {
            List<ProcessHandle> sleeping = sleeping();
            while (sleeping.isEmpty()) {
                sleeping = sleeping();
            }
            assertThat(sleeping).hasSize(1);
            assertThat(adversary.remark()).isEqualTo("pg_dump 99, the program itself");
            assertThat(adversary.pid()).as("it never connects").isNull();
        }
        assertThat(sleeping()).isEmpty();
        assertThat(told).isEmpty();
        Files.delete(program);
    }

    private List<ProcessHandle> sleeping() {
        return ProcessHandle.of(supervisor.pid())
                .orElseThrow()
                .descendants()
                .filter(child -> child.info().commandLine().orElse("").contains("sleep 1000"))
                .toList();
    }
}
