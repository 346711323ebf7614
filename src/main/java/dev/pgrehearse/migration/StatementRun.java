package dev.pgrehearse.migration;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of one statement. Immutable.
 *
 * @param statement what was run
 * @param attempt which try of the statement, or of the script's transaction it is in, from 1
 * @param transaction 0 for a statement outside the script's transactions; equal numbers share one transaction, and
 *     another try of a transaction has another number
 * @param startNanos when the statement was sent, in nanoseconds of the rehearsal's clock; a {@code BEGIN} of ours came
 *     before
 * @param endNanos when its answer was there; for a wrapped statement that of our {@code COMMIT}, because its locks are
 *     held until then: that includes one round trip in which they are read. A failed statement has released its locks
 *     when its error arrives
 * @param outcome how it ended
 * @param sqlState the error's SQLSTATE; null when there was no error, or when it did not come from the server
 * @param error the message with detail, hint and the place in the script; null when there was no error
 * @param wrapped whether a transaction of ours was put around it, so that its locks could be read before the commit
 * @param locks the locks that it took on relations which had existed before its transaction, and kept; strongest first;
 *     every mode, also one that a stronger one on the same relation includes; of catalogues only what is stronger than
 *     ROW EXCLUSIVE; none of temporary tables. Empty when not {@code locksKnown}
 * @param locksKnown whether locks, and tables scanned, were read: inside a transaction, after a statement that succeeded
 * @param rewrote relations that existed before and whose storage it replaced (TRUNCATE does, too); a TOAST table
 *     goes with its table and is not named
 * @param scanned tables that it read from end to end; empty when not {@code locksKnown}, and before PostgreSQL 15
 * @param notices what the server told besides its result; not what it told our own {@code COMMIT}
 * @param batches those of a back-fill, which is one run; null for any other statement
 */
public record StatementRun(
        SqlStatement statement,
        int attempt,
        int transaction,
        long startNanos,
        long endNanos,
        RunOutcome outcome,
        @Nullable String sqlState,
        @Nullable String error,
        boolean wrapped,
        List<LockReading> locks,
        boolean locksKnown,
        List<String> rewrote,
        List<String> scanned,
        Notices notices,
        @Nullable Batches batches) {}
