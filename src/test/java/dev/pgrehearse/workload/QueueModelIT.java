package dev.pgrehearse.workload;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.app.AppDatabase;
import dev.pgrehearse.app.Deployment;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.recording.RequestLog;
import dev.pgrehearse.rehearsal.PauseMeter;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.TrafficSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Arrivals;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerator;
import dev.pgrehearse.values.ValueGenerators;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table is locked for three seconds under 500 requests a second, and what comes of them is what arithmetic says: the
 * number of worker threads decides. The lock is that of its own statements, the stall ends when the server has woken those who
 * waited for it; the arrivals are known from the seed.
 */
@Tag("alone")
class QueueModelIT {
    private static final long SEED = 47;
    private static final int RATE = 500;
    private static final int POOL = 8;
    private static final int ACCEPT_QUEUE = 100;
    /** More than ever wait at once: those of one {@code connectionTimeout}. */
    private static final int UNBOUNDED = 700;

    /**
     * So that no round of waiting ends near the lock's end, where a millisecond would decide: everybody waits within 0.4 s, so
     * second rounds end until 2.8 s, and third ones from 3.6 s on.
     */
    private static final Duration PATIENCE = Duration.ofMillis(1_200);

    /** How far apart those who waited for the lock may be awake again, on a machine that others use. */
    private static final long WAKING_NANOS = 60_000_000;

    private static final int ATTEMPTS = 4;

    private static final ValueSpec ID = new ValueSpec(new ValueSpec.IntegerRange(1, 1_000), 0);
    private static final WorkloadSpec.Operation READ = new WorkloadSpec.Operation(
            "read",
            1,
            List.of(new WorkloadSpec.Statement("select id from orders where id = cast(:id as bigint)")),
            Map.of("id", ID));
    /** The same, and the server keeps what it was asked. */
    private static final WorkloadSpec.Operation SEEN = new WorkloadSpec.Operation(
            "read",
            1,
            List.of(new WorkloadSpec.Statement(
                    "insert into seen select cast(:number as bigint), id from orders where id = cast(:id as bigint)")),
            Map.of("number", new ValueSpec(new ValueSpec.Sequence(0, 1), 0), "id", ID));

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @TempDir
    static Path folder;

    /**
     * What a run came to.
     *
     * @param requests all of them
     * @param calm when nobody waited any more, before the lock: from here on the model holds
     */
    private record Run(List<RequestEntry> requests, long calm, long lockStart, long lockEnd, List<String> seen) {
        List<RequestEntry> fromCalm() {
            return requests.stream().filter(entry -> entry.intended() >= calm).toList();
        }

        long count(Outcome outcome) {
            return fromCalm().stream()
                    .filter(entry -> entry.outcome() == outcome)
                    .count();
        }

        /** When half of the blocked requests were done: so long this machine took to wake their sessions. */
        long stallEnd() {
            List<RequestEntry> blocked = requests.stream()
                    .filter(RequestEntry::served)
                    .filter(entry -> entry.sqlDone() - entry.acquired() > 2_000_000_000L)
                    .sorted(Comparator.comparingLong(RequestEntry::sqlDone))
                    .toList();
            assertThat(blocked).hasSize(POOL);
            return blocked.get(POOL / 2).sqlDone();
        }

        double stallSeconds() {
            return (stallEnd() - lockStart) / 1e9;
        }
    }

    private static final Map<Integer, Run> RUNS = new HashMap<>();

    @BeforeAll
    static void rehearse() throws Exception {
        RUNS.put(64, undisturbed(64, PATIENCE, Arrivals.POISSON, SEEN));
        RUNS.put(200, undisturbed(200, PATIENCE, Arrivals.POISSON, READ));
        RUNS.put(UNBOUNDED, undisturbed(UNBOUNDED, Duration.ofSeconds(1), Arrivals.UNIFORM, READ));
    }

