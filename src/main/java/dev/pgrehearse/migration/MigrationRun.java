package dev.pgrehearse.migration;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.migration.DatabaseState.Fate;
import dev.pgrehearse.migration.TransactionReading.Effects;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.postgres.SqlState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The run itself: which statement is next, which transaction is open, which try it is. Used once, by one thread. */
final class MigrationRun {
    static final Sessions.Use BETWEEN_STATEMENTS = new Sessions.Use(Sessions.Role.MIGRATION, "migration");

    private final MigrationSession session;
    private final MigrationSettings settings;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final MigrationListener listener;
    private final Pause pause;
    private final CountDownLatch interrupted;
    private final List<SqlStatement> statements;
    private final DatabaseState state;
    private final List<StatementRun> runs = new ArrayList<>();

    /** The position (from 0) of the next statement. */
    private int next;
    /** Which try of the statement, or of the transaction it is in. */
    private int attempt = 1;

    private int mostAttempts;
    private int transactionsBegun;
    private @Nullable OpenTransaction transaction;
    private @Nullable String fault;
    private boolean stopped;
    /** Whether it was an interruption that ended the run before its end. */
    private boolean cut;

    MigrationRun(
            MigrationSession session,
            MigrationSettings settings,
            RehearsalClock clock,
            Sessions sessions,
            MigrationListener listener,
            Pause pause,
            CountDownLatch interrupted,
            List<SqlStatement> statements) {
        this.session = session;
        this.settings = settings;
        this.clock = clock;
        this.sessions = sessions;
        this.listener = listener;
        this.pause = pause;
        this.interrupted = interrupted;
        this.statements = List.copyOf(statements);
        this.state = new DatabaseState(this.statements);
    }

    MigrationResult run() {
        long start = clock.nanos();
        while (!stopped && next < statements.size() && !isInterrupted()) {
            runNext();
        }
        if (!stopped && next < statements.size()) {
            cut = true;
        }
        closeOpenTransaction();
        RunOutcome outcome = cut ? RunOutcome.INTERRUPTED : fault == null ? RunOutcome.OK : RunOutcome.FAILED;
        return new MigrationResult(
                outcome,
                mostAttempts,
                state.inWords(),
                fault,
                runs.isEmpty() ? start : runs.get(0).startNanos(),
                runs.isEmpty() ? start : runs.get(runs.size() - 1).endNanos(),
                List.copyOf(runs));
    }

    private boolean isInterrupted() {
        return interrupted.getCount() == 0;
    }

    private void runNext() {
        SqlStatement statement = statements.get(next);
        StatementKind kind = StatementKind.of(statement.sql());
        mostAttempts = Math.max(mostAttempts, attempt);
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
        try {
            session.execute(statement.sql());
            doing = "reading its locks: ";
            Effects effects = reading.effects(session.reader().held(), kind.isSchemaChange());
            doing = "its COMMIT: ";
            session.execute("COMMIT");
            long end = end();
            ended(ok(statement, 0, start, end, true, effects, true));
            state.set(next, Fate.COMMITTED);
            advance();
        } catch (SQLException failure) {
            long end = end();
            ServerError error =
                    doing.isEmpty() ? ServerError.of(failure, statement) : ServerError.ofOurs(failure, statement);
            ServerError told = new ServerError(error.sqlState(), doing + error.message());
            boolean maybeCommitted = doing.equals("its COMMIT: ") && isLost(failure);
            if (!session.isLost()) {
                rollBack("ROLLBACK");
            }
            failed(statement, 0, start, end, true, told, maybeCommitted ? Fate.UNKNOWN : Fate.FAILED, next);
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
            failed(statement, 0, start, end, false, ServerError.of(failure, statement), fate, next);
            return;
        }
        long end = end();
        if (session.inTransaction()) {
            OpenTransaction begun = new OpenTransaction(
                    ++transactionsBegun,
                    next,
                    false,
                    new TransactionReading(before, session.reader().scansKnown()));
            transaction = begun;
            ended(ok(statement, begun.number(), start, end, false, Effects.NONE, false));
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
        ended(ok(statement, 0, start, end, false, new Effects(List.of(), rewrote, List.of()), false));
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
                    maybeCommitted ? Fate.UNKNOWN : Fate.FAILED,
                    open.first());
            return;
        }
        long end = end();
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
        ended(ok(statement, open.number(), start, end, false, effects, read));
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
        transaction = new OpenTransaction(++transactionsBegun, next, true, open.reading());
    }

    private void advance() {
        next++;
        attempt = 1;
    }

    private long begin(SqlStatement statement) {
        sessions.begin(
                session.backendPid(), new Sessions.Use(Sessions.Role.MIGRATION, "statement " + statement.index()));
        long start = clock.nanos();
        listener.statementStarted(statement, attempt, session.backendPid(), start);
        return start;
    }

    private long end() {
        long end = clock.nanos();
        sessions.begin(session.backendPid(), BETWEEN_STATEMENTS);
        return end;
    }

    private StatementRun ok(
            SqlStatement statement,
            int transactionNumber,
            long start,
            long end,
            boolean wrapped,
            Effects effects,
            boolean locksKnown) {
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
                effects.scanned());
    }

    private void ended(StatementRun run) {
        runs.add(run);
        listener.statementEnded(run);
    }

    /** Decides what follows a failure; {@code retryFrom} is the position that another try would begin at. */
    private void failed(
            SqlStatement statement,
            int transactionNumber,
            long start,
            long end,
            boolean wrapped,
            ServerError error,
            Fate fate,
            int retryFrom) {
        boolean retry = isLockFailure(error.sqlState())
                && !isInterrupted()
                && !session.isLost()
                && attempt <= settings.retries().max()
                && readyForRetry();
        RunOutcome outcome = retry ? RunOutcome.RETRIED : isInterrupted() ? RunOutcome.INTERRUPTED : RunOutcome.FAILED;
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
                List.of()));
        String told = "statement " + statement.index() + " (" + statement.place() + ") failed: " + error.message()
                + (error.sqlState() == null ? "" : " (SQLSTATE " + error.sqlState() + ")");
        if (retry) {
            state.closeTransaction(Fate.NOT_RUN);
            next = retryFrom;
            attempt++;
            pauseBeforeRetry(told);
        } else {
            state.set(next, isInterrupted() ? cancelled(fate) : fate);
            state.closeTransaction(Fate.ROLLED_BACK);
            stop(told);
        }
    }

    private static boolean isLockFailure(@Nullable String sqlState) {
        return SqlState.LOCK_NOT_AVAILABLE.equals(sqlState) || SqlState.DEADLOCK_DETECTED.equals(sqlState);
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
                transaction = new OpenTransaction(++transactionsBegun, open.first(), true, open.reading());
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

    private void pauseBeforeRetry(String why) {
        if (settings.retries().backoff().isZero()) {
            return;
        }
        listener.pausing(settings.retries().backoff(), why);
        try {
            pause.await(settings.retries().backoff(), interrupted);
        } catch (InterruptedException threadInterrupted) {
            Thread.currentThread().interrupt();
            interrupted.countDown();
        }
    }

    private void stop(String why) {
        if (isInterrupted()) {
            cut = true;
        } else {
            fault = why;
        }
        stopped = true;
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
