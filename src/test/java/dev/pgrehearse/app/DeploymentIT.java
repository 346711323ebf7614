package dev.pgrehearse.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.AppSpec.Autoscaler;
import dev.pgrehearse.scenario.AppSpec.Breaker;
import dev.pgrehearse.scenario.AppSpec.Check;
import dev.pgrehearse.scenario.AppSpec.Probe;
import dev.pgrehearse.scenario.AppSpec.Retries;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the service does around a table that is locked: on a real server, with real pools. */
class DeploymentIT {
    private static final int MAX_CONNECTIONS = 20;
    private static final int RESERVED = 3;
    private static final String READ = "select count(*) from orders";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick().with("max_connections", String.valueOf(MAX_CONNECTIONS));

    @BeforeAll
    static void table() throws SQLException {
        try (Connection connection = POSTGRES.app().open("test")) {
            Queries.execute(connection, "create table orders (id bigint primary key)");
        }
    }

    private static AppSpec app(
            int workers,
            int queue,
            int pool,
            Duration connectionTimeout,
            Retries retries,
            @Nullable Breaker breaker,
            @Nullable Probe readiness,
            @Nullable Probe liveness,
            @Nullable Autoscaler autoscaler) {
        return new AppSpec(
                1,
                workers,
                queue,
                Duration.ofMillis(200),
                Duration.ofSeconds(2),
                Map.of(
                        "maximumPoolSize", String.valueOf(pool),
                        "connectionTimeout", String.valueOf(connectionTimeout.toMillis())),
                null,
                retries,
                breaker,
                readiness,
                liveness,
                autoscaler);
    }

    private static Probe probe(Check check, int failures) {
        return new Probe(Duration.ZERO, Duration.ofMillis(200), Duration.ofMillis(150), failures, 1, check);
    }

    /** Holds ACCESS EXCLUSIVE on the table until it is closed. */
    private static final class Lock implements AutoCloseable {
        private final Connection connection;

        Lock() throws SQLException {
            connection = POSTGRES.superuser().open("test lock");
        }

        void take() throws SQLException {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("lock table orders in access exclusive mode");
            }
        }

        /** Until so many sessions are there: asked here, since a session of its own would take one of the slots. */
        void await(String applicationName, int sessions) throws SQLException {
            // Within a transaction the server shows what it has once seen, unless that is thrown away.
            Queries.await(
                    connection,
                    "select (select count(*) from pg_stat_activity where application_name = '" + applicationName
                            + "') from pg_stat_clear_snapshot()",
                    Integer.toString(sessions));
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }

    private static List<String> kinds(Service service) {
        return service.happened().stream()
                .map(Fact.Happened::kind)
                .filter(kind -> !kind.equals(AppEvent.PROBE_FAILED.kind()))
                .toList();
    }

