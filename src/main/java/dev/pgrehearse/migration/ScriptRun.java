package dev.pgrehearse.migration;

import dev.pgrehearse.migration.DatabaseState.Fate;
import dev.pgrehearse.migration.TransactionReading.Effects;
import dev.pgrehearse.postgres.SqlState;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The run of one script: which statement is next, which transaction is open, which try it is. Ends at the script's end, at
 * the first error, or when the brake is pulled. Used once, by one thread.
 */
final class ScriptRun {
    private final Execution execution;
    private final MigrationSession session;
    private final List<SqlStatement> statements;
    private final DatabaseState state;

    /** The position (from 0) of the next statement. */
    private int next;
    /** Which try of the statement, or of the transaction it is in. */
    private int attempt = 1;

    private @Nullable OpenTransaction transaction;
    private @Nullable String fault;
    private boolean stopped;
    /** Whether it was the brake that ended the run before its end. */
    private boolean cut;

    /**
     * A run that has not begun.
     *
     * @param state of these statements
     */
    ScriptRun(Execution execution, List<SqlStatement> statements, DatabaseState state) {
        this.execution = execution;
        this.session = execution.session();
        this.statements = List.copyOf(statements);
        this.state = state;
    }

    StepEnd run() {
        while (!stopped && next < statements.size() && !execution.isBraked()) {
            runNext();
        }
        if (!stopped && next < statements.size()) {
            cut = true;
        }
        execution.heeded();
        closeOpenTransaction();
        String why = fault;
        return cut ? StepEnd.HALTED : why == null ? StepEnd.DONE : StepEnd.failed(why);
    }

    private void runNext() {
        SqlStatement statement = statements.get(next);
        StatementKind kind = StatementKind.of(statement.sql());
        OpenTransaction open = transaction;
        if (open != null) {
            runInTransaction(statement, kind, open);
            return;
        }
        Map<Long, Relation> before = Map.of();
        boolean wrap;
        try {
            if (kind.takesSnapshot() || kind == StatementKind.BEGIN) {
                before = session.reader().relations();
            }
            wrap = isWrappable(statement, kind);
            if (wrap) {
                session.execute("BEGIN");
            }
        } catch (SQLException failure) {
            stop("the catalogue could not be read before statement " + statement.index() + ": " + failure.getMessage());
            return;
        }
        if (wrap) {
            runWrapped(
                    statement,
                    kind,
                    new TransactionReading(before, session.reader().scansKnown()));
        } else {
            runAlone(statement, kind, before);
        }
    }

    private boolean isWrappable(SqlStatement statement, StatementKind kind) throws SQLException {
        return switch (kind) {
            case DDL -> true;
            case DDL_UNLESS_PARTITIONED ->
                !session.reader().isPartitioned(PartitionTarget.of(StatementWords.of(statement.sql())));
            default -> false;
        };
    }

    /** A single change of the schema, in a transaction of ours that is open already. */
    private void runWrapped(SqlStatement statement, StatementKind kind, TransactionReading reading) {
        long start = begin(statement);
        String doing = "";
        Notices notices = Notices.NONE;
        try {
            session.execute(statement.sql());
            notices = session.notices();
            doing = "reading its locks: ";
            Effects effects = reading.effects(session.reader().held(), kind.isSchemaChange());
            doing = "its COMMIT: ";
            session.execute("COMMIT");
            long end = end();
            ended(ok(statement, 0, start, end, true, effects, true, notices));
            state.set(next, Fate.COMMITTED);
            advance();
        } catch (SQLException failure) {
            long end = end();
            notices = doing.isEmpty() ? session.notices() : notices;
            ServerError error =
                    doing.isEmpty() ? ServerError.of(failure, statement) : ServerError.ofOurs(failure, statement);
            ServerError told = new ServerError(error.sqlState(), doing + error.message());
            boolean maybeCommitted = doing.equals("its COMMIT: ") && isLost(failure);
            execution.heeded();
            if (!session.isLost()) {
                rollBack("ROLLBACK");
            }
            failed(statement, 0, start, end, true, told, notices, maybeCommitted ? Fate.UNKNOWN : Fate.FAILED, next);
        }
    }

