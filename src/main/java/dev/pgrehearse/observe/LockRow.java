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
    static final String ADVISORY = "advisory";
    private static final String TUPLE = "tuple";

    boolean isOnRelation() {
        return lockType.equals(RELATION);
    }

    /** On something that a statement locks for others to see, to the end of its transaction or longer. */
    boolean isOnRelationOrAdvisory() {
        return isOnRelation() || lockType.equals(ADVISORY);
    }

    boolean isHeldOnTuple() {
        return granted && lockType.equals(TUPLE);
    }

    /** Waits for the end of a transaction, as who wants a row that it has changed. */
    boolean isForTransaction() {
        return !granted && lockType.equals(TRANSACTION);
    }

    /** The same, with another start. */
    LockRow started(long sinceMicros) {
        return new LockRow(lockType, object, database, relation, pid, mode, granted, sinceMicros);
    }
}
