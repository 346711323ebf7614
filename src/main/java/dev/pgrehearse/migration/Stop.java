package dev.pgrehearse.migration;

import dev.pgrehearse.clock.RehearsalClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stop that a scenario asks for, some time after the start of what it stops: pulls the brake, and has the server cancel
 * what runs, again and again until that is heeded.
 *
 * <p>{@link #started} and {@link #close} belong to the migration's thread; when either {@link #over} or {@link #close} has
 * returned, no cancel request is under way that could hit what comes next.
 */
final class Stop implements AutoCloseable {
    private final @Nullable Duration after;
    private final Brake brake;
    private final RehearsalClock clock;
    private final Supplier<MigrationSession> session;
    private final CountDownLatch over = new CountDownLatch(1);
    private @Nullable Thread timer;
    private volatile long startNanos;
    private volatile long askedNanos = -1;
    private volatile boolean cut;

    /**
     * Not armed yet.
     *
     * @param after null for never
     * @param session the one whose statement is cancelled
     */
    Stop(@Nullable Duration after, Brake brake, RehearsalClock clock, Supplier<MigrationSession> session) {
        this.after = after;
        this.brake = brake;
        this.clock = clock;
        this.session = session;
    }

    /** What it stops has started; only the first call counts. */
    void started(long nanos) {
        Duration delay = after;
        if (delay == null || timer != null) {
            return;
        }
        startNanos = nanos;
        Thread thread = new Thread(() -> waitAndAsk(delay), "migration stop");
        thread.setDaemon(true);
        timer = thread;
        thread.start();
    }

    /** The time after the start, when there is one. */
    @Nullable
    Duration after() {
        return after;
    }

    /** When what it stops started; meaningless before. */
    long startNanos() {
        return startNanos;
    }

    /** When it was asked for, on the rehearsal's clock; -1 when it was not. */
    long askedNanos() {
        return askedNanos;
    }

    /** Whether the server did not heed it, so that the connection was cut. */
    boolean isCut() {
        return cut;
    }

    private void waitAndAsk(Duration delay) {
        try {
            if (over.await(startNanos + delay.toNanos() - clock.nanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
            // A step's stop may be under way at this moment: one after the other
            while (!brake.pull(this)) {
                if (brake.isInterrupted() || over.await(1, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            askedNanos = clock.nanos();
            cancelUntilHeeded();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }

    private void cancelUntilHeeded() throws InterruptedException {
        long bound = askedNanos + MigrationRunner.CANCEL_BOUND.toNanos();
        do {
            synchronized (this) {
                if (over.getCount() == 0) {
                    return;
                }
                cut = clock.nanos() > bound;
                end(session.get(), cut);
                if (cut) {
                    return;
                }
            }
        } while (!over.await(MigrationRunner.CANCEL_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
    }

    private static void end(MigrationSession running, boolean cutIt) {
        try {
            if (cutIt) {
                running.abort();
            } else {
                running.cancel();
            }
        } catch (SQLException unreachable) {
            // A server that takes no cancel request now may take the next one; past the bound the connection is cut,
            // and one that cannot be cut is gone already.
            return;
        }
    }

    /** What was to be stopped has ended. */
    synchronized void over() {
        over.countDown();
    }

    @Override
    public void close() {
        over();
        Thread thread = timer;
        if (thread == null) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException impatient) {
            // It ends by itself within a cancel request; whoever interrupted wants the migration to end, too
            Thread.currentThread().interrupt();
            brake.interrupt();
        }
    }
}
