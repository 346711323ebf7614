package dev.pgrehearse.workload;

import com.zaxxer.hikari.HikariPoolMXBean;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.recording.RequestLog;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * The load on the database: a schedule of arrivals that knows nothing of how they fare, offered to the application's
 * instances in turn.
 *
 * <p>Each offered request ends exactly once in the request log. Life: {@link #start}, {@link #stop}, {@link #close}, each
 * called once by one thread; {@link #pulses} may be read by another.
 */
public final class Load implements AutoCloseable {
    /** A driver whose 99th percentile comes later than this measures itself. */
    private static final Duration TOLERATED_LAG = Duration.ofMillis(10);
    /** How long {@link #stop} waits for requests that are in flight: those of a calm system end within it. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private static final Duration PULSE = Duration.ofSeconds(1);
    private static final int SIGNIFICANT_DIGITS = 3;

    private final RehearsalClock clock;
    private final AppSpec app;
    private final Schedule schedule;
    private final RequestLog log;
    private final List<Instance> instances = new ArrayList<>();
    private final BlockingQueue<Request> impatient = new LinkedBlockingQueue<>();
    private final Histogram lag = new Histogram(SIGNIFICANT_DIGITS);
    private final LinkedBlockingQueue<Pulse> pulses = new LinkedBlockingQueue<>();
    private final PulseCounter counter;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean offering = true;
    private volatile boolean recording = true;

    /**
     * Opens pools and starts workers; nothing is offered yet.
     *
     * @param workload rate and arrivals
     * @param operations what is asked for
     * @param seed of arrivals
     * @param sessions learns which backend runs which operation
     */
    public Load(
            AppSpec app,
            WorkloadSpec workload,
            List<Operation> operations,
            long seed,
            ConnectionDetails database,
            RehearsalClock clock,
            Sessions sessions,
            RequestLog log) {
        this.clock = clock;
        this.app = app;
        this.schedule = new Schedule(
                workload.ratePerSecond(),
                workload.arrivals(),
                operations.stream().mapToDouble(Operation::weight).toArray(),
                seed);
        this.log = log;
        this.counter = new PulseCounter(clock.nanos());
        Consumer<RequestEntry> ended = this::ended;
        for (int i = 1; i <= app.instances(); i++) {
            instances.add(new Instance("app-" + i, app, database, operations, clock, sessions, ended));
        }
    }

    /** Begins to offer requests. */
    public void start() {
        run("load schedule", this::offerAll);
        run("load clients", this::giveUp);
        run("load pulse", this::beat);
    }

    private void run(String name, Interruptible task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private interface Interruptible {
        void run() throws InterruptedException;
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

    /** The instances' pools by name, in order, for whoever watches them. */
    public List<PoolView> pools() {
        return instances.stream().map(PoolView::new).toList();
    }

    /** One instance's pool, looked at from outside. Thread-safe. */
    public static final class PoolView {
        private final Instance instance;
        private final HikariPoolMXBean state;

        private PoolView(Instance instance) {
            this.instance = instance;
            this.state = instance.poolState();
        }

        public String instance() {
            return instance.name();
        }

        public int size() {
            return instance.poolSize();
        }

        public int active() {
            return state.getActiveConnections();
        }

        public int idle() {
            return state.getIdleConnections();
        }

        public int pending() {
            return state.getThreadsAwaitingConnection();
        }
    }

    private void offerAll() throws InterruptedException {
        long start = clock.nanos();
        while (offering) {
            Arrival arrival = schedule.next();
            long intended = start + arrival.afterNanos();
            waitUntil(intended);
            if (offering) {
                lag.recordValue(Math.max(0, clock.nanos() - intended) / 1_000);
                offer(arrival, intended);
            }
        }
    }

    private void offer(Arrival arrival, long intended) {
        int number = (int) (arrival.number() % instances.size());
        Request request = new Request(arrival, number, intended);
        impatient.add(request);
        if (!instances.get(number).offer(request)) {
            RequestEntry rejected = request.end(Outcome.QUEUE_REJECTED, clock.nanos());
            if (rejected != null) {
                ended(rejected);
            }
        }
    }

    /** The clients: each waits {@code requestTimeout} for its answer and then goes away. All wait equally long. */
    private void giveUp() throws InterruptedException {
        while (true) {
            Request request = impatient.take();
            long deadline = request.intended() + app.requestTimeout().toNanos();
            if (!request.hasEnded()) {
                try {
                    waitUntil(deadline);
                } finally {
                    if (clock.nanos() < deadline) {
                        impatient.add(request);
                    }
                }
                endAt(request, Outcome.REQUEST_TIMEOUT, deadline);
            }
        }
    }

    private void beat() throws InterruptedException {
        while (recording) {
            waitUntil(clock.nanos() + PULSE.toNanos());
            int pending = instances.stream()
                    .mapToInt(instance -> instance.poolState().getThreadsAwaitingConnection())
                    .sum();
            pulses.add(counter.take(clock.nanos(), pending));
        }
    }

    private void waitUntil(long nanos) throws InterruptedException {
        for (long left = nanos - clock.nanos(); left > 0; left = nanos - clock.nanos()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private void endAt(Request request, Outcome outcome, long nanos) {
        RequestEntry entry = request.end(outcome, nanos);
        if (entry != null) {
            ended(entry);
        }
    }

    private void ended(RequestEntry entry) {
        if (recording) {
            log.add(entry);
            counter.count(entry);
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
        long bound = clock.nanos() + DRAIN.toNanos();
        while (clock.nanos() < bound && impatient.stream().anyMatch(request -> !request.hasEnded())) {
            waitUntil(Math.min(bound, clock.nanos() + TimeUnit.MILLISECONDS.toNanos(5)));
        }
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
        long end = clock.nanos();
        for (Request request : impatient) {
            long deadline = request.intended() + app.requestTimeout().toNanos();
            endAt(request, deadline <= end ? Outcome.REQUEST_TIMEOUT : Outcome.UNFINISHED, Math.min(deadline, end));
        }
        recording = false;
        return clock.nanos();
    }

    /** A doubt when the driver itself came late; empty when it kept its schedule. Call after {@link #stop}. */
    public Optional<Recording.Doubt> lateness() {
        double p99Millis = lag.getTotalCount() == 0 ? 0 : lag.getValueAtPercentile(99) / 1e3;
        if (p99Millis <= TOLERATED_LAG.toMillis()) {
            return Optional.empty();
        }
        return Optional.of(new Recording.Doubt(
                "driver-late",
                String.format(
                        "The load driver offered 1 %% of the requests more than %.0f ms late: response times hold its own"
                                + " delay too. Lower the rate, or give the tool a core of its own.",
                        p99Millis)));
    }

    /** Cuts off what is still under way and closes all pools. Does nothing the second time. */
    @Override
    public void close() {
        offering = false;
        recording = false;
        threads.forEach(Thread::interrupt);
        instances.forEach(Instance::close);
    }
}
