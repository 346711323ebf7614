package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Pace;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions.Role;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.TestServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A migration holds ACCESS EXCLUSIVE on every table of the user's, and a thousand sessions wait: each wait is told, and the observer
 * itself waits for nothing.
 */
@Tag("alone")
class BlockedByTheThousandBenchmark {
    private static final int SESSIONS = 1_000;
    private static final int TABLES = 20;

    /** So often each probe looks again before the locks are let go; the sampler of locks more often. */
    private static final int LOOKS = 3;

    private static final int LOOKS_AT_LOCKS = 30;

    /** Beyond {@code deadlock_timeout}, so that each wait is logged. */
    private static final Duration HELD = Duration.ofMillis(1_500);

    private static final String OBSERVERS = "FROM pg_stat_activity WHERE application_name = '"
            + Observer.APPLICATION_NAME + "' AND wait_event_type = 'Lock'";

    private static final String ONLY_BESIDE_A_WORKER = "autovacuum";

    @RegisterExtension
    static final TestServer POSTGRES =
            TestServer.quick().with("max_connections", "1100").with("shared_buffers", "64MB");

    @TempDir
    static Path folder;

    @Test
    void aThousandWaitsAreToldAndTheObserverWaitsForNone() throws Exception {
        ConnectionDetails database = POSTGRES.newDatabase();
        StringBuilder script = new StringBuilder("BEGIN;\n");
        for (int table = 0; table < TABLES; table++) {
            execute(POSTGRES.app(database), "CREATE TABLE t" + table + " (id integer PRIMARY KEY)");
            script.append("LOCK TABLE t%d IN ACCESS EXCLUSIVE MODE;%n".formatted(table));
        }
        script.append(
                        "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;\n")
                .append("COMMIT;\n");
        execute(POSTGRES.app(database), "CREATE TABLE gate (id integer)");

        try (Observation observation = Observation.begin(POSTGRES, database, folder);
                Connection look = database.withDatabase("postgres").open("look")) {
            List<Connection> sessions = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                sessions.add(observation.session(Role.WORKLOAD, "read_t" + i % TABLES));
            }
            Future<MigrationResult> migration = observation.migrate(script.toString());
            await(
                    look,
                    "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND locktype = 'relation' AND granted"
                            + " AND pid = (SELECT pid FROM pg_stat_activity WHERE application_name = 'pgrehearse migration')",
                    Integer.toString(TABLES));
            List<Future<Void>> reads = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                reads.add(observation.later(sessions.get(i), "SELECT count(*) FROM t" + i % TABLES));
            }
            observation.awaitBlocked(SESSIONS);

            Map<String, Long> before = samples(observation);
            long from = System.nanoTime();
            // A phase begins: all that is read then is read now, too.
            observation.phase(Recording.Phase.RECOVERY);
            String everWaited = "0";
            while (!haveLooked(observation, before) || System.nanoTime() - from < HELD.toNanos()) {
                if (!value(look, "SELECT count(*) " + OBSERVERS).equals("0")) {
                    everWaited = value(look, "SELECT string_agg(query, '; ') " + OBSERVERS);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
            double heldMs = (System.nanoTime() - from) / 1e6;
            String paces = paces(observation, before);
            execute(POSTGRES.app(database), "INSERT INTO gate VALUES (1)");
            assertThat(migration.get().fault()).isNull();
            for (Future<Void> read : reads) {
                read.get();
            }
            Recording recording = observation.finish();

            assertThat(everWaited).as("what the observer waited for").isEqualTo("0");
            check(recording, heldMs);
            BenchmarkPage.ACCURACY.put(
                    "A thousand waiting sessions",
                    String.format(
                            Locale.ROOT,
                            "Written by `mvn verify -Pbench -Dit.test=BlockedByTheThousandBenchmark -Dpgrehearse.write.docs=true` on %s: %d"
                                    + " processors. A migration holds ACCESS EXCLUSIVE on all of %d tables while %,d sessions wait"
                                    + " for them. All %,d waits are recorded, each once, from the server's log, and charged to the"
                                    + " statement that locked its table. The observer's sessions never waited for a lock. How often"
                                    + " its probes looked in these %.1f s (autovacuum only while a worker of it runs):%n%n"
                                    + "| probe | period, wanted | looks |%n|---|---:|---:|%n%s",
                            LocalDate.now(ZoneOffset.UTC),
                            Runtime.getRuntime().availableProcessors(),
                            TABLES,
                            SESSIONS,
                            SESSIONS,
                            heldMs / 1e3,
                            paces),
                    true);
        }
    }

    private static boolean haveLooked(Observation observation, Map<String, Long> before) {
        return observation.paces().stream()
                .filter(pace -> !pace.probe().equals(ONLY_BESIDE_A_WORKER))
                .allMatch(pace -> pace.samples() - before.get(pace.probe())
                        >= (pace.probe().equals("lock waits") ? LOOKS_AT_LOCKS : LOOKS));
    }

    private static String paces(Observation observation, Map<String, Long> before) {
        return observation.paces().stream()
                .map(pace -> String.format(
                        Locale.ROOT,
                        "| %s | %,.0f ms | %,d |%n",
                        pace.probe(),
                        pace.wantedPeriodMs(),
                        pace.samples() - before.get(pace.probe())))
                .collect(Collectors.joining());
    }

    private static void check(Recording recording, double heldMs) {
        Map<Integer, Recording.LockWait> waits = new HashMap<>();
        recording.lockWaits().stream()
                .filter(wait -> wait.operation().startsWith("read_t"))
                .forEach(wait -> assertThat(waits.put(wait.pid(), wait))
                        .as("a second wait of %s", wait)
                        .isNull());
        assertThat(waits).hasSize(SESSIONS);
        assertThat(waits.values()).allSatisfy(wait -> {
            int table = Integer.parseInt(wait.operation().substring("read_t".length()));
            assertThat(wait.relation()).isEqualTo("t" + table);
            // BEGIN is the first statement.
            assertThat(wait.behind()).isEqualTo("statement " + (table + 2));
            assertThat(wait.source()).isEqualTo("log");
            assertThat(wait.durationMs()).isGreaterThan(heldMs);
        });
        List<Recording.Statement> statements =
                Objects.requireNonNull(recording.migration()).statements();
        assertThat(statements.subList(1, TABLES + 1))
                .allSatisfy(statement ->
                        assertThat(statement.blocking().sessionsPeak()).isEqualTo(SESSIONS / TABLES));
        // A queue is that of one table.
        assertThat(Objects.requireNonNull(recording.queue()).waitersInAll()).isEqualTo(SESSIONS / TABLES);
    }

    private static Map<String, Long> samples(Observation observation) {
        return observation.paces().stream().collect(Collectors.toMap(Pace::probe, Pace::samples));
    }
}
