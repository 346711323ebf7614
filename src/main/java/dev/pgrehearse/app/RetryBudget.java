package dev.pgrehearse.app;

import java.util.concurrent.TimeUnit;

/**
 * Bounds the retries of all clients together: over the last {@value #SECONDS} s a share of the first tries, and
 * {@value #RESERVE_PER_SECOND} a second besides, so that a trickle of requests may retry at all.
 *
 * <p>Source: Linkerd's retry budgets, whose TTL and reserve are the same. Thread-safe.
 */
final class RetryBudget {
    static final int SECONDS = 10;
    static final int RESERVE_PER_SECOND = 10;

    private final double share;
    private final long[] firstTries = new long[SECONDS];
    private final long[] retries = new long[SECONDS];
    private long second;

    RetryBudget(double share) {
        this.share = share;
    }

    /** A request is tried for the first time. */
    synchronized void firstTry(long nanos) {
        firstTries[slot(nanos)]++;
    }

    /** Takes one retry from the budget; false when there is none left. */
    synchronized boolean takeRetry(long nanos) {
        int slot = slot(nanos);
        if (sum(retries) + 1 > share * sum(firstTries) + SECONDS * RESERVE_PER_SECOND) {
            return false;
        }
        retries[slot]++;
        return true;
    }

    private int slot(long nanos) {
        long now = TimeUnit.NANOSECONDS.toSeconds(nanos);
        for (long stale = Math.max(second + 1, now - SECONDS + 1); stale <= now; stale++) {
            firstTries[(int) (stale % SECONDS)] = 0;
            retries[(int) (stale % SECONDS)] = 0;
        }
        second = Math.max(second, now);
        return (int) (second % SECONDS);
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }
}