    /** The model knows one stall, the lock: a run in which the machine stood still besides is none of it, and is run again. */
    private static Run undisturbed(
            int workers, Duration connectionTimeout, Arrivals arrivals, WorkloadSpec.Operation operation)
            throws Exception {
        for (int attempt = 1; ; attempt++) {
            try (PauseMeter pauses = new PauseMeter()) {
                double began = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
                Path own = Files.createDirectories(folder.resolve(workers + "-" + attempt));
                Run run = run(own, workers, connectionTimeout, arrivals, operation);
                double ended = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
                if (attempt == ATTEMPTS || !pauses.isPauseWithin(began, ended, WAKING_NANOS / 1e6)) {
                    return run;
                }
            }
        }
    }

    /** The load as the product has it. */
    private static Load load(
            int workers,
            Duration connectionTimeout,
            WorkloadSpec workload,
            ConnectionDetails database,
            RehearsalClock clock,
            RequestLog log) {
        AppSpec app = AppSpec.plain(
                1,
                workers,
                ACCEPT_QUEUE,
                Duration.ofSeconds(30),
                Map.of(
                        "maximumPoolSize",
                        Integer.toString(POOL),
                        "connectionTimeout",
                        Long.toString(connectionTimeout.toMillis())));
        Deployment deployment =
                new Deployment(app, new AppDatabase(database), clock, new Sessions(), fact -> {}, broken -> {});
        return new Load(app, deployment, workload, declared(workload, SEED), SEED, clock, log);
    }

    private static WorkloadSpec workload(Arrivals arrivals, WorkloadSpec.Operation operation) {
        return new WorkloadSpec(TrafficSpec.constant(RATE), arrivals, List.of(operation));
    }

    private static Run run(
            Path own, int workers, Duration connectionTimeout, Arrivals arrivals, WorkloadSpec.Operation operation)
            throws Exception {
        ConnectionDetails database = database();
        RehearsalClock clock = RehearsalClock.start();
        long calm;
        long lockStart;
        long lockEnd;
        try (RequestLog log = RequestLog.create(own);
                Load load = load(workers, connectionTimeout, workload(arrivals, operation), database, clock, log);
                Connection migration = database.open("migration")) {
            load.start();
            awaitRequests(load, 2 * RATE);
            calm = calm(load, clock);
            migration.setAutoCommit(false);
            execute(migration, "lock table orders in access exclusive mode");
            lockStart = clock.nanos();
            execute(migration, "select pg_sleep(3)");
            migration.commit();
            lockEnd = clock.nanos();
            long unused = calm(load, clock);
            load.stop();
        }
        return new Run(
                read(own), calm, lockStart, lockEnd, rows(database, "select number, id from seen order by number"));
    }

    private static void awaitRequests(Load load, long count) throws InterruptedException {
        long ended = 0;
        while (ended < count) {
            for (Pulse pulse : load.pulses(Duration.ofSeconds(5))) {
                ended += pulse.ok() + pulse.errors();
            }
        }
    }

    /** When nobody waits for a connection, and most of them are free. */
    private static long calm(Load load, RehearsalClock clock) throws InterruptedException {
        Deployment.PoolView pool = load.pools().get(0);
        while (pool.pending() > 0 || pool.active() > POOL / 4) {
            Thread.sleep(1);
        }
        return clock.nanos();
    }

    private static ConnectionDetails database() throws SQLException {
        ConnectionDetails superuser = POSTGRES.newDatabase();
        ConnectionDetails database = POSTGRES.app(superuser);
        execute(
                database,
                "create table orders as select id from generate_series(1, 1000) as id",
                "create table seen (number bigint, id bigint)");
        return database;
    }

    private static List<RequestEntry> read(Path own) throws IOException {
        List<RequestEntry> requests = new ArrayList<>();
        RequestLog.read(own, entry -> {
            if (entry.isRequest()) {
                requests.add(entry);
            }
        });
        requests.sort(Comparator.comparingLong(RequestEntry::intended));
        return requests;
    }

