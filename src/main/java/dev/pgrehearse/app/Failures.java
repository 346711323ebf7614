package dev.pgrehearse.app;

import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Outcome;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** Names a failure by its class. */
public final class Failures {
    /** PgBouncer's words when a client waited too long for a server connection; all its errors are 08P01. */
    private static final String BOUNCER_TIMEOUT = "query_wait_timeout";

    /** PgBouncer's words when it has {@code max_client_conn} clients already. */
    private static final String BOUNCER_FULL = "no more connections allowed";

    /** A standby's words when replay cancels a statement, or ends a session, that is in its way; in English, as we set it. */
    private static final String RECOVERY_CONFLICT = "due to conflict with recovery";

    private Failures() {}

    /**
     * The outcome that an exception stands for.
     *
     * <p>HikariCP's timeout carries the SQLSTATE of the last connection that it could not make, if there was one: then
     * that is the cause, otherwise the pool was just empty.
     */
    public static Outcome outcomeOf(SQLException failure) {
        String state = failure.getSQLState();
        if (SqlState.TOO_MANY_CONNECTIONS.equals(state) || says(failure, BOUNCER_FULL)) {
            return Outcome.TOO_MANY_CONNECTIONS;
        }
        if (says(failure, BOUNCER_TIMEOUT)) {
            return Outcome.POOL_TIMEOUT;
        }
        if (String.valueOf(failure.getMessage()).contains(RECOVERY_CONFLICT)) {
            return Outcome.RECOVERY_CONFLICT;
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

    /** Whether PgBouncer said it, to us or to the pool that tells us. */
    private static boolean says(SQLException failure, String words) {
        if (!SqlState.PROTOCOL_VIOLATION.equals(failure.getSQLState())) {
            return false;
        }
        return contains(failure, words) || contains(failure.getCause(), words);
    }

    private static boolean contains(@Nullable Throwable failure, String words) {
        return failure != null && String.valueOf(failure.getMessage()).contains(words);
    }
}
