package dev.pgrehearse.observe;

import java.time.Duration;

/**
 * A line of the server's log that tells of a session's wait, and of which waits it may be. Immutable.
 *
 * <p>Its begin is its time minus its length. The server measures the length first and writes then, so that the line never puts the begin
 * before it, but for its time, which is cut to milliseconds; how much later is what the backend took to write.
 *
 * @param atMicros the server's time of the line
 * @param waitedMicros how long the wait had been going on
 */
record WaitLine(int pid, long atMicros, long waitedMicros) {
    /** What a server takes to write a line, even on a busy machine. */
    private static final long WRITTEN_MICROS = 500_000;
    /** The same of a line whose length proves which wait it is of. */
    private static final long SLOWLY_WRITTEN_MICROS = 10_000_000;

    private static final long CUT_MICROS = 2_000;
    /** By so much the middle of a look that shows a wait may come after its end. */
    private static final long LATE_LOOK_MICROS = 100_000;
    /** How close to deadlock_timeout a sampled length must be for its line to be waited for. */
    static final long NEAR_TIMEOUT_NANOS = Duration.ofMillis(50).toNanos();

    long startMicros() {
        return atMicros - waitedMicros;
    }

    long waitedNanos() {
        return waitedMicros * 1_000;
    }

    /**
     * Whether it may be of a wait that began then.
     *
     * @param estimated that is when a look showed it first, which may be any time before its line
     */
    boolean isOfOneThatBegan(long micros, boolean estimated) {
        return isWithin(WRITTEN_MICROS, -CUT_MICROS, micros, estimated);
    }

    /** The same of a line that the server took very long to write. */
    boolean wasWrittenLateOfOneThatBegan(long micros, boolean estimated) {
        return isWithin(SLOWLY_WRITTEN_MICROS, 0, micros, estimated);
    }

    private boolean isWithin(long most, long least, long beganMicros, boolean estimated) {
        long later = startMicros() - beganMicros;
        return later <= most && (later >= least || (estimated && beganMicros <= atMicros + LATE_LOOK_MICROS));
    }

    /**
     * Whether it may be of a wait that was no longer than that. The server writes lines of those that are in the queue when
     * {@code deadlock_timeout} has passed ({@code CheckDeadLock} and {@code ProcSleep} in {@code src/backend/storage/lmgr/proc.c}); a
     * line of a shorter one is of a session that has a shorter timeout.
     */
    boolean mayBeOfOneNoLongerThan(long nanos, long deadlockTimeoutNanos) {
        return nanos >= deadlockTimeoutNanos - NEAR_TIMEOUT_NANOS || waitedNanos() < deadlockTimeoutNanos;
    }
}
