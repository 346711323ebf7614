package dev.pgrehearse.migration;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.postgres.SqlState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What all steps of a migration share: the session, the brake, the listener, and what has been run so far. Used by the
 * migration's thread alone, except for {@link #session()}.
 */
final class Execution implements AutoCloseable {
    private static final Sessions.Use BETWEEN_STATEMENTS = new Sessions.Use(Sessions.Role.MIGRATION, "migration");

    private final SessionSource source;
    private final MigrationSettings settings;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final MigrationListener listener;
    private final Pause pause;
    private final Brake brake;
    private final List<StatementRun> runs = new ArrayList<>();
    private volatile MigrationSession session;
    private LongConsumer starting = nanos -> {};
    private int mostAttempts;
    private int transactions;

    /** Opens sessions. */
    @FunctionalInterface
    interface SessionSource {
        MigrationSession open(MigrationSettings settings) throws SQLException;
    }

    Execution(
            SessionSource source,
            MigrationSettings settings,
            RehearsalClock clock,
            Sessions sessions,
            MigrationListener listener,
            Pause pause,
            Brake brake)
            throws SQLException {
        this.source = source;
        this.settings = settings;
        this.clock = clock;
        this.sessions = sessions;
        this.listener = listener;
        this.pause = pause;
        this.brake = brake;
        this.session = source.open(settings);
        sessions.begin(session.backendPid(), BETWEEN_STATEMENTS);
    }

    MigrationSession session() {
        return session;
    }

    RehearsalClock clock() {
        return clock;
    }

    MigrationListener listener() {
        return listener;
    }

    Brake brake() {
        return brake;
    }

    /** Every run so far, in order. */
    List<StatementRun> runs() {
        return List.copyOf(runs);
    }

    /** Tries of what was tried most often so far. */
    int mostAttempts() {
        return mostAttempts;
    }

    /** Hears of the start of each statement, or pause, from now on. */
    void onStart(LongConsumer hears) {
        starting = hears;
    }

    /** A fresh session in place of one that was cut. */
    void reopenIfLost() throws SQLException {
        if (session.isLost()) {
            replace(settings);
        }
    }

    /**
     * A fresh session for the cleaning: whoever cleans up after a stop has neither the variant's timeouts nor what the
     * scripts have SET, and DROP INDEX CONCURRENTLY waits for every old snapshot.
     */
    void openForCleaning() throws SQLException {
        session.close();
        replace(settings.withoutTimeouts());
    }

    private void replace(MigrationSettings its) throws SQLException {
        sessions.end(session.backendPid());
        session = source.open(its);
        sessions.begin(session.backendPid(), BETWEEN_STATEMENTS);
    }

    /** A statement is sent now: what the listener does first is none of its time. */
    long begin(SqlStatement statement, int attempt) {
        tried(attempt);
        sessions.begin(
                session.backendPid(), new Sessions.Use(Sessions.Role.MIGRATION, "statement " + statement.index()));
        listener.statementStarted(statement, attempt, session.backendPid());
        long start = clock.nanos();
        starting.accept(start);
        return start;
    }

    /** The number of a transaction that a script has begun: no two of a migration have the same, whatever their steps. */
    int nextTransaction() {
        return ++transactions;
    }

    /** Something was tried so often. */
    void tried(int attempt) {
        mostAttempts = Math.max(mostAttempts, attempt);
    }

    /** Its answer is there now. */
    long end() {
        long end = clock.nanos();
        sessions.begin(session.backendPid(), BETWEEN_STATEMENTS);
        return end;
    }

    void ended(StatementRun run) {
        runs.add(run);
        listener.statementEnded(run);
    }

    boolean isBraked() {
        return brake.isPulled();
    }

    /** Whether a failure is the brake's doing: the statement was cancelled, or the connection cut, after it was pulled. */
    boolean endedByBrake(@Nullable String sqlState) {
        return brake.isPulled()
                && (brake.isInterrupted()
                        || SqlState.QUERY_CANCELED.equals(sqlState)
                        || session.isLost()
                        || SqlState.meansConnectionLost(sqlState));
    }

    RunOutcome brakedOutcome() {
        return brake.isInterrupted() ? RunOutcome.INTERRUPTED : RunOutcome.STOPPED;
    }

    void heeded() {
        brake.heeded();
    }

    /** Whether a failure is tried again, as far as the settings say. */
    boolean mayRetry(@Nullable String sqlState, int attempt) {
        boolean ofLock = SqlState.LOCK_NOT_AVAILABLE.equals(sqlState) || SqlState.DEADLOCK_DETECTED.equals(sqlState);
        return ofLock && !session.isLost() && attempt <= settings.retries().max();
    }

    void pauseBeforeRetry(String why) {
        Duration backoff = settings.retries().backoff();
        if (!backoff.isZero()) {
            listener.pausing(backoff, why);
            rest(backoff);
        }
    }

    /** A pause that is a step of its own. */
    void restAsStep(Duration length) {
        starting.accept(clock.nanos());
        rest(length);
    }

    /** Waits so long, or until the brake is pulled. */
    void rest(Duration length) {
        try {
            pause.await(length, brake.latch());
        } catch (InterruptedException threadInterrupted) {
            Thread.currentThread().interrupt();
            brake.interrupt();
        }
    }

    @Override
    public void close() throws SQLException {
        sessions.end(session.backendPid());
        session.close();
    }
}
