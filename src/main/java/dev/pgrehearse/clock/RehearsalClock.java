package dev.pgrehearse.clock;

import java.time.Duration;
import java.time.Instant;

/**
 * The one clock of a rehearsal: monotonic nanoseconds since its origin, and the wall time of that origin.
 *
 * <p>Everything that is measured on our side is in nanoseconds of this clock; the fold turns them into milliseconds
 * since the start of the baseline. Immutable and thread-safe.
 */
public final class RehearsalClock {
    private final long originNanoTime;
    private final Instant originInstant;

    private RehearsalClock(long originNanoTime, Instant originInstant) {
        this.originNanoTime = originNanoTime;
        this.originInstant = originInstant;
    }

    /** A clock whose origin is now. */
    public static RehearsalClock start() {
        return new RehearsalClock(System.nanoTime(), Instant.now());
    }

    /** Nanoseconds since the origin. */
    public long nanos() {
        return System.nanoTime() - originNanoTime;
    }

    /** Milliseconds since the origin. */
    public double millis() {
        return nanos() / 1e6;
    }

    /** The value that {@link System#nanoTime()} has at {@code nanos} of this clock, for parking until then. */
    public long nanoTimeAt(long nanos) {
        return originNanoTime + nanos;
    }

    /** The wall time of our machine at {@code nanos} of this clock. */
    public Instant instantAt(long nanos) {
        return originInstant.plus(Duration.ofNanos(nanos));
    }

    /** Nanoseconds of this clock at a wall time of our machine. */
    public long nanosAt(Instant instant) {
        return Duration.between(originInstant, instant).toNanos();
    }

    /** The wall time at the origin. */
    public Instant origin() {
        return originInstant;
    }
}
