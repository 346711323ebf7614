package dev.pgrehearse.migration;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a migration ended. Immutable.
 *
 * @param outcome {@code ok}, {@code failed}, {@code interrupted}, or {@code stopped} half-way as the scenario says, and cleaned
 * @param attempts tries of the statement or transaction that was tried most often; 0 when nothing ran
 * @param state in which state the database was left, in words
 * @param fault why it failed, with the statement's place; null unless {@code outcome} is {@code failed}
 * @param startNanos when the first statement was sent, on the rehearsal's clock; when there was none, when it would have been
 * @param endNanos when the last one ended, that of a cleaning included
 * @param runs each run of each statement, in order
 * @param stop when the whole was stopped as the scenario says; null when it was not
 */
public record MigrationResult(
        RunOutcome outcome,
        int attempts,
        String state,
        @Nullable String fault,
        long startNanos,
        long endNanos,
        List<StatementRun> runs,
        @Nullable StopSeen stop) {}
