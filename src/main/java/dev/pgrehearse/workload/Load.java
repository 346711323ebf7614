package dev.pgrehearse.workload;

import dev.pgrehearse.app.Clients;
import dev.pgrehearse.app.Deployment;
import dev.pgrehearse.app.Interruptible;
import dev.pgrehearse.app.Request;
import dev.pgrehearse.app.Work;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.AppState;
import dev.pgrehearse.recording.OperationLocks;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.recording.RequestLog;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The load on the database: a schedule of arrivals that knows nothing of how they fare, asked of the application by its
 * clients.
 *
 * <p>Each offered request ends exactly once in the request log. Life: {@link #start}, {@link #stop}, {@link #close}, each
 * called once by one thread; {@link #pulses} may be read by another.
 */
public final class Load implements AutoCloseable {
    /** How long {@link #stop} waits for requests that are in flight: those of a calm system end within it. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private static final Duration PULSE = Duration.ofSeconds(1);

    private final RehearsalClock clock;
    private final Schedule schedule;
    private final List<Operation> operations;
    private final List<LockReadingWork> readingLocks;
    private final RequestLog log;
    private final Deployment deployment;
    private final Clients clients;
    private volatile Lateness lateness = new Lateness();
    private final LinkedBlockingQueue<Pulse> pulses = new LinkedBlockingQueue<>();
    private final PulseCounter counter;
    private final List<Thread> threads = new ArrayList<>();
    private long offered;
    private volatile long began;
    private volatile boolean warmingUp = true;
    private volatile boolean offering = true;
    private volatile boolean recording = true;

    /**
     * A load that offers nothing yet.
     *
     * @param deployment the application, which runs; closed with the load
     * @param workload traffic and arrivals
     * @param operations what is asked for
     * @param seed of arrivals
     */
    public Load(
            AppSpec app,
            Deployment deployment,
            WorkloadSpec workload,
            List<Operation> operations,
            long seed,
            RehearsalClock clock,
            RequestLog log) {
        this.clock = clock;
        this.schedule = Schedule.whole(
                operations.stream().mapToDouble(Operation::weight).toArray(),
                workload.traffic(),
                workload.arrivals(),
                seed);
        this.log = log;
        this.deployment = deployment;
        this.counter = new PulseCounter(clock.nanos());
        this.operations = List.copyOf(operations);
        this.readingLocks = operations.stream().map(LockReadingWork::new).toList();
        this.clients = new Clients(app, deployment, clock, seed, this::ended);
    }

    /** Begins to offer requests. */
    public void start() {
        deployment.start();
        clients.start();
        began = clock.nanos();
        threads.add(Interruptible.started("load schedule", this::offerAll, deployment.broken()));
        threads.add(Interruptible.started("load pulse", this::beat, deployment.broken()));
    }

    /**
     * What comes from now on is judged: how late the driver was while it warmed up itself matters to nobody, and requests
     * do no more than their own work.
     */
    public void warmedUp() {
        warmingUp = false;
        lateness = new Lateness();
    }

    /** Which relation locks each operation was seen to take while the load warmed up, in the operations' order. */
    public List<OperationLocks> operationLocks() {
        return readingLocks.stream().map(LockReadingWork::taken).toList();
    }

    /** The migration started at this time of the clock: traffic that changes over time counts from then. */
    public void migrationStarted(long nanos) {
        schedule.migrationStarted(nanos - began);
        LockSupport.unpark(threads.get(0));
    }

    /** The pulses that came since the last call, waiting up to a bound for one; empty when none came. */
    public List<Pulse> pulses(Duration bound) throws InterruptedException {
        List<Pulse> taken = new ArrayList<>();
        Pulse first = pulses.poll(bound.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
            taken.add(first);
            pulses.drainTo(taken);
        }
        return taken;
    }

    /** The application now. */
    public AppState state() {
        return deployment.state();
    }

    /** The pools of all instances that there ever were. */
    public List<Deployment.PoolView> pools() {
        return deployment.pools();
    }

    /** How often requests have been tried so far. */
    public long tries() {
        return clients.tries();
    }

    private void offerAll() throws InterruptedException {
        boolean unused = TimerSlack.shortenForThisThread();
        while (offering) {
            Arrival arrival = schedule.next();
            long intended = awaited(arrival);
            if (offering) {
                lateness.add(clock.nanos() - intended);
                offered++;
                clients.ask(new Request(arrival.number(), arrival.operation(), work(arrival.operation()), intended));
            }
        }
    }

    private Work work(int operation) {
        return warmingUp ? readingLocks.get(operation) : operations.get(operation);
    }

    /** Waits for an arrival; gives the time that it was to come at, which the migration's start may have moved meanwhile. */
    private long awaited(Arrival arrival) throws InterruptedException {
        long intended = began + schedule.afterNanos(arrival);
        for (long left = intended - clock.nanos(); left > 0; left = intended - clock.nanos()) {
            park(left);
            intended = began + schedule.afterNanos(arrival);
        }
        return intended;
    }

    private void beat() throws InterruptedException {
        while (recording) {
            waitUntil(clock.nanos() + PULSE.toNanos());
            pulses.add(counter.take(clock.nanos(), deployment.state().pending()));
        }
    }

    private void waitUntil(long nanos) throws InterruptedException {
        for (long left = nanos - clock.nanos(); left > 0; left = nanos - clock.nanos()) {
            park(left);
        }
    }

    private static void park(long nanos) throws InterruptedException {
        LockSupport.parkNanos(nanos);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private void ended(RequestEntry entry) {
        if (recording) {
            log.add(entry);
            counter.count(entry);
            if (entry.isRequest()) {
                deployment.responded(entry.responseNanos());
            }
        }
    }

    /**
     * Stops offering, waits a moment for requests in flight, and ends those that remain: as given up where their client had
     * gone by then, else as unfinished.
     *
     * @return when the last one ended, on the rehearsal's clock
     */
    public long stop() throws InterruptedException {
        offering = false;
        Thread scheduler = threads.get(0);
        scheduler.interrupt();
        scheduler.join();
        deployment.freeze();
        clients.finish(DRAIN);
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
        recording = false;
        return clock.nanos();
    }

    /** How many requests were offered, by the schedule's own count. Call after {@link #stop}. */
    public long offered() {
        return offered;
    }

    /** How late requests were offered. Call after {@link #stop}. */
    Lateness lag() {
        return lateness;
    }

    /** A doubt when the driver itself came late; empty when it kept its schedule. Call after {@link #stop}. */
    public Optional<Recording.Doubt> lateness() {
        return lateness.doubt();
    }

    /** Cuts off what is still under way and closes all pools. Does nothing the second time. */
    @Override
    public void close() {
        offering = false;
        recording = false;
        threads.forEach(Thread::interrupt);
        deployment.close();
    }
}