    @Test
    void aProbeThatAsksAFullPoolTakesTheInstanceOutAndBringsItBack() throws Exception {
        AppSpec app = app(8, 10, 2, Duration.ofSeconds(1), Retries.NONE, null, probe(Check.POOL, 3), null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                service.ask(READ);
                service.ask(READ);
                service.await(AppEvent.NO_INSTANCE_LEFT, 1);
                service.ask(READ);
                service.await(Outcome.NO_INSTANCE, 1);
            }
            service.await(AppEvent.INSTANCE_READY, 1);
            service.ask(READ);
            service.await(Outcome.OK, 1);

            assertThat(kinds(service)).containsExactly("instance-removed", "no-instance-left", "instance-ready");
            // Three failures in a row, and not two, took it out; a slow machine may have failed one before.
            List<String> before = service.happened().stream()
                    .takeWhile(fact -> !fact.kind().equals("instance-removed"))
                    .map(Fact.Happened::text)
                    .toList();
            assertThat(before).hasSizeGreaterThanOrEqualTo(3);
            assertThat(before.subList(before.size() - 3, before.size()))
                    .satisfiesExactly(
                            first -> assertThat(first).contains("probe, 1 in a row"),
                            second -> assertThat(second).contains("probe, 2 in a row"),
                            third -> assertThat(third).contains("probe, 3 in a row"));
        }
    }

    @Test
    void aLivenessProbeKillsAnInstanceWhoseWorkersAllWaitAndItsSessionsStayInTheQueue() throws Exception {
        AppSpec app = app(2, 10, 4, Duration.ofSeconds(30), Retries.NONE, null, null, probe(Check.WORKER, 2), null);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                service.ask(READ);
                service.ask(READ);
                service.ask(READ);
                // Ready is told once it is in the balancer's list.
                service.await(AppEvent.INSTANCE_READY, 1);
                // Two were being served, one was in the accept queue: all of their clients see the connection break.
                service.await(Outcome.CONNECTION_LOST, 3);
                assertThat(kinds(service).subList(0, 3))
                        .containsExactly("instance-killed", "no-instance-left", "instance-starting");
                // A backend that waits for a lock does not notice that its client has gone.
                try (Connection superuser = POSTGRES.superuser().open("test")) {
                    assertThat(Queries.value(
                                    superuser,
                                    "select count(*) from pg_locks join pg_stat_activity using (pid)"
                                            + " where application_name = 'pgrehearse app-1' and not granted"))
                            .isEqualTo("2");
                }
            }
            service.ask(READ);
            service.await(Outcome.OK, 1);
        }
    }

    @Test
    void theAutoscalerOpensRealConnectionsUntilTheServerHasNoMore() throws Exception {
        Autoscaler scaling = new Autoscaler(1, 4, 0.5, null, Duration.ofSeconds(1), 0.1, Duration.ofSeconds(300));
        AppSpec app = app(8, 10, 8, Duration.ofSeconds(1), Retries.NONE, null, null, null, scaling);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                for (int i = 0; i < 8; i++) {
                    service.ask(READ);
                }
                service.await(AppEvent.INSTANCE_READY, 1);
                lock.await("pgrehearse app-2", 8);
                // Half of all workers are busy now, as aimed at; the second instance's are to be as well. Of the two
                // turns one
                // goes to the first instance, whose queue takes it.
                for (int i = 0; i < 16; i++) {
                    service.ask(READ);
                }
                service.await(AppEvent.SCALED_UP, 2);
                service.await(AppEvent.CONNECTION_REFUSED, 1);
                service.await(AppEvent.INSTANCE_FAILED, 1);
                try (Connection superuser = POSTGRES.superuser().open("test")) {
                    // All slots but the reserved ones, and that of the lock, which came first.
                    assertThat(Queries.value(
                                    superuser,
                                    "select count(*) from pg_stat_activity where application_name like 'pgrehearse app-%'"
                                            + " and backend_type = 'client backend'"))
                            .isEqualTo(String.valueOf(MAX_CONNECTIONS - RESERVED - 1));
                }
            }
            // Eight of eight workers are busy, half is aimed at: twice as many are wanted.
            assertThat(service.happened().get(0).text()).startsWith("the autoscaler wants 2 instances in place of 1");
        }
    }

    @Test
    void aClientTriesAgainAndIsCountedOnce() throws Exception {
        Retries retries =
                new Retries(3, Duration.ofMillis(10), 1, Duration.ofMillis(10), 0, null, Set.of("lock_timeout"));
        AppSpec app = app(4, 10, 4, Duration.ofSeconds(1), retries, null, null, null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                service.ask("set lock_timeout = '50ms'; " + READ);
                service.await(Outcome.LOCK_TIMEOUT, 1);
                service.ask("select * from nowhere");
                service.await(Outcome.SQL_ERROR, 1);
            }
            RequestEntry failed = service.ended().get(0);
            assertThat(failed.attempts()).isEqualTo(4);
            assertThat(service.late())
                    .as("the work of the tries before the last")
                    .extracting(RequestEntry::attempts)
                    .containsExactly(1, 2, 3);
            assertThat(service.earlierTries())
                    .as("what the client had of them")
                    .hasSize(3)
                    .allSatisfy(one -> {
                        assertThat(one.outcome()).isEqualTo(Outcome.LOCK_TIMEOUT);
                        assertThat(one.intended()).isEqualTo(failed.intended());
                        assertThat(one.responded()).isBetween(one.tried() + 50_000_000, failed.tried() - 10_000_000);
                    })
                    .extracting(RequestEntry::attempts)
                    .containsExactly(1, 2, 3);
            assertThat(service.ended().get(1).attempts())
                    .as("an error in the SQL is not tried again")
                    .isEqualTo(1);
            assertThat(service.clients.tries()).isEqualTo(5);
        }
    }

    @Test
    void aTryThatIsRefusedAtOnceIsNotToldOf() throws Exception {
        Retries retries =
                new Retries(2, Duration.ofMillis(10), 1, Duration.ofMillis(10), 0, null, Set.of("queue_rejected"));
        AppSpec app = app(1, 1, 1, Duration.ofSeconds(30), retries, null, null, null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                // One for the worker, one for the queue, one too many.
                service.ask(READ);
                service.ask(READ);
                service.ask(READ);
                service.await(Outcome.QUEUE_REJECTED, 1);
            }
            assertThat(service.ended().get(0).attempts()).isEqualTo(3);
            assertThat(service.earlierTries()).isEmpty();
        }
    }

    @Test
    void whoPausesBeforeAFurtherTryAtTheEndIsUnfinishedSinceThen() throws Exception {
        Retries retries = new Retries(3, Duration.ofHours(1), 1, Duration.ofHours(1), 0, null, Set.of("lock_timeout"));
        AppSpec app = app(4, 10, 4, Duration.ofSeconds(1), retries, null, null, null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                service.ask("set lock_timeout = '50ms'; " + READ);
                service.awaitEarlierTries(1);
            }
            service.clients.finish(Duration.ZERO);
            RequestEntry paused = service.ended().get(0);
            RequestEntry failed = service.earlierTries().get(0);
            assertThat(paused.outcome()).isEqualTo(Outcome.UNFINISHED);
            assertThat(paused.attempts()).isEqualTo(1);
            assertThat(paused.served()).as("its work is told of apart").isFalse();
            assertThat(paused.tried()).isGreaterThanOrEqualTo(failed.responded());
            assertThat(paused.responded()).isEqualTo(paused.tried());
        }
    }

    @Test
    void anOpenBreakerRefusesUntilItsTimeIsOver() throws Exception {
        Breaker breaker = new Breaker(0.5, 1, Duration.ofSeconds(60), 4, 4, Duration.ofSeconds(2), 1);
        AppSpec app = app(4, 10, 4, Duration.ofSeconds(1), Retries.NONE, breaker, null, null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            for (int i = 0; i < 4; i++) {
                service.ask(i % 2 == 0 ? READ : "select * from nowhere");
            }
            service.await(AppEvent.BREAKER_OPENED, 1);
            service.ask(READ);
            service.await(Outcome.BREAKER_OPEN, 1);
            do {
                service.askAndAwait(READ);
            } while (!kinds(service).contains("breaker-closed"));

            assertThat(kinds(service)).containsExactly("breaker-opened", "breaker-half-open", "breaker-closed");
            assertThat(service.happened().get(0).text()).contains("of the last 4 calls 2 failed");
        }
    }

    @Test
    void aRequestThatCannotBeMadeCostsNoWorker() throws Exception {
        AppSpec app = app(1, 10, 1, Duration.ofSeconds(1), Retries.NONE, null, null, null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            service.askForWhatIsBroken();
            service.askForWhatIsBroken();
            service.ask(READ);
            service.await(Outcome.OK, 1);

            assertThat(service.ended())
                    .extracting(RequestEntry::outcome)
                    .containsExactly(Outcome.SQL_ERROR, Outcome.SQL_ERROR, Outcome.OK);
            assertThat(service.facts())
                    .filteredOn(Fact.Doubted.class::isInstance)
                    .singleElement()
                    .satisfies(fact -> assertThat(fact.toString()).contains("request-broken", "no such parameter"));
        }
    }

    @Test
    void aWorkerServesAClientThatHasGone() throws Exception {
        AppSpec app = app(1, 10, 1, Duration.ofSeconds(30), Retries.NONE, null, null, null, null);
        try (Service service = new Service(app, POSTGRES.app())) {
            try (Lock lock = new Lock()) {
                lock.take();
                service.ask(READ);
                service.ask(READ);
                service.await(Outcome.REQUEST_TIMEOUT, 2);
                assertThat(service.deployment.state().busyForNobody()).isEqualTo(1);
                assertThat(service.deployment.state().queued()).isEqualTo(1);
            }
            service.ask(READ);
            service.await(Outcome.OK, 1);
            assertThat(service.late()).as("both were served all the same").hasSize(2);
        }
    }
}
