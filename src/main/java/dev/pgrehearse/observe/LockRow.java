package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;

/**
 * One row of {@code pg_locks}.
 *
 * @param lockType {@code pg_locks.locktype}
 * @param object the locked object: equal for two rows exactly when they are about the same object
 * @param database the database's oid; 0 for shared objects and for locks that belong to none
 * @param relation the relation's oid; 0 when the lock is on none
 * @param pid the backend; 0 for a prepared transaction
 * @param mode held or wanted
 * @param granted held (true) or wanted (false)
 * @param waitStartMicros the server's time at which the wait began; 0 for holders, and for a moment after a wait began
 */
record LockRow(
        String lockType,
        String object,
        long database,
        long relation,
        int pid,
        LockMode mode,
        boolean granted,
        long waitStartMicros) {
    static final String RELATION = "relation";
    static final String TRANSACTION = "transactionid";
    private static final String TUPLE = "tuple";

    boolean isOnRelation() {
        return lockType.equals(RELATION);
    }

    /**
     * Whether it tells which row another lock of the same backend waits for: who is the first to wait for the transaction that changed a
     * row has a lock on that row meanwhile ({@code heap_acquire_tuplock} in {@code src/backend/access/heap/heapam.c}).
     */
    boolean isTheRowOf(LockRow waiter) {
        return granted
                && lockType.equals(TUPLE)
                && pid == waiter.pid
                && waiter.lockType.equals(TRANSACTION)
                && !waiter.granted;
    }

    /** The same, with another start. */
    LockRow started(long sinceMicros) {
        return new LockRow(lockType, object, database, relation, pid, mode, granted, sinceMicros);
    }
}
