package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ErrorText;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What went wrong with a statement, in one line.
 *
 * @param sqlState null when the error has none
 * @param message the server's message with detail, hint and place; the driver's when it is not the server's
 */
record ServerError(@Nullable String sqlState, String message) {
    static ServerError of(SQLException failure, SqlStatement statement) {
        return of(failure, statement, true);
    }

    /** An error of a statement of ours, such as the {@code COMMIT} around {@code statement}: positions mean nothing. */
    static ServerError ofOurs(SQLException failure, SqlStatement statement) {
        return of(failure, statement, false);
    }

    /** What a run is told by: {@code statement 2 (add.sql:4) failed: … (SQLSTATE 42P07)}. */
    String of(SqlStatement statement) {
        return "statement " + statement.index() + " (" + statement.place() + ") failed: " + message
                + (sqlState == null ? "" : " (SQLSTATE " + sqlState + ")");
    }

    private static ServerError of(SQLException failure, SqlStatement statement, boolean positioned) {
        ServerErrorMessage server = failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        if (server == null) {
            return new ServerError(failure.getSQLState(), String.valueOf(failure.getMessage()));
        }
        String place = positioned && server.getPosition() > 0 ? statement.placeOf(server.getPosition()) : null;
        return new ServerError(
                failure.getSQLState(),
                ErrorText.of(server) + ErrorText.part("where", server.getWhere()) + ErrorText.part("at", place));
    }
}
