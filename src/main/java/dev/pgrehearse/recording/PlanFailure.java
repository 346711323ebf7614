package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.SqlState;

/**
 * Why a statement could not be planned.
 *
 * @param sqlState the error's; empty when the driver gave none
 * @param message the server's, without detail and hint
 */
public record PlanFailure(String sqlState, String message) {
    /** Whether the statement itself is at fault, and not a lock, a timeout or the connection. */
    public boolean tellsOfTheStatement() {
        return !sqlState.isEmpty()
                && !sqlState.equals(SqlState.LOCK_NOT_AVAILABLE)
                && !sqlState.equals(SqlState.QUERY_CANCELED)
                && !SqlState.meansFault(sqlState);
    }
}
