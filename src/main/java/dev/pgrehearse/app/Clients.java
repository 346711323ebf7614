package dev.pgrehearse.app;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.scenario.AppSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The users of the service: each waits {@code requestTimeout} for an answer to its try, then gives up, and where the
 * scenario says so tries again at the next instance.
 *
 * <p>{@link #ask} never blocks. Thread-safe.
 */
public final class Clients {
    /** A try that is refused at once takes no time, and there may be very many. */
    private static final Set<Outcome> REFUSALS =
            Set.of(Outcome.QUEUE_REJECTED, Outcome.BREAKER_OPEN, Outcome.NO_INSTANCE);

    /** So often tries that were answered are forgotten, as long as the first one's client still waits. */
    private static final long LOOK_NANOS = 10_000_000;

    private final AppSpec app;
    private final Deployment deployment;
    private final RehearsalClock clock;
    private final Consumer<RequestEntry> ended;
    private final Backoff backoff;
    private final @Nullable RetryBudget budget;
    /** Tries whose clients wait, in the order in which they will have waited long enough: all wait equally long. */
    private final Queue<Try> impatient = new ConcurrentLinkedQueue<>();

    private final DelayQueue<Again> pausing = new DelayQueue<>();
    private final LongAdder tries = new LongAdder();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    /**
     * The users of a deployment.
     *
     * @param seed of the pauses between tries
     * @param ended is given each request's entry at its end, that of each try before the last which
     *     was not refused at once, and that of each whose work nobody
     *     waited for
     */
    public Clients(AppSpec app, Deployment deployment, RehearsalClock clock, long seed, Consumer<RequestEntry> ended) {
        this.app = app;
        this.deployment = deployment;
        this.clock = clock;
        this.ended = ended;
        this.backoff = new Backoff(app.retries(), seed);
        Double share = app.retries().budget();
        this.budget = share == null ? null : new RetryBudget(share);
        deployment.answersTo(this::answered);
    }

    /** A pause before a further try. */
    private final class Again implements Delayed {
        private final Try failed;
        private final long dueNanos;

        Again(Try failed, long dueNanos) {
            this.failed = failed;
            this.dueNanos = dueNanos;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueNanos - clock.nanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(dueNanos, ((Again) other).dueNanos);
        }
    }

    /** Begins to lose patience, and to try again. */
    public void start() {
        run("load clients", this::giveUp);
        if (app.retries().max() > 0) {
            run("load retries", this::tryAgain);
        }
    }

    private void run(String name, Interruptible task) {
        threads.add(Interruptible.started(name, task, deployment.broken()));
    }

    /** A request arrives. */
    public void ask(Request request) {
        if (budget != null) {
            budget.firstTry(request.intended());
        }
        attempt(request, 1, request.intended());
    }

    /** How many tries there have been. */
    public long tries() {
        return tries.sum();
    }

    private void attempt(Request request, int number, long started) {
        tries.increment();
        Replica replica = deployment.choose(request.number() + number - 1);
        Try attempt = new Try(request, number, replica == null ? 0 : replica.number(), started);
        if (replica == null) {
            answered(attempt, Outcome.NO_INSTANCE, clock.nanos());
            return;
        }
        if (!replica.breaker().letsThrough()) {
            answered(attempt, Outcome.BREAKER_OPEN, clock.nanos());
            return;
        }
        impatient.add(attempt);
        Outcome refused = replica.offer(attempt);
        if (refused != null) {
            answered(attempt, refused, clock.nanos());
        }
    }

    /** A try has ended for its worker, or never got to one. */
    private void answered(Try attempt, Outcome outcome, long nanos) {
        if (!attempt.decide()) {
            tellWork(attempt, outcome, nanos);
        } else if (attempt.dequeued() != RequestEntry.NEVER && nanos > deadline(attempt)) {
            // Its client had gone by then; only the thread that gives up for the clients had not come to it yet.
            if (!attempt.served()) {
                tellWork(attempt, outcome, nanos);
            }
            decided(attempt, Outcome.REQUEST_TIMEOUT, deadline(attempt));
        } else {
            decided(attempt, outcome, nanos);
        }
    }

    private void decided(Try attempt, Outcome outcome, long nanos) {
        if (outcome != Outcome.BREAKER_OPEN && outcome != Outcome.NO_INSTANCE) {
            deployment.breakerOf(attempt.instance()).saw(outcome, nanos - attempt.started());
        }
        if (mayTryAgain(attempt, outcome, nanos)) {
            tellWork(attempt, outcome, nanos);
            if (!REFUSALS.contains(outcome)) {
                ended.accept(attempt.failed(outcome, nanos));
            }
            long pause = backoff.nanosAfter(attempt.request().number(), attempt.number());
            pausing.add(new Again(attempt, nanos + pause));
        } else {
            end(attempt, outcome, nanos);
        }
    }

    /** What a worker did for a try that does not end its request: SQL, or waiting for a connection in vain. */
    private void tellWork(Try attempt, Outcome outcome, long nanos) {
        if (attempt.served() || outcome == Outcome.POOL_TIMEOUT) {
            ended.accept(attempt.lateWork(outcome, nanos));
        }
    }

    private boolean mayTryAgain(Try attempt, Outcome outcome, long nanos) {
        return outcome != Outcome.OK
                && !ending
                && attempt.number() <= app.retries().max()
                && app.retries().on().contains(outcome.key())
                && (budget == null || budget.takeRetry(nanos));
    }

    private void end(Try last, Outcome outcome, long nanos) {
        RequestEntry entry = last.request().end(last, outcome, nanos);
        if (entry != null) {
            ended.accept(entry);
        }
    }

    private void giveUp() throws InterruptedException {
        long look = Math.min(LOOK_NANOS, app.requestTimeout().toNanos());
        while (true) {
            Try first = impatient.peek();
            long now = clock.nanos();
            if (first == null) {
                waitUntil(now + look);
            } else if (first.isDecided() || deadline(first) <= now) {
                impatient.remove();
                if (first.decide()) {
                    decided(first, Outcome.REQUEST_TIMEOUT, deadline(first));
                }
            } else {
                waitUntil(Math.min(deadline(first), now + look));
            }
        }
    }

    private void tryAgain() throws InterruptedException {
        while (true) {
            Again again = pausing.take();
            if (ending) {
                pausing.add(again);
                return;
            }
            attempt(again.failed.request(), again.failed.number() + 1, clock.nanos());
        }
    }

    private long deadline(Try attempt) {
        return attempt.started() + app.requestTimeout().toNanos();
    }

    private void waitUntil(long nanos) throws InterruptedException {
        for (long left = nanos - clock.nanos(); left > 0; left = nanos - clock.nanos()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /**
     * Waits a moment for requests in flight, without any further tries, and ends those that remain: as given up where their
     * client had gone by then, else as unfinished, also where it paused before a further try. Call when nobody asks any more.
     */
    public void finish(Duration bound) throws InterruptedException {
        ending = true;
        long until = clock.nanos() + bound.toNanos();
        while (clock.nanos() < until && open().findAny().isPresent()) {
            waitUntil(Math.min(until, clock.nanos() + TimeUnit.MILLISECONDS.toNanos(5)));
        }
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
        long now = clock.nanos();
        for (Try attempt : open().toList()) {
            boolean gone = deadline(attempt) <= now;
            if (attempt.decide()) {
                end(attempt, gone ? Outcome.REQUEST_TIMEOUT : Outcome.UNFINISHED, Math.min(deadline(attempt), now));
            }
        }
        for (Again again : pausing) {
            // What became of its last try is told: this is one that never began.
            Try next = new Try(again.failed.request(), again.failed.number(), again.failed.instance(), now);
            end(next, Outcome.UNFINISHED, now);
        }
    }

    private Stream<Try> open() {
        return impatient.stream().filter(attempt -> !attempt.isDecided());
    }
}
