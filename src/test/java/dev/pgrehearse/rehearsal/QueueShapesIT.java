package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.migration.RunOutcome;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions.Role;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.QueueOverTime;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shapes that a lock queue can have, each made on a real server of sessions whose part is known, with the migration that the tool
 * runs. Who waits behind whom is written here by hand; the recording has to say the same, wait for wait, and nothing else.
 * The outcome becomes a part of {@code docs/accuracy.md}.
 */
class QueueShapesIT {
    private static final String READ = "SELECT count(*) FROM ";
    private static final String VIRTUAL_TRANSACTION = "(virtual transaction)";

    /** One wait, as somebody who knows PostgreSQL's lock queue says it is. */
    private record Wait(String who, String relation, String mode, String behind) {}

    /** What came of one shape. */
    private record Result(String shape, List<Wait> expected, List<Wait> recorded) {
        int chargedRightly() {
            List<Wait> left = new ArrayList<>(recorded);
            return (int) expected.stream().filter(left::remove).count();
        }
    }

    private static final List<Result> RESULTS = new ArrayList<>();

    @RegisterExtension
    static final TestServer POSTGRES =
            TestServer.quick().with("autovacuum", "on").with("autovacuum_naptime", "1s");

    @TempDir
    static Path folder;

    private ConnectionDetails database;
    private Observation observation;

    @BeforeEach
    void makeTables() throws SQLException, IOException {
        database = POSTGRES.newDatabase();
        execute(
                POSTGRES.app(database),
                "CREATE TABLE orders (id integer PRIMARY KEY, item integer, note text) WITH (autovacuum_enabled = off)",
                "CREATE TABLE items (id integer PRIMARY KEY, n integer) WITH (autovacuum_enabled = off)",
                "INSERT INTO items SELECT g, 0 FROM generate_series(1, 100) g",
                "INSERT INTO orders SELECT g, g % 100 + 1, repeat('n', 500) FROM generate_series(1, 2000) g",
                "CREATE TABLE gates (number integer)",
                // In READ COMMITTED each look has a snapshot of its own, so it sees what others commit meanwhile.
                """
                CREATE FUNCTION await_gate(wanted integer) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                  WHILE NOT EXISTS (SELECT FROM gates WHERE number = wanted) LOOP PERFORM pg_sleep(0.005); END LOOP;
                END $$""");
        observation = Observation.begin(POSTGRES, database, folder);
    }

    @AfterEach
    void close() throws SQLException, IOException {
        observation.close();
    }

