package dev.pgrehearse.migration;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears of a migration's run as it happens, on the thread that runs it. Whatever a method takes, the migration is late by;
 * an exception ends the migration.
 */
public interface MigrationListener {
    /** Listens to nothing. */
    MigrationListener SILENT = new MigrationListener() {
        @Override
        public void statementStarted(SqlStatement statement, int attempt, int backendPid) {}

        @Override
        public void statementEnded(StatementRun run) {}

        @Override
        public void pausing(Duration backoff, String why) {}
    };

    /** A statement is about to be sent: as soon as this returns. */
    void statementStarted(SqlStatement statement, int attempt, int backendPid);

    /** A statement has ended, however it did. */
    void statementEnded(StatementRun run);

    /** The migration waits before it tries again; {@code why} names the statement and its error. */
    void pausing(Duration backoff, String why);

    /**
     * A back-fill has changed rows: after each batch.
     *
     * @param table its name, as the step has it
     * @param rows how many so far
     * @param total how many there are to change, as the catalogue estimates; null when a condition chooses them
     */
    default void rowsChanged(SqlStatement statement, String table, long rows, @Nullable Long total) {}

    /** The migration, or a step of it, was stopped as the scenario says. */
    default void stopped(StopSeen stop) {}

    /**
     * What was to be stopped had ended before, and nothing was stopped.
     *
     * @param what {@code the migration} or {@code step 2}
     * @param after how long after its start it was to be stopped
     * @param took how long it had taken; {@code after} or more when the stop came after its last statement, while that was
     *     still being looked at
     */
    default void stopCameTooLate(String what, Duration after, Duration took) {}
}
