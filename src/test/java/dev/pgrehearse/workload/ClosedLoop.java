package dev.pgrehearse.workload;

import dev.pgrehearse.app.AppDatabase;
import dev.pgrehearse.app.Clients;
import dev.pgrehearse.app.Deployment;
import dev.pgrehearse.app.Request;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.recording.RequestLog;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.values.Keys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that ask for the next thing as soon as they have an answer, on the way that all requests go: an instance's accept
 * queue, its workers and its pool, an operation, the session's label, the request log and its histogram.
 */
final class ClosedLoop implements AutoCloseable {
    private static final Duration SYNC = Duration.ofSeconds(1);

    private final RehearsalClock clock = RehearsalClock.start();
    private final PulseCounter counter = new PulseCounter(0);
    private final AtomicLong number = new AtomicLong();
    private final RequestLog log;
    private final Deployment deployment;
    private final Clients users;
    private final Operation operation;
    private final int clients;
    private volatile boolean going;

    ClosedLoop(int clients, WorkloadSpec.Operation operation, ConnectionDetails database, Path folder)
            throws IOException, InterruptedException {
        this.clients = clients;
        this.log = RequestLog.create(folder);
        this.operation = Operation.declared(operation, 1, Keys.NONE);
        AppSpec app = AppSpec.plain(
                1, clients, clients, Duration.ofSeconds(30), Map.of("maximumPoolSize", Integer.toString(clients)));
        this.deployment =
                new Deployment(app, new AppDatabase(database), clock, new Sessions(), fact -> {}, broken -> {});
        this.users = new Clients(app, deployment, clock, 1, this::ended);
        deployment.start();
        users.start();
        while (deployment.pools().get(0).active() + deployment.pools().get(0).idle() < clients) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    /** How many requests succeeded in a time. */
    long run(Duration length) throws InterruptedException, IOException {
        going = true;
        Pulse unused = counter.take(clock.nanos(), 0);
        for (int i = 0; i < clients; i++) {
            next();
        }
        long end = clock.nanos() + length.toNanos();
        while (clock.nanos() < end) {
            TimeUnit.NANOSECONDS.sleep(Math.min(SYNC.toNanos(), Math.max(1, end - clock.nanos())));
            // As a rehearsal does, beside the load.
            log.sync();
        }
        Pulse pulse = counter.take(clock.nanos(), 0);
        going = false;
        while (deployment.pools().get(0).active() > 0) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        if (pulse.errors() > 0) {
            throw new IllegalStateException(pulse.errors() + " requests failed");
        }
        return pulse.ok();
    }

    private void next() {
        users.ask(new Request(number.getAndIncrement(), 0, operation, clock.nanos()));
    }

    private void ended(RequestEntry entry) {
        log.add(entry);
        counter.count(entry);
        if (going && entry.outcome() != Outcome.CONNECTION_LOST) {
            next();
        }
    }

    @Override
    public void close() throws IOException {
        deployment.close();
        log.close();
    }
}
