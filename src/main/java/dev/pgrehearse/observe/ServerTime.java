package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The server's clock against ours. Times of the server are microseconds since 1970; ours are nanoseconds of the
 * rehearsal's clock. The reading with the least uncertainty of the last half minute converts. Thread-safe.
 */
final class ServerTime {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long RECENT_NANOS = Duration.ofSeconds(30).toNanos();
    /** A jump beyond the uncertainties and this is a stepped clock, not an inexact reading. */
    private static final long STEP_NANOS = Duration.ofMillis(5).toNanos();

    /** One reading: the server's clock minus ours, and half the round trip it took. */
    record Reading(long atNanos, long offsetNanos, long uncertaintyNanos) {
        double offsetMs() {
            return offsetNanos / 1e6;
        }

        double uncertaintyMs() {
            return uncertaintyNanos / 1e6;
        }
    }

    private final RehearsalClock clock;
    private final long originEpochNanos;
    private final Deque<Reading> recent = new ArrayDeque<>();
    private Reading best = new Reading(0, 0, Long.MAX_VALUE);

    ServerTime(RehearsalClock clock) {
        this.clock = clock;
        this.originEpochNanos = epochNanos(clock.origin());
    }

    /** A reading of {@code serverMicros} that was asked for at {@code beforeNanos} and was here at {@code afterNanos}. */
    Reading reading(long serverMicros, long beforeNanos, long afterNanos) {
        long middle = beforeNanos + (afterNanos - beforeNanos) / 2;
        long offset = serverMicros * NANOS_PER_MICRO - (originEpochNanos + middle);
        return new Reading(middle, offset, (afterNanos - beforeNanos) / 2);
    }

    /**
     * Takes a reading into account.
     *
     * @return whether one of the two clocks was stepped since the readings before: those are forgotten then
     */
    synchronized boolean add(Reading reading) {
        boolean stepped = best.uncertaintyNanos() != Long.MAX_VALUE
                && Math.abs(reading.offsetNanos() - best.offsetNanos())
                        > reading.uncertaintyNanos() + best.uncertaintyNanos() + STEP_NANOS;
        if (stepped) {
            recent.clear();
        }
        recent.addLast(reading);
        while (recent.getFirst().atNanos() < reading.atNanos() - RECENT_NANOS) {
            recent.removeFirst();
        }
        Reading least = reading;
        for (Reading candidate : recent) {
            if (candidate.uncertaintyNanos() < least.uncertaintyNanos()) {
                least = candidate;
            }
        }
        best = least;
        return stepped;
    }

    /** The reading that converts now. */
    synchronized Reading best() {
        return best;
    }

    /** Our clock at a time of the server. */
    long nanosAt(long serverMicros) {
        return serverMicros * NANOS_PER_MICRO - best().offsetNanos() - originEpochNanos;
    }

    /** The server's clock at a time of ours. */
    long microsAt(long nanos) {
        return (originEpochNanos + nanos + best().offsetNanos()) / NANOS_PER_MICRO;
    }

    /** How long something has waited since that time of the server; 0 when the server has not told yet since when. */
    double waitedMs(long sinceMicros, long atNanos) {
        // One that began while the sample was under way had not waited yet when the sample was sent.
        return sinceMicros == 0 ? 0 : Math.max(0, (atNanos - nanosAt(sinceMicros)) / 1e6);
    }

    /** Our clock, now. */
    long now() {
        return clock.nanos();
    }

    private static long epochNanos(Instant instant) {
        return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
    }
}