    @Test
    void withoutABoundOnWorkersWhoArrivesEarlyEnoughInTheLockGivesUp() {
        Run run = of(UNBOUNDED);

        assertThat((double) run.count(Outcome.POOL_TIMEOUT))
                .isCloseTo((run.stallSeconds() - 1) * RATE, Percentage.withPercentage(3));
        assertThat(run.count(Outcome.QUEUE_REJECTED)).isZero();
        assertThat(run.count(Outcome.POOL_TIMEOUT) + run.count(Outcome.OK))
                .isEqualTo(run.fromCalm().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 200, UNBOUNDED})
    void outcomesAreThoseOfTheQueueModel(int workers) {
        Run run = of(workers);
        Map<Outcome, Integer> expected = expected(workers, run, run.stallEnd());

        for (Outcome outcome : Outcome.values()) {
            assertThat((double) run.count(outcome))
                    .as(outcome.key())
                    .isCloseTo(expected.getOrDefault(outcome, 0), toleranceFor(outcome, workers, run));
        }
    }

    private static Map<Outcome, Integer> expected(int workers, Run run, long stallEnd) {
        long connectionTimeout = (workers == UNBOUNDED ? Duration.ofSeconds(1) : PATIENCE).toNanos();
        long[] arrivals =
                run.fromCalm().stream().mapToLong(RequestEntry::intended).toArray();
        return new QueueModel(
                        workers, ACCEPT_QUEUE, POOL, connectionTimeout, run.lockStart(), stallEnd, medianService(run))
                .outcomes(arrivals);
    }

    private static long medianService(Run run) {
        long[] services = run.requests().stream()
                .filter(entry -> entry.served() && entry.sqlDone() < run.lockStart())
                .mapToLong(entry -> entry.sqlDone() - entry.acquired())
                .sorted()
                .toArray();
        return services[services.length / 2];
    }