    /** A statement outside transactions, which may begin one. */
    private void runAlone(SqlStatement statement, StatementKind kind, Map<Long, Relation> before) {
        long start = begin(statement);
        try {
            session.execute(statement.sql());
        } catch (SQLException failure) {
            long end = end();
            Fate fate = isLost(failure) ? Fate.UNKNOWN : kind.mayCommitByItself() ? Fate.FAILED_PARTLY : Fate.FAILED;
            failed(statement, 0, start, end, false, ServerError.of(failure, statement), session.notices(), fate, next);
            return;
        }
        long end = end();
        Notices notices = session.notices();
        if (session.inTransaction()) {
            OpenTransaction begun = new OpenTransaction(
                    execution.nextTransaction(),
                    next,
                    false,
                    new TransactionReading(before, session.reader().scansKnown()));
            transaction = begun;
            ended(ok(statement, begun.number(), start, end, false, Effects.NONE, false, notices));
            state.set(next, Fate.IN_TRANSACTION);
            next++;
            return;
        }
        List<String> rewrote = List.of();
        @Nullable SQLException unreadable = null;
        if (kind.takesSnapshot()) {
            try {
                rewrote = TransactionReading.rewritten(before, session.reader().relations());
            } catch (SQLException failure) {
                unreadable = failure;
            }
        }
        if (unreadable != null) {
            notices = notices.and(
                    Notices.of("which tables it rewrote is not known, for the catalogue could not be read after it: "
                            + unreadable.getMessage()));
        }
        ended(ok(statement, 0, start, end, false, new Effects(List.of(), rewrote, List.of()), false, notices));
        state.set(next, Fate.COMMITTED);
        advance();
        if (unreadable != null) {
            stop("the catalogue could not be read after statement " + statement.index() + ": "
                    + unreadable.getMessage());
        }
    }

    private void runInTransaction(SqlStatement statement, StatementKind kind, OpenTransaction open) {
        long start = begin(statement);
        try {
            session.execute(statement.sql());
        } catch (SQLException failure) {
            long end = end();
            boolean maybeCommitted = isLost(failure) && mayCommit(kind);
            if (maybeCommitted) {
                state.closeTransaction(Fate.UNKNOWN);
            }
            failed(
                    statement,
                    open.number(),
                    start,
                    end,
                    false,
                    ServerError.of(failure, statement),
                    session.notices(),
                    maybeCommitted ? Fate.UNKNOWN : Fate.FAILED,
                    open.first());
            return;
        }
        long end = end();
        Notices notices = session.notices();
        state.set(next, Fate.IN_TRANSACTION);
        Effects effects = Effects.NONE;
        boolean read = false;
        @Nullable SQLException unreadable = null;
        if (session.inTransaction() && !kind.endsTransaction()) {
            open.executed(kind);
            try {
                read = mayRead(kind, open);
                if (read) {
                    effects = open.reading().effects(session.reader().held(), kind.isSchemaChange());
                }
            } catch (SQLException failure) {
                read = false;
                unreadable = failure;
            }
        }
        ended(ok(statement, open.number(), start, end, false, effects, read, notices));
        if (unreadable != null) {
            stop("the locks could not be read after statement " + statement.index() + ": " + unreadable.getMessage());
        } else if (kind.endsTransaction() || !session.inTransaction()) {
            endTransaction(kind, open);
        } else {
            next++;
        }
    }

    private static boolean mayCommit(StatementKind kind) {
        return kind == StatementKind.COMMIT
                || kind == StatementKind.COMMIT_AND_CHAIN
                || kind == StatementKind.PREPARE_TRANSACTION;
    }

    /**
     * Whether a query of ours disturbs nothing in the open transaction. It would take the snapshot of a transaction that
     * has none yet, and SET TRANSACTION would then fail. After LOCK, the usual start of a careful transaction, it is worth
     * a look whether that matters.
     */
    private boolean mayRead(StatementKind kind, OpenTransaction open) throws SQLException {
        if (open.isSnapshotTaken()) {
            return true;
        }
        boolean settingFollows = next + 1 < statements.size()
                && StatementKind.of(statements.get(next + 1).sql()) == StatementKind.SETTING;
        return kind == StatementKind.LOCK
                && !settingFollows
                && session.isolation().equals("read committed");
    }

    private void endTransaction(StatementKind kind, OpenTransaction open) {
        boolean rolledBack = kind == StatementKind.ROLLBACK || kind == StatementKind.ROLLBACK_AND_CHAIN;
        state.closeTransaction(
                rolledBack
                        ? Fate.ROLLED_BACK_BY_SCRIPT
                        : kind == StatementKind.PREPARE_TRANSACTION ? Fate.PREPARED : Fate.COMMITTED);
        advance();
        if (!session.inTransaction()) {
            transaction = null;
            return;
        }
        if (rolledBack) {
            open.reading().rolledBackAndChained();
        } else {
            open.reading().committedAndChained();
        }
        transaction = new OpenTransaction(execution.nextTransaction(), next, true, open.reading());
    }

