package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import java.time.Duration;

/**
 * For how long the migration's statement has been running, and how often that makes it worth a look: {@value #LOOKS} times in
 * the time that it has taken so far, so that what it does between the last look and its end is a hundredth of it at most, and an
 * index build of minutes is not asked twenty times a second how it is. What comes and goes within a statement is not bounded by that:
 * {@link StatementCosts} looks at one that has parallel workers as if it were young. Thread-safe.
 */
final class StatementAge {
    private static final int LOOKS = 100;
    private static final Duration LONGEST = Duration.ofMillis(500);
    private static final long NONE = Long.MAX_VALUE;

    private final RehearsalClock clock;
    private volatile long sentNanos = NONE;

    StatementAge(RehearsalClock clock) {
        this.clock = clock;
    }

    /** A statement was sent at that time of the clock. */
    void began(long nanos) {
        sentNanos = nanos;
    }

    void ended() {
        sentNanos = NONE;
    }

    /**
     * From one look at the statement to the next.
     *
     * @param young the period while it is young, and while none runs
     */
    Duration period(Duration young) {
        long sent = sentNanos;
        if (sent == NONE) {
            return young;
        }
        Duration old = Duration.ofNanos(clock.nanos() - sent).dividedBy(LOOKS);
        Duration longest = old.compareTo(LONGEST) > 0 ? LONGEST : old;
        return longest.compareTo(young) > 0 ? longest : young;
    }
}
