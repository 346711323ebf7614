package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Charges waits behind the migration's session to the statement that took the lock, which in a transaction need not be the
 * one that is running. The observer knows the session and the statement of the moment only.
 */
final class Charges {
    private static final String STATEMENT = "statement ";
    private static final String BETWEEN_STATEMENTS = "migration";

    /** As waits for rows name what they wait for. */
    private static final String TRANSACTION = "(transaction)";

    private static final String TUPLE = "(tuple)";

    private static final Pattern CHANGES_ROWS = Pattern.compile(
            "(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*(?:insert|update|delete|merge|with|copy|do|call|execute)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

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

    /** Whether a wait is behind the migration's session, whatever it ran at that moment. */
    static boolean isBehindMigration(Fact.Waited wait) {
        return wait.behind().startsWith(STATEMENT) || wait.behind().equals(BETWEEN_STATEMENTS);
    }

    /**
     * The wait, charged to the first statement whose lock it waited for; a wait for a row to the last one before it that
     * can have changed rows, since nobody knows which did. As it was when none is known to be the cause.
     */
    Fact.Waited charge(Fact.Waited wait) {
        if (!isBehindMigration(wait)) {
            return wait;
        }
        if (wait.relation().startsWith(TRANSACTION) || wait.relation().startsWith(TUPLE)) {
            return locks.keySet().stream()
                    .filter(run -> run.startNanos() <= wait.startNanos()
                            && wait.overlapWith(run.startNanos(), transactions.transactionEnd(run)) > 0
                            && changesRows(run))
                    .max(Comparator.comparingLong(Fact.StatementRan::startNanos))
                    .map(run -> wait.behind(name(run)))
                    .orElse(wait);
        }
        return locks.entrySet().stream()
                .filter(entry ->
                        wait.overlapWith(entry.getKey().startNanos(), transactions.transactionEnd(entry.getKey())) > 0
                                && entry.getValue().stream()
                                        .anyMatch(lock -> keepsWaiting(lock.relation(), lock.mode(), wait)))
                .map(Map.Entry::getKey)
                .min(Comparator.comparingLong(Fact.StatementRan::startNanos))
                .map(run -> wait.behind(name(run)))
                .orElse(wait);
    }

    /**
     * Who holds a lock: of the migration's session the statement that took it, which need not be the one that ran then.
     *
     * @param who as the observer names the holder
     */
    String holder(String who, String relation, String mode, long atNanos) {
        if (!who.startsWith(STATEMENT) && !who.equals(BETWEEN_STATEMENTS)) {
            return who;
        }
        boolean rows = relation.startsWith(TRANSACTION) || relation.startsWith(TUPLE);
        return locks.entrySet().stream()
                .filter(entry -> entry.getKey().startNanos() <= atNanos
                        && atNanos <= transactions.transactionEnd(entry.getKey()))
                .filter(entry -> rows
                        ? changesRows(entry.getKey())
                        : entry.getValue().stream()
                                .anyMatch(lock -> lock.relation().equals(relation)
                                        && lock.mode().equals(mode)))
                .map(Map.Entry::getKey)
                .max(Comparator.comparingLong(Fact.StatementRan::startNanos))
                .map(Charges::name)
                .orElse(who);
    }

    /** By the statement's verb, or by the lock on a table that goes with locking or changing rows. */
    private boolean changesRows(Fact.StatementRan run) {
        return CHANGES_ROWS.matcher(run.sql()).lookingAt()
                || locks.getOrDefault(run, List.of()).stream()
                        .anyMatch(lock ->
                                lock.mode().equals("ROW SHARE") || lock.mode().equals("ROW EXCLUSIVE"));
    }

    /** Whether a lock forbids what a wait is for. */
    static boolean keepsWaiting(String relation, String mode, Fact.Waited wait) {
        return relation.equals(wait.relation())
                && LockMode.ofSqlName(mode)
                        .flatMap(held -> LockMode.ofSqlName(wait.mode()).map(held::conflictsWith))
                        .orElse(false);
    }
}