    private void advance() {
        next++;
        attempt = 1;
    }

    private long begin(SqlStatement statement) {
        return execution.begin(statement, attempt);
    }

    private long end() {
        return execution.end();
    }

    private StatementRun ok(
            SqlStatement statement,
            int transactionNumber,
            long start,
            long end,
            boolean wrapped,
            Effects effects,
            boolean locksKnown,
            Notices notices) {
        return new StatementRun(
                statement,
                attempt,
                transactionNumber,
                start,
                end,
                RunOutcome.OK,
                null,
                null,
                wrapped,
                effects.locks(),
                locksKnown,
                effects.rewrote(),
                effects.scanned(),
                notices,
                null);
    }

    private void ended(StatementRun run) {
        execution.ended(run);
    }

    /** Decides what follows a failure; {@code retryFrom} is the position that another try would begin at. */
    private void failed(
            SqlStatement statement,
            int transactionNumber,
            long start,
            long end,
            boolean wrapped,
            ServerError error,
            Notices notices,
            Fate fate,
            int retryFrom) {
        // It is the brake's doing only when it was cancelled, or cut: what fails by itself meanwhile has failed
        boolean braked = execution.endedByBrake(error.sqlState());
        boolean retry = !execution.isBraked() && execution.mayRetry(error.sqlState(), attempt) && readyForRetry();
        RunOutcome outcome = retry ? RunOutcome.RETRIED : braked ? execution.brakedOutcome() : RunOutcome.FAILED;
        execution.heeded();
        ended(new StatementRun(
                statement,
                attempt,
                transactionNumber,
                start,
                end,
                outcome,
                error.sqlState(),
                error.message(),
                wrapped,
                List.of(),
                false,
                List.of(),
                List.of(),
                notices,
                null));
        String told = error.of(statement);
        if (retry) {
            state.closeTransaction(Fate.NOT_RUN);
            next = retryFrom;
            attempt++;
            execution.pauseBeforeRetry(told);
        } else {
            state.set(next, braked ? cancelled(fate) : fate);
            state.closeTransaction(Fate.ROLLED_BACK);
            cut = braked;
            stopped = true;
            if (!braked) {
                fault = told;
            }
        }
    }

    /** Leaves the failed transaction of the script, so that it can begin again; false when it cannot. */
    private boolean readyForRetry() {
        OpenTransaction open = transaction;
        if (open == null) {
            return true;
        }
        if (open.isChained()) {
            // Only while it is open can it be begun again with the same characteristics
            boolean begunAgain = session.inTransaction() && rollBack("ROLLBACK AND CHAIN");
            if (begunAgain) {
                open.reading().rolledBackAndChained();
                transaction = new OpenTransaction(execution.nextTransaction(), open.first(), true, open.reading());
            }
            return begunAgain;
        }
        transaction = null;
        return !session.inTransaction() || rollBack("ROLLBACK");
    }

    private static Fate cancelled(Fate fate) {
        return switch (fate) {
            case FAILED -> Fate.CANCELLED;
            case FAILED_PARTLY -> Fate.CANCELLED_PARTLY;
            default -> fate;
        };
    }

    /**
     * A reading of ours failed, which the brake may have done, too. After the last statement the brake has nothing to end
     * any more.
     */
    private void stop(String why) {
        boolean braked = execution.isBraked();
        cut = braked && next < statements.size();
        stopped = true;
        if (!braked) {
            fault = why;
        }
    }

    private boolean isLost(SQLException failure) {
        return session.isLost() || SqlState.meansConnectionLost(failure.getSQLState());
    }

    /** Rolls back what is open at the end: psql would lose it silently, here it is a failure. */
    private void closeOpenTransaction() {
        OpenTransaction open = transaction;
        if (open != null && fault == null && !cut) {
            SqlStatement begun = statements.get(Math.min(open.first(), statements.size() - 1));
            fault = "the script ended inside the transaction that began at " + begun.place()
                    + ", without COMMIT; it was rolled back, as the end of a psql session does";
        }
        state.closeTransaction(Fate.ROLLED_BACK);
        if (!session.isLost() && session.inTransaction()) {
            rollBack("ROLLBACK");
        }
    }

    /**
     * Ends the transaction. When even that fails the connection is cut, and the server rolls back by itself.
     *
     * @return whether the session goes on
     */
    private boolean rollBack(String command) {
        try {
            session.execute(command);
            return true;
        } catch (SQLException failure) {
            try {
                session.abort();
            } catch (SQLException alreadyGone) {
                // Gone is what it should be.
                return false;
            }
            return false;
        }
    }
}
