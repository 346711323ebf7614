package dev.pgrehearse.app;

import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Outcome;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** Names a failure by its class. */
final class Failures {
    private Failures() {}

    /**
     * The outcome that an exception stands for.
     *
     * <p>HikariCP's timeout carries the SQLSTATE of the last connection that it could not make, if there was one: then
     * that is the cause, otherwise the pool was just empty.
     */
    static Outcome outcomeOf(SQLException failure) {
        String state = failure.getSQLState();
        if (SqlState.TOO_MANY_CONNECTIONS.equals(state)) {
            return Outcome.TOO_MANY_CONNECTIONS;
        }
        if (SqlState.meansConnectionLost(state)) {
            return Outcome.CONNECTION_LOST;
        }
        if (failure instanceof SQLTransientConnectionException) {
            return Outcome.POOL_TIMEOUT;
        }
        return switch (state == null ? "" : state) {
            case SqlState.LOCK_NOT_AVAILABLE -> Outcome.LOCK_TIMEOUT;
            case SqlState.QUERY_CANCELED -> Outcome.STATEMENT_TIMEOUT;
            case SqlState.DEADLOCK_DETECTED -> Outcome.DEADLOCK;
            case SqlState.SERIALIZATION_FAILURE -> Outcome.SERIALIZATION_FAILURE;
            default -> Outcome.SQL_ERROR;
        };
    }
}