    @AfterAll
    static void writePage() throws IOException {
        StringBuilder page = new StringBuilder(
                "Written by `mvn verify -Dit.test=QueueShapesIT -Dpgrehearse.write.docs=true`. Each queue is made on a real"
                        + " server, by sessions whose part is known; who waits behind whom is written by hand in"
                        + " `QueueShapesIT`, and compared with the recording wait for wait: who, on which relation, in"
                        + " which mode, behind whom. A wait too many counts as one charged wrongly. Only two kinds are not counted: CONCURRENTLY"
                        + " may wait for the snapshot of one of the observer's own looks, which the recording calls by that name, and"
                        + " writers that all want one row may wait for one another once they may go on.\n\n"
                        + "| shape of the queue | waits | charged rightly |\n|---|---:|---:|\n");
        for (Result result : RESULTS) {
            page.append("| %s | %d | %d |%n"
                    .formatted(
                            result.shape(),
                            Math.max(result.expected().size(), result.recorded().size()),
                            result.chargedRightly()));
        }
        int waits = RESULTS.stream()
                .mapToInt(result ->
                        Math.max(result.expected().size(), result.recorded().size()))
                .sum();
        int rightly = RESULTS.stream().mapToInt(Result::chargedRightly).sum();
        page.append("%n%d of %d waits are charged rightly; the bar is all of them: **%s**."
                .formatted(rightly, waits, rightly == waits ? "met" : "NOT met"));
        BenchmarkPage.ACCURACY.put("Queue shapes", page.toString(), RESULTS.size() >= 18);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReaderThenAnAlterThenMany(boolean adversary) throws Exception {
        // The reader at the head is planted, or one of the workload's own: the many are the ALTER's either way.
        Connection reader = observation.session(adversary ? Role.ADVERSARY : Role.WORKLOAD, "longRead");
        execute(reader, "BEGIN", READ + "orders");
        Future<MigrationResult> migration = observation.migrate("ALTER TABLE orders ADD COLUMN c integer;");
        observation.awaitBlocked(1);
        List<Future<Void>> others = readers("orders", 1, 6);
        execute(reader, "COMMIT");
        ended(migration, others);

        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "orders", 1, 6));
        expected.add(
                new Wait("migration", "orders", "ACCESS EXCLUSIVE", adversary ? "adversary longRead" : "workload"));
        check(adversary ? "planted reader → ALTER → many" : "reader of the workload → ALTER → many", expected);
    }

    @Test
    void anotherAlterBehindOurs() throws Exception {
        Connection reader = observation.session(Role.ADVERSARY, "longRead");
        Connection operator = observation.session(Role.OTHER, "somebody's ALTER");
        execute(reader, "BEGIN", READ + "orders");
        Future<MigrationResult> migration = observation.migrate("ALTER TABLE orders ADD COLUMN c integer;");
        observation.awaitBlocked(1);
        Future<Void> second = observation.later(operator, "ALTER TABLE orders ADD COLUMN d integer");
        observation.awaitBlocked(2);
        List<Future<Void>> others = readers("orders", 1, 3);
        execute(reader, "COMMIT");
        ended(migration, others);
        second.get();

        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "orders", 1, 3));
        expected.add(new Wait("migration", "orders", "ACCESS EXCLUSIVE", "adversary longRead"));
        expected.add(new Wait("other", "orders", "ACCESS EXCLUSIVE", "statement 1"));
        check("two ALTERs, ours first", expected);
    }

    @Test
    void ourAlterBehindAnother() throws Exception {
        Connection reader = observation.session(Role.WORKLOAD, "report");
        Connection operator = observation.session(Role.OTHER, "somebody's ALTER");
        execute(reader, "BEGIN", READ + "orders");
        Future<Void> first = observation.later(operator, "ALTER TABLE orders ADD COLUMN d integer");
        observation.awaitBlocked(1);
        List<Future<Void>> early = readers("orders", 1, 2);
        Future<MigrationResult> migration = observation.migrate("ALTER TABLE orders ADD COLUMN c integer;");
        observation.awaitBlocked(4);
        List<Future<Void>> late = readers("orders", 5, 7);
        execute(reader, "COMMIT");
        ended(migration, late);
        first.get();
        for (Future<Void> read : early) {
            read.get();
        }

        // Who came before our ALTER waits for the other one alone; who came after it waits for both, and ours is
        // charged.
        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "orders", 5, 7));
        expected.addAll(readersBehind("other", "orders", 1, 2));
        expected.add(new Wait("other", "orders", "ACCESS EXCLUSIVE", "workload"));
        expected.add(new Wait("migration", "orders", "ACCESS EXCLUSIVE", "other"));
        check("two ALTERs, ours second", expected);
    }

    @Test
    void threeStepsThatHoldTwoTables() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                BEGIN;
                ALTER TABLE orders ADD COLUMN c integer;
                ALTER TABLE items ADD COLUMN c integer;
                SELECT await_gate(1);
                COMMIT;""");
        awaitHeld("items", "AccessExclusiveLock");
        List<Future<Void>> others = readers("orders", 1, 3);
        others.addAll(readers("items", 4, 6));
        openGate(1);
        ended(migration, others);

        List<Wait> expected = new ArrayList<>(readersBehind("statement 2", "orders", 1, 3));
        expected.addAll(readersBehind("statement 3", "items", 4, 6));
        check("three steps of one transaction that hold two tables", expected);
    }

    /** Two changes in one transaction: the wait for a row is the statement's that changed rows of its table, be it not the last. */
    @Test
    void rowsOfTwoTablesThatOneTransactionChanges() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                BEGIN;
                UPDATE orders SET note = 'm' WHERE id < 10;
                UPDATE items SET n = 1 WHERE id < 10;
                SELECT await_gate(1);
                COMMIT;""");
        awaitHeld("items", "RowExclusiveLock");
        List<Future<Void>> others = new ArrayList<>();
        for (int number = 1; number <= 4; number++) {
            others.add(observation.later(
                    observation.session(Role.WORKLOAD, "writer " + number),
                    number <= 2 ? "UPDATE orders SET note = 'w' WHERE id = 1" : "UPDATE items SET n = 2 WHERE id = 1"));
            observation.awaitBlocked(number);
        }
        openGate(1);
        ended(migration, others);

        Recording recording = observation.finish();
        assertThat(Objects.requireNonNull(recording.waits().queueOverTime()).moments())
                .flatExtracting(QueueOverTime.Moment::nodes)
                .filteredOn(node -> !node.waits() && node.relation().equals("(transaction)"))
                .extracting(QueueOverTime.Node::who)
                .as("one lock for all rows: it is told as the one whose rows are waited for first")
                .containsOnly("statement 2");
        check(
                "rows of two tables that one transaction changes",
                recording,
                List.of(
                        new Wait("writer 1", "(transaction) orders", "SHARE", "statement 2"),
                        new Wait("writer 2", "(tuple) orders", "EXCLUSIVE", "statement 2"),
                        new Wait("writer 3", "(transaction) items", "SHARE", "statement 3"),
                        new Wait("writer 4", "(tuple) items", "EXCLUSIVE", "statement 3")),
                // Afterwards the second writer may be seen to wait for the first.
                wait -> !wait.behind().equals("workload"));
    }

    /** Who waits for the ALTER has changed a row that others wait for: all of them are the ALTER's, not the UPDATE's of that table. */
    @Test
    void rowsOfOneThatWaitsForTheAlter() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                BEGIN;
                UPDATE items SET n = 1 WHERE id < 10;
                ALTER TABLE orders ADD COLUMN c integer;
                SELECT await_gate(1);
                COMMIT;""");
        awaitHeld("orders", "AccessExclusiveLock");
        Connection mover = observation.session(Role.WORKLOAD, "mover");
        execute(mover, "BEGIN", "UPDATE items SET n = 9 WHERE id = 50");
        List<Future<Void>> others = new ArrayList<>();
        others.add(observation.later(mover, "INSERT INTO orders VALUES (5000, 1, 'new'); COMMIT"));
        observation.awaitBlocked(1);
        for (int number = 1; number <= 2; number++) {
            others.add(observation.later(
                    observation.session(Role.WORKLOAD, "writer " + number), "UPDATE items SET n = 2 WHERE id = 50"));
            observation.awaitBlocked(1 + number);
        }
        openGate(1);
        ended(migration, others);

        check(
                "rows of one that waits for the ALTER",
                observation.finish(),
                List.of(
                        new Wait("mover", "orders", "ROW EXCLUSIVE", "statement 3"),
                        new Wait("writer 1", "(transaction) items", "SHARE", "statement 3"),
                        new Wait("writer 2", "(tuple) items", "EXCLUSIVE", "statement 3")),
                // Afterwards the second writer may be seen to wait for the first.
                wait -> !wait.behind().equals("workload"));
    }

    /** From the second statement on {@code orders} is another table, to the migration and to everybody else. */
    @Test
    void aTableThatTookTheNameOfAnother() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                ALTER TABLE orders RENAME TO orders_old;
                ALTER TABLE items RENAME TO orders;
                BEGIN;
                LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
                SELECT await_gate(1);
                COMMIT;""");
        // Each statement commits by itself: for a moment nothing is called orders.
        await(database, "SELECT count(*) FROM pg_class WHERE relname IN ('orders_old', 'orders')", "2");
        awaitHeld("orders", "AccessExclusiveLock");
        List<Future<Void>> others = readers("orders", 1, 2);
        openGate(1);
        ended(migration, others);

        Recording recording = observation.finish();
        assertThat(Objects.requireNonNull(recording.migration())
                        .statements()
                        .get(3)
                        .locks())
                .extracting(Recording.Lock::relation)
                .containsExactly("orders");
        check(
                "a table that took the name of another",
                recording,
                readersBehind("statement 4", "orders", 1, 2),
                wait -> true);
    }

    @Test
    void anAdvisoryLockOfAnEarlierStatement() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                SELECT pg_advisory_lock(42);
                SELECT await_gate(1);
                SELECT pg_advisory_unlock(42);""");
        // The statement that took it has ended by then.
        await(
                database,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                        + " AND query LIKE 'SELECT await_gate%'",
                "1");
        List<Future<Void>> others = List.of(observation.later(
                observation.session(Role.WORKLOAD, "locker 1"), "SELECT pg_advisory_xact_lock_shared(42)"));
        observation.awaitBlocked(1);
        openGate(1);
        ended(migration, others);

        check(
                "an advisory lock of an earlier statement",
                List.of(new Wait("locker 1", "(advisory lock)", "SHARE", "statement 1")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeadlockHasTheVictimThatItHasWithoutTheObserver(boolean migrationFirst) throws Exception {
        boolean migrationIsVictim = deadlock(observation, migrationFirst);
        Recording recording = observation.finish();

        try (Observation unobserved = Observation.unobserved(POSTGRES, database, folder)) {
            execute(POSTGRES.app(database), "TRUNCATE gates");
            assertThat(deadlock(unobserved, migrationFirst))
                    .as("without the observer")
                    .isEqualTo(migrationIsVictim);
        }
        // Whose deadlock_timeout passes first finds the deadlock, and is its victim.
        assertThat(migrationIsVictim).isEqualTo(migrationFirst);
        check(
                "deadlock with the workload, " + (migrationFirst ? "the migration" : "the workload") + " waits first",
                recording,
                List.of(
                        new Wait("migration", "items", "ACCESS EXCLUSIVE", "workload"),
                        new Wait("move_item", "orders", "ACCESS SHARE", "statement 2")),
                wait -> true);
    }

    /** Whose timeout passes first is what is tested: nothing that the machine does comes between two so far apart. */
    private static void halfADeadlockTimeout() {
        long until = System.nanoTime() + Duration.ofMillis(500).toNanos();
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Whether the migration was the victim, and not the workload's session. */
    private boolean deadlock(Observation scene, boolean migrationFirst) throws Exception {
        Connection workload = scene.session(Role.WORKLOAD, "move_item");
        execute(workload, "BEGIN", "UPDATE items SET n = n + 1 WHERE id = 1");
        Future<MigrationResult> migration = scene.migrate("""
                BEGIN;
                LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
                SELECT await_gate(1);
                LOCK TABLE items IN ACCESS EXCLUSIVE MODE;
                COMMIT;""");
        awaitHeld("orders", "AccessExclusiveLock");
        Future<Void> read;
        if (migrationFirst) {
            openGate(1);
            awaitWaiting("items");
            halfADeadlockTimeout();
            read = scene.later(workload, READ + "orders");
        } else {
            read = scene.later(workload, READ + "orders");
            awaitWaiting("orders");
            halfADeadlockTimeout();
            openGate(1);
        }
        boolean workloadIsVictim = false;
        try {
            read.get();
        } catch (ExecutionException e) {
            workloadIsVictim = SqlState.DEADLOCK_DETECTED.equals(((SQLException) e.getCause()).getSQLState());
        }
        execute(workload, "ROLLBACK");
        boolean migrationIsVictim = migration.get().outcome() == RunOutcome.FAILED;
        assertThat(migrationIsVictim).as("one victim").isNotEqualTo(workloadIsVictim);
        return migrationIsVictim;
    }

    @Test
    void concurrentlyBehindAnOldSnapshot() throws Exception {
        Connection snapshot = observation.session(Role.ADVERSARY, "oldSnapshot");
        execute(snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ", READ + "items");
        Future<MigrationResult> migration =
                observation.migrate("CREATE INDEX CONCURRENTLY orders_item_idx ON orders (item);");
        await(
                database.withDatabase("postgres"),
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'virtualxid' AND virtualxid IN"
                        + " (SELECT virtualxid FROM pg_locks WHERE granted AND locktype = 'virtualxid' AND pid = "
                        + Observation.pid(snapshot) + ")",
                "1");
        observation.awaitBlocked(1);
        // It disturbs nobody meanwhile.
        execute(observation.session(Role.WORKLOAD, "reader 1"), READ + "orders");
        execute(observation.session(Role.WORKLOAD, "writer 1"), "UPDATE orders SET note = 'w' WHERE id = 1");
        execute(snapshot, "COMMIT");
        ended(migration, List.of());

        check(
                "CONCURRENTLY behind an old snapshot",
                observation.finish(),
                List.of(new Wait("migration", VIRTUAL_TRANSACTION, "SHARE", "adversary oldSnapshot")),
                // Besides, it may have waited for the snapshot of one of the observer's own looks, gone at once.
                wait -> !(wait.relation().equals(VIRTUAL_TRANSACTION)
                        && wait.behind().equals("observer")));
    }

    @Test
    void autovacuumOnTheTarget() throws Exception {
        // Not the ALTER ends the worker, as it would after a second, but the test, once all have been seen to wait.
        execute(database, "ALTER ROLE app IN DATABASE " + database.database() + " SET deadlock_timeout = '10min'");
        // A page costs at least 1, and after each the worker sleeps 100 ms: it needs minutes.
        execute(
                POSTGRES.app(database),
                "UPDATE orders SET note = repeat('m', 500)",
                "ALTER TABLE orders SET (autovacuum_enabled = on, autovacuum_vacuum_threshold = 1,"
                        + " autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100,"
                        + " autovacuum_vacuum_cost_limit = 1)");
        await(database, "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'orders'::regclass", "1");
        observation.awaitActivity();
        Future<MigrationResult> migration = observation.migrate("ALTER TABLE orders ADD COLUMN c integer;");
        observation.awaitBlocked(1);
        List<Future<Void>> others = readers("orders", 1, 3);
        execute(
                database,
                "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum WHERE relid = 'orders'::regclass");
        ended(migration, others);

        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "orders", 1, 3));
        expected.add(new Wait("migration", "orders", "ACCESS EXCLUSIVE", "autovacuum"));
        check("autovacuum on the target → ALTER → many", expected);
    }

    @Test
    void aLockThatAFunctionTakes() throws Exception {
        execute(POSTGRES.app(database), """
                CREATE FUNCTION repair_orders() RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                  LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
                  PERFORM await_gate(1);
                END $$""");
        Future<MigrationResult> migration = observation.migrate("SELECT 1;\nSELECT repair_orders();");
        awaitHeld("orders", "AccessExclusiveLock");
        List<Future<Void>> others = readers("orders", 1, 3);
        openGate(1);
        ended(migration, others);

        check("a lock that a function takes", readersBehind("statement 2", "orders", 1, 3));
    }

    @Test
    void locksOfADoBlockThatCommits() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                DO $$ BEGIN
                  LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
                  PERFORM await_gate(1);
                  COMMIT;
                  LOCK TABLE items IN SHARE MODE;
                  PERFORM await_gate(2);
                  COMMIT;
                END $$;""");
        awaitHeld("orders", "AccessExclusiveLock");
        List<Future<Void>> others = readers("orders", 1, 2);
        openGate(1);
        awaitHeld("items", "ShareLock");
        for (Future<Void> other : others) {
            other.get();
        }
        observation.awaitBlocked(0);
        // The first lock is gone, and the second lets readers through.
        execute(observation.session(Role.WORKLOAD, "reader 3"), READ + "orders", READ + "items");
        Future<Void> writer = observation.later(
                observation.session(Role.WORKLOAD, "writer 1"), "UPDATE items SET n = 1 WHERE id = 1");
        observation.awaitBlocked(1);
        openGate(2);
        ended(migration, List.of(writer));

        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "orders", 1, 2));
        expected.add(new Wait("writer 1", "items", "ROW EXCLUSIVE", "statement 1"));
        check("locks of a DO block that commits", expected);
    }

    @Test
    void aLockInAnExceptionBlock() throws Exception {
        Future<MigrationResult> migration = observation.migrate("""
                DO $$ BEGIN
                  LOCK TABLE orders IN SHARE MODE;
                  BEGIN
                    LOCK TABLE items IN ACCESS EXCLUSIVE MODE;
                    PERFORM await_gate(1);
                    RAISE EXCEPTION 'undone';
                  EXCEPTION WHEN raise_exception THEN
                    NULL;
                  END;
                  PERFORM await_gate(2);
                END $$;""");
        awaitHeld("items", "AccessExclusiveLock");
        List<Future<Void>> others = readers("items", 1, 2);
        Future<Void> writer = observation.later(
                observation.session(Role.WORKLOAD, "writer 1"), "UPDATE orders SET note = 'w' WHERE id = 1");
        observation.awaitBlocked(3);
        openGate(1);
        for (Future<Void> other : others) {
            other.get();
        }
        // The exception let go of the block's lock, not of the one before.
        execute(observation.session(Role.WORKLOAD, "reader 3"), READ + "items");
        observation.awaitBlocked(1);
        openGate(2);
        ended(migration, List.of(writer));

        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "items", 1, 2));
        expected.add(new Wait("writer 1", "orders", "ROW EXCLUSIVE", "statement 1"));
        check("a lock in an exception block", expected);
    }

    @Test
    void aForeignKeyOnABusyParent() throws Exception {
        Connection batch = observation.session(Role.WORKLOAD, "restock");
        execute(batch, "BEGIN", "UPDATE items SET n = n + 1 WHERE id = 1");
        Future<MigrationResult> migration =
                observation.migrate("ALTER TABLE orders ADD FOREIGN KEY (item) REFERENCES items;");
        observation.awaitBlocked(1);
        List<Future<Void>> others = new ArrayList<>();
        others.add(observation.later(
                observation.session(Role.WORKLOAD, "writer 1"), "UPDATE items SET n = n + 1 WHERE id = 2"));
        observation.awaitBlocked(2);
        others.add(observation.later(
                observation.session(Role.WORKLOAD, "writer 2"), "UPDATE orders SET note = 'w' WHERE id = 1"));
        observation.awaitBlocked(3);
        // Reads pass.
        execute(observation.session(Role.WORKLOAD, "reader 1"), READ + "orders", READ + "items");
        execute(batch, "COMMIT");
        ended(migration, others);

        check(
                "a foreign key on a busy parent",
                List.of(
                        new Wait("migration", "items", "SHARE ROW EXCLUSIVE", "workload"),
                        new Wait("writer 1", "items", "ROW EXCLUSIVE", "statement 1"),
                        new Wait("writer 2", "orders", "ROW EXCLUSIVE", "statement 1")));
    }

    @Test
    void attachWithADefaultPartition() throws Exception {
        execute(
                POSTGRES.app(database),
                "CREATE TABLE parted (a integer) PARTITION BY LIST (a)",
                "CREATE TABLE parted_rest PARTITION OF parted DEFAULT",
                "CREATE TABLE parted_1 (a integer)",
                "INSERT INTO parted VALUES (2)",
                "INSERT INTO parted_1 VALUES (1)");
        Connection reader = observation.session(Role.ADVERSARY, "longRead");
        execute(reader, "BEGIN", READ + "parted_rest");
        Future<MigrationResult> migration =
                observation.migrate("ALTER TABLE parted ATTACH PARTITION parted_1 FOR VALUES IN (1);");
        observation.awaitBlocked(1);
        List<Future<Void>> others = new ArrayList<>();
        others.addAll(readers("parted", 1, 1));
        others.add(observation.later(observation.session(Role.WORKLOAD, "writer 1"), "INSERT INTO parted VALUES (3)"));
        observation.awaitBlocked(3);
        // The default partition is locked first, so the new one is not locked yet.
        execute(observation.session(Role.WORKLOAD, "reader 2"), READ + "parted_1");
        execute(reader, "COMMIT");
        ended(migration, others);

        List<Wait> expected = new ArrayList<>(readersBehind("statement 1", "parted_rest", 1, 1));
        expected.add(new Wait("migration", "parted_rest", "ACCESS EXCLUSIVE", "adversary longRead"));
        expected.add(new Wait("writer 1", "parted_rest", "ROW EXCLUSIVE", "statement 1"));
        check("ATTACH with a DEFAULT partition", expected);
    }

    /** Sessions of the workload that read, one after another; returns when the observer has seen each of them wait. */
    private List<Future<Void>> readers(String table, int first, int last) throws SQLException {
        int before = observation.blocked();
        List<Future<Void>> readers = new ArrayList<>();
        for (int number = first; number <= last; number++) {
            readers.add(observation.later(observation.session(Role.WORKLOAD, "reader " + number), READ + table));
            observation.awaitBlocked(before + readers.size());
        }
        return readers;
    }

    private static List<Wait> readersBehind(String behind, String relation, int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(number -> new Wait("reader " + number, relation, "ACCESS SHARE", behind))
                .toList();
    }

    private void openGate(int number) throws SQLException {
        execute(POSTGRES.app(database), "INSERT INTO gates VALUES (" + number + ")");
    }

    private void awaitHeld(String relation, String mode) throws SQLException {
        await(database, locks(relation) + " AND granted AND mode = '" + mode + "'", "1");
    }

    private void awaitWaiting(String relation) throws SQLException {
        await(database, locks(relation) + " AND NOT granted", "1");
    }

    private static String locks(String relation) {
        return "SELECT count(*) FROM pg_locks WHERE relation = '" + relation + "'::regclass"
                + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    }

    private static void ended(Future<MigrationResult> migration, List<Future<Void>> others) throws Exception {
        assertThat(migration.get().fault()).isNull();
        for (Future<Void> other : others) {
            other.get();
        }
    }

    private void check(String shape, List<Wait> expected) throws Exception {
        check(shape, observation.finish(), expected, wait -> true);
    }

    private void check(String shape, Recording recording, List<Wait> expected, Predicate<Wait> counted)
            throws SQLException {
        List<Wait> recorded = recording.lockWaits().stream()
                .map(wait -> new Wait(wait.operation(), wait.relation(), wait.mode(), wait.behind()))
                .filter(counted)
                .toList();
        RESULTS.add(new Result(shape, expected, recorded));
        assertThat(recorded).as(shape).containsExactlyInAnyOrderElementsOf(expected);
        Map<String, Integer> pids = observation.pids();
        assertThat(recording.lockWaits())
                .as(shape)
                .allSatisfy(wait -> assertThat(wait.pid()).isEqualTo(pids.getOrDefault(wait.operation(), wait.pid())));
    }
}
