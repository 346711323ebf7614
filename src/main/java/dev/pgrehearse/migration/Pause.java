package dev.pgrehearse.migration;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The wait before another try, after a batch, or between two steps. */
@FunctionalInterface
public interface Pause {
    /** Waits for the whole backoff, on the monotonic clock. */
    Pause FOR_BACKOFF = (backoff, interrupted) -> {
        // Whether the time or the interruption came first is for the caller to ask the latch
        boolean ignored = interrupted.await(backoff.toNanos(), TimeUnit.NANOSECONDS);
    };

    /**
     * Waits for {@code backoff}, or until {@code interrupted} has counted down.
     *
     * @throws InterruptedException when the thread is interrupted, which interrupts the migration
     */
    void await(Duration backoff, CountDownLatch interrupted) throws InterruptedException;
}
