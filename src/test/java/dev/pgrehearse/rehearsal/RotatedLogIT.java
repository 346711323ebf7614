package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions.Role;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.TestServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The server's log rotates each second or so, while waits are logged: every one is told from the log. */
class RotatedLogIT {
    private static final int ROUNDS = 4;
    private static final int WAITERS = 5;
    private static final Duration HELD = Duration.ofMillis(1_400);

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @TempDir
    static Path folder;

    @BeforeAll
    static void rotateOften() throws SQLException {
        execute(
                POSTGRES.superuser(),
                // A name for each second: the finest that a log can rotate to.
                "ALTER SYSTEM SET log_filename = 'rotating-%Y%m%d%H%M%S'",
                "ALTER SYSTEM SET log_rotation_size = '16kB'",
                "ALTER SYSTEM SET log_rotation_age = 0",
                "SELECT pg_reload_conf()");
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('jsonlog') LIKE '%rotating-%'", "t");
    }

    @Test
    void noWaitIsLostByRotation() throws Exception {
        ConnectionDetails database = POSTGRES.newDatabase();
        execute(POSTGRES.app(database), "CREATE TABLE orders (id integer)");
        StringBuilder script = new StringBuilder();
        for (int round = 0; round < ROUNDS; round++) {
            script.append("BEGIN;\nLOCK TABLE orders IN ACCESS EXCLUSIVE MODE;\n")
                    .append("SELECT pg_sleep(%s);%nCOMMIT;%n".formatted(HELD.toMillis() / 1e3));
        }
        AtomicBoolean over = new AtomicBoolean();
        try (Observation observation = Observation.begin(POSTGRES, database, folder)) {
            Connection chatter = POSTGRES.superuser().open("chatter");
            Future<?> chatting = observation.later(() -> {
                try (chatter) {
                    while (!over.get()) {
                        execute(
                                chatter,
                                "DO $$ BEGIN RAISE LOG '%', repeat('x', 2000); PERFORM pg_sleep(0.01); END $$");
                    }
                }
                return null;
            });
            int filesBefore = files();
            List<Future<Integer>> waiting = new ArrayList<>();
            for (int i = 0; i < WAITERS; i++) {
                Connection waiter = observation.session(Role.WORKLOAD, "read_order");
                waiting.add(observation.later(() -> waitsOver(waiter, over)));
            }
            Future<MigrationResult> migration = observation.migrate(script.toString());
            assertThat(migration.get().fault()).isNull();
            over.set(true);
            chatting.get();
            int waits = 0;
            for (Future<Integer> waiter : waiting) {
                waits += waiter.get();
            }
            Recording recording = observation.finish();

            assertThat(files() - filesBefore).as("rotations").isGreaterThanOrEqualTo(ROUNDS);
            List<Recording.LockWait> told = recording.lockWaits().stream()
                    .filter(wait -> wait.operation().equals("read_order") && wait.durationMs() > 1_000)
                    .toList();
            assertThat(waits).isGreaterThanOrEqualTo(ROUNDS);
            assertThat(told).hasSize(waits).allSatisfy(wait -> {
                assertThat(wait.source()).isEqualTo("log");
                assertThat(wait.behind()).startsWith("statement ");
            });
        }
    }

    /** Reads again and again; gives how many of its reads took longer than {@code deadlock_timeout}, by the server's clock. */
    private static int waitsOver(Connection waiter, AtomicBoolean over) throws SQLException {
        int waits = 0;
        while (!over.get()) {
            // The start is the statement's, the end that of the read: between the two lies only the wait.
            String millis = value(
                    waiter,
                    "SELECT extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000 FROM"
                            + " (SELECT count(*) FROM orders OFFSET 0) counted");
            waits += Double.parseDouble(millis) > 1_000 ? 1 : 0;
        }
        return waits;
    }

    private static int files() throws SQLException {
        return Integer.parseInt(value(POSTGRES.superuser(), "SELECT count(*) FROM pg_ls_logdir()"));
    }
}
