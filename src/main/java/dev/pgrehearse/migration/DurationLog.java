package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The server's log tells of each statement of the migration's session how long it took and when the server was done with it. The
 * client learns of that later, on a busy machine by many milliseconds, and a lock is gone by then. The log has no statement's text
 * for it.
 *
 * <p>{@code log_duration} is a superuser's, until PostgreSQL 15 lets it be granted: before that nothing is told. Of a failed
 * statement there is no such line, nor after a script has SET or RESET it.
 */
final class DurationLog {
    private static final int FIRST_WITH_GRANTS = 15;

    private DurationLog() {}

    /** Lets a role's sessions have it. Said again it changes nothing. */
    static void allow(ConnectionDetails superuser, String role) throws SQLException {
        try (Connection connection = superuser.open("pgrehearse");
                Statement statement = connection.createStatement()) {
            if (canBeGranted(connection)) {
                statement.execute("GRANT SET ON PARAMETER log_duration TO " + statement.enquoteIdentifier(role, true));
            }
        }
    }

    /**
     * Turns it on for a session, if its role may. What stands in the way of that is told by nobody: the session is good without it.
     *
     * @throws SQLException when the session is lost
     */
    static void begin(Connection session) throws SQLException {
        try (Statement statement = session.createStatement()) {
            if (canBeGranted(session) && isAllowed(session)) {
                statement.execute("SET log_duration = on");
            }
        } catch (SQLException refused) {
            if (session.isClosed()) {
                throw refused;
            }
        }
    }

    private static boolean isAllowed(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_catalog.has_parameter_privilege('log_duration', 'SET')")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static boolean canBeGranted(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_GRANTS;
    }
}
