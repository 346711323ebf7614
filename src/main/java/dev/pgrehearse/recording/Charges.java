package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Charges waits behind the migration's session to the statement that took the lock, which in a transaction need not be the
 * one that is running. The observer knows the session and the statement of the moment only.
 */
final class Charges {
    private static final String STATEMENT = "statement ";
    private static final String BETWEEN_STATEMENTS = "migration";

    private final Map<Fact.StatementRan, List<Recording.Lock>> locks;
    private final LockFold transactions;

    /**
     * Knows what each run of a statement locked.
     *
     * @param locks by run
     * @param transactions knows when each one's locks were released
     */
    Charges(Map<Fact.StatementRan, List<Recording.Lock>> locks, LockFold transactions) {
        this.locks = locks;
        this.transactions = transactions;
    }

    /** As {@link Fact.Waited#behind()} names a statement. */
    static String name(Fact.StatementRan run) {
        return STATEMENT + run.index();
    }

    /** The wait, charged to the first statement whose lock it waited for; as it was when no lock is known to be the cause. */
    Fact.Waited charge(Fact.Waited wait) {
        if (!wait.behind().startsWith(STATEMENT) && !wait.behind().equals(BETWEEN_STATEMENTS)) {
            return wait;
        }
        return locks.entrySet().stream()
                .filter(entry ->
                        wait.overlapWith(entry.getKey().startNanos(), transactions.transactionEnd(entry.getKey())) > 0
                                && entry.getValue().stream().anyMatch(lock -> keepsWaiting(lock, wait)))
                .map(Map.Entry::getKey)
                .min(Comparator.comparingLong(Fact.StatementRan::startNanos))
                .map(run -> wait.behind(name(run)))
                .orElse(wait);
    }

    private static boolean keepsWaiting(Recording.Lock lock, Fact.Waited wait) {
        return lock.relation().equals(wait.relation())
                && LockMode.ofSqlName(lock.mode())
                        .flatMap(mode -> LockMode.ofSqlName(wait.mode()).map(mode::conflictsWith))
                        .orElse(false);
    }
}