    /** Three in a hundred, or what a stall that much longer or shorter would change. */
    private static Offset<Double> toleranceFor(Outcome outcome, int workers, Run run) {
        int exact = expected(workers, run, run.stallEnd()).getOrDefault(outcome, 0);
        int longer = expected(workers, run, run.stallEnd() + WAKING_NANOS).getOrDefault(outcome, 0);
        int shorter = expected(workers, run, run.stallEnd() - WAKING_NANOS).getOrDefault(outcome, 0);
        return within(Math.max(0.03 * exact, Math.max(Math.abs(longer - exact), Math.abs(shorter - exact))));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 200, UNBOUNDED})
    void everyRequestEndsOnce(int workers) {
        Run run = of(workers);
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(
                    outcome,
                    run.requests().stream()
                            .filter(entry -> entry.outcome() == outcome)
                            .count());
        }

        assertThat(outcomes.values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(run.requests().size());
        if (workers == 64) {
            assertThat(outcomes.get(Outcome.OK)).isEqualTo(run.seen().size());
        }
        assertThat(outcomes.get(Outcome.UNFINISHED)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 200})
    void theScheduleIsTheSeedsWhateverTheServerDoes(int workers) {
        List<RequestEntry> requests = of(workers).requests();
        Schedule schedule = Schedule.whole(new double[] {1}, TrafficSpec.constant(RATE), Arrivals.POISSON, SEED);
        long began = requests.get(0).intended() - schedule.afterNanos(schedule.next());

        for (RequestEntry request : requests.subList(1, requests.size())) {
            assertThat(request.intended() - began).isEqualTo(schedule.afterNanos(schedule.next()));
        }
    }

    @Test
    void parametersAreTheSeedsWhateverTheServerDoes() {
        ValueGenerator ids = ValueGenerators.of(ID, SEED, "operation read", "id", Keys.NONE);

        assertThat(of(64).seen()).hasSizeGreaterThan(1_000).allSatisfy(row -> {
            String[] fields = row.split("\\|", -1);
            assertThat(fields[1]).isEqualTo(ids.textAt(Long.parseLong(fields[0])));
        });
    }

    @Test
    void aLockThatOutlivesTheRunLeavesItsRequestsWithTheirAge() throws Exception {
        ConnectionDetails database = database();
        Path own = Files.createDirectories(folder.resolve("unfinished"));
        RehearsalClock clock = RehearsalClock.start();
        long lockStart;
        long end;
        try (RequestLog log = RequestLog.create(own);
                Load load = load(64, Duration.ofSeconds(30), workload(Arrivals.POISSON, READ), database, clock, log);
                Connection migration = database.open("migration")) {
            load.start();
            awaitRequests(load, 1);
            long unused = calm(load, clock);
            migration.setAutoCommit(false);
            execute(migration, "lock table orders in access exclusive mode");
            lockStart = clock.nanos();
            // The pool and its workers are taken, and the accept queue: the next ones are turned away.
            while (load.pools().get(0).pending() < 64 - POOL) {
                Thread.sleep(1);
            }
            execute(migration, "select pg_sleep(0.5)");
            end = load.stop();
        }
        List<RequestEntry> unfinished = read(own).stream()
                .filter(entry -> entry.outcome() == Outcome.UNFINISHED)
                .toList();

        assertThat(unfinished).hasSize(64 + ACCEPT_QUEUE);
        assertThat(unfinished.stream().filter(entry -> entry.acquired() != RequestEntry.NEVER))
                .hasSize(POOL);
        assertThat(unfinished.stream().filter(entry -> entry.dequeued() == RequestEntry.NEVER))
                .hasSize(ACCEPT_QUEUE);
        assertThat(unfinished).allSatisfy(entry -> {
            assertThat(entry.responded()).isBetween(lockStart + 500_000_000L, end);
            assertThat(entry.responseNanos()).isEqualTo(entry.responded() - entry.intended());
            assertThat(entry.censored()).isTrue();
        });
    }

    @Test
    void trafficChangesWhenTheMigrationStarts() throws Exception {
        // 100/s, and 400/s from 300 ms after the migration's start on.
        Duration step = Duration.ofMillis(300);
        TrafficSpec traffic = new TrafficSpec(
                List.of(new TrafficSpec.Piece(step, 100, 100), new TrafficSpec.Piece(step, 400, 400)), false);
        WorkloadSpec workload = new WorkloadSpec(traffic, Arrivals.UNIFORM, List.of(READ));
        Path own = Files.createDirectories(folder.resolve("traffic"));
        RehearsalClock clock = RehearsalClock.start();
        long migrationStart;
        try (RequestLog log = RequestLog.create(own);
                Load load = load(64, Duration.ofSeconds(30), workload, database(), clock, log)) {
            load.start();
            awaitRequests(load, 1);
            migrationStart = clock.nanos();
            load.migrationStarted(migrationStart);
            awaitRequests(load, 400);
            load.stop();
        }
        List<RequestEntry> requests = read(own);
        Schedule schedule = Schedule.whole(new double[] {1}, traffic, Arrivals.UNIFORM, SEED);
        long began = requests.get(0).intended() - schedule.afterNanos(schedule.next());
        schedule.migrationStarted(migrationStart - began);

        assertThat(requests).hasSizeGreaterThan(400);
        for (RequestEntry request : requests.subList(1, requests.size())) {
            assertThat(request.intended() - began).isEqualTo(schedule.afterNanos(schedule.next()));
        }
    }

    private static Run of(int workers) {
        Run run = RUNS.get(workers);
        assertThat(run).isNotNull();
        // That of the statements between, of which one sleeps for 3 s.
        assertThat(run.lockEnd() - run.lockStart()).isGreaterThanOrEqualTo(3_000_000_000L);
        return run;
    }

    private static List<Operation> declared(WorkloadSpec workload, long seed) {
        return workload.operations().stream()
                .map(operation -> Operation.declared(operation, seed, Keys.NONE))
                .toList();
    }
}
