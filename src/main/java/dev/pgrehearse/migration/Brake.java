package dev.pgrehearse.migration;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Whether what runs is to end: asked between statements, waited for in pauses. An interruption is for good, a stop until
 * the brake is released. Thread-safe.
 */
final class Brake {
    private CountDownLatch pulled = new CountDownLatch(1);
    private boolean interrupted;
    private @Nullable Stop stop;

    synchronized void interrupt() {
        interrupted = true;
        pulled.countDown();
    }

    /** A stop's time has come; false when the brake is pulled already. */
    synchronized boolean pull(Stop by) {
        if (interrupted || stop != null) {
            return false;
        }
        stop = by;
        pulled.countDown();
        return true;
    }

    synchronized boolean isPulled() {
        return interrupted || stop != null;
    }

    synchronized boolean isInterrupted() {
        return interrupted;
    }

    /** The stop that has pulled it; null when none has. */
    synchronized @Nullable Stop stop() {
        return stop;
    }

    /** Counts down when it is pulled. */
    synchronized CountDownLatch latch() {
        return pulled;
    }

    /** What was to end has ended: nothing of it need be cancelled any more. */
    void heeded() {
        Stop by = stop();
        if (by != null) {
            by.over();
        }
    }

    /** After a stop: what comes next runs. An interruption stays. */
    synchronized void release() {
        stop = null;
        if (!interrupted) {
            pulled = new CountDownLatch(1);
        }
    }
}
