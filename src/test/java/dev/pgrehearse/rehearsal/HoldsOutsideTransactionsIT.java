package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions.Role;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What statements hold that make transactions of their own, so that nobody can ask their session: the lock table has to show it.
 * Most of them wait for an old reader, which makes them as long as the test wants.
 */
class HoldsOutsideTransactionsIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private static final Duration WAIT = Duration.ofMillis(600);

    private static final String MODE = "SHARE UPDATE EXCLUSIVE";

    @TempDir
    Path folder;

    private ConnectionDetails database;
    private Observation observation;

    @BeforeEach
    void makeTables() throws SQLException, IOException {
        database = POSTGRES.newDatabase();
        execute(
                POSTGRES.app(database),
                "CREATE TABLE orders (id integer PRIMARY KEY, item integer, note text)",
                "INSERT INTO orders SELECT g, g % 100, repeat('n', 500) FROM generate_series(1, 5000) g",
                "CREATE TABLE parted (a integer) PARTITION BY LIST (a)",
                "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)",
                "INSERT INTO parted VALUES (1)");
        observation = Observation.begin(POSTGRES, database, folder);
    }

    @AfterEach
    void close() throws SQLException, IOException {
        observation.close();
    }

    /** Their session has the lock from the first of their transactions to the last. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX CONCURRENTLY i ON orders (item);",
                "REINDEX INDEX CONCURRENTLY orders_pkey;",
                "REINDEX TABLE CONCURRENTLY orders;"
            })
    void builtConcurrently(String sql) throws Exception {
        Recording.Statement statement = behindAReader("orders", sql);
        Recording.Lock lock = lock(statement, "orders");
        assertThat(lock.heldMs())
                .as("%s", statement)
                .isBetween(WAIT.toMillis() - looksMs(), statement.endMs() - statement.startMs() + looksMs());
        assertThat(lock.heldSource()).isEqualTo("sampled");
        assertThat(statement.lockWaitMs()).isGreaterThan(WAIT.toMillis() - looksMs());
    }

    /** It commits before it waits for the readers, and locks both again afterwards: meanwhile it holds neither. */
    @Test
    void detachedConcurrently() throws Exception {
        Recording.Statement statement =
                behindAReader("parted", "ALTER TABLE parted DETACH PARTITION parted_1 CONCURRENTLY;");
        assertThat(statement.lockWaitMs()).isGreaterThan(WAIT.toMillis() - looksMs());
        assertThat(statement.locks())
                .as("%s", statement)
                .allSatisfy(lock -> assertThat(lock.longestHold()).isLessThan(looksMs()));
    }

    /** 5,000 rows of 500 bytes are 358 pages or so, each of which it looks at, with a pause of 20 ms after each fifty points of cost. */
    @Test
    void vacuumed() throws Exception {
        Future<MigrationResult> migration =
                observation.migrate("SET vacuum_cost_delay = 20;\nSET vacuum_cost_limit = 10;\nVACUUM orders;");
        assertThat(migration.get().fault()).isNull();
        List<Recording.Statement> statements = statements();
        Recording.Statement statement = statements.get(statements.size() - 1);
        Recording.Lock lock = lock(statement, "orders");
        double tookMs = statement.endMs() - statement.startMs();
        assertThat(tookMs).as("long enough to tell").isGreaterThan(2 * looksMs());
        assertThat(lock.heldMs()).as("%s", statement).isBetween(tookMs - looksMs(), tookMs + looksMs());
    }

    /** The statement's run, which waited behind a reader with a snapshot of the table for the time that all of these wait for. */
    private Recording.Statement behindAReader(String table, String sql) throws Exception {
        Connection reader = observation.session(Role.ADVERSARY, "longRead");
        execute(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM " + table);
        Future<MigrationResult> migration = observation.migrate(sql);
        observation.awaitBlocked(1);
        long until = System.nanoTime() + WAIT.toNanos();
        for (long left = WAIT.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        execute(reader, "COMMIT");
        assertThat(migration.get().fault()).isNull();
        return statements().get(0);
    }

    /** What looks may be late by: one at each end. */
    private double looksMs() {
        return 2 * observation.worstLookMs();
    }

    private List<Recording.Statement> statements() throws IOException {
        Recording.MigrationFacts migration = observation.finish().migration();
        assertThat(migration).isNotNull();
        return migration.statements();
    }

    private static Recording.Lock lock(Recording.Statement statement, String relation) {
        return statement.locks().stream()
                .filter(lock -> lock.relation().equals(relation) && lock.mode().equals(MODE))
                .findFirst()
                .orElseThrow(() -> new AssertionError(statement.toString()));
    }
}
