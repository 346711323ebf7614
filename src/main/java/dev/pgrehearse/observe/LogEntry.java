package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.SqlState;
import java.util.List;

/** One line of the server's log that tells something about locks, or about the server itself. Times are the server's. */
sealed interface LogEntry {
    /** When the server wrote it, microseconds since 1970; the log has milliseconds. */
    long atMicros();

    /**
     * {@code process 1 still waiting for AccessShareLock on relation 2 of database 3 after 1000.123 ms}.
     *
     * @param object what is waited for, in the log's words
     * @param holders backends that hold a conflicting lock
     * @param queue backends that wait, first come first, the waiting one among them
     */
    record StillWaiting(
            long atMicros,
            int pid,
            String mode,
            String object,
            long waitedMicros,
            List<Integer> holders,
            List<Integer> queue)
            implements LogEntry {
        WaitLine line() {
            return new WaitLine(pid, atMicros, waitedMicros);
        }

        /** The same about an object under another name. */
        StillWaiting on(String other) {
            return new StillWaiting(atMicros, pid, mode, other, waitedMicros, holders, queue);
        }
    }

    /** {@code process 1 acquired AccessShareLock on relation 2 of database 3 after 2999.456 ms}. */
    record Acquired(long atMicros, int pid, String mode, String object, long waitedMicros) implements LogEntry {
        WaitLine line() {
            return new WaitLine(pid, atMicros, waitedMicros);
        }

        /** The same about an object under another name. */
        Acquired on(String other) {
            return new Acquired(atMicros, pid, mode, other, waitedMicros);
        }
    }

    /** An error that ends a wait: lock timeout, cancel, deadlock, termination. */
    record GaveUp(long atMicros, int pid, String sqlState, String message) implements LogEntry {
        /** Whether such an error comes out of a wait for a lock only; a cancel may come at any time. */
        boolean onlyEndsWaits() {
            return sqlState.equals(SqlState.LOCK_NOT_AVAILABLE) || sqlState.equals(SqlState.DEADLOCK_DETECTED);
        }
    }

    /**
     * The server ended a session to resolve a deadlock.
     *
     * @param victim the session that was ended
     * @param waits all sessions of the circle; empty when the line has no detail
     */
    record Deadlock(long atMicros, int victim, List<Wait> waits) implements LogEntry {
        /**
         * One session.
         *
         * @param object what it waited for, in the log's words
         * @param sql what it ran; empty when the log does not tell
         */
        record Wait(int pid, String mode, String object, int blockedBy, String sql) {}
    }

    /**
     * {@code duration: 0.123 ms}: the session is done with what it was sent, its answer is on the way.
     *
     * @param command its kind, such as {@code COMMIT}, the last one's where several were sent at once
     */
    record Done(long atMicros, int pid, String command, long tookMicros) implements LogEntry {}

    /** Something worth an event: {@code checkpoint}, {@code autovacuum}, {@code server crash}. */
    record Event(long atMicros, String kind, String text) implements LogEntry {}
}
