package dev.pgrehearse.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The {@code TimeZone} that a psql session would have: the role's, the database's, else that of the server's files.
 *
 * <p>pgjdbc asks for the JVM's zone when it connects, and the server then shows that as the session's default, so it has
 * to be looked up where it is configured. A value on the server's own command line is not seen.
 */
public final class ServerTimeZone {
    private static final String QUERY = """
            SELECT zone FROM (
              SELECT CASE WHEN s.setrole <> 0 AND s.setdatabase <> 0 THEN 1 WHEN s.setrole <> 0 THEN 2
                          WHEN s.setdatabase <> 0 THEN 3 ELSE 4 END AS rank,
                     0 AS line, substr(c, strpos(c, '=') + 1) AS zone
                FROM pg_db_role_setting s, unnest(s.setconfig) AS c
               WHERE lower(split_part(c, '=', 1)) = 'timezone'
                 AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = ?))
                 AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
              UNION ALL
              SELECT 5, -seqno, setting FROM pg_file_settings WHERE lower(name) = 'timezone' AND applied
              UNION ALL
              SELECT 6, 0, boot_val FROM pg_settings WHERE lower(name) = 'timezone') AS zones
            ORDER BY rank, line
            LIMIT 1""";

    private ServerTimeZone() {}

    /**
     * The zone for sessions of {@code role} in the database that {@code privileged} is connected to.
     *
     * @param privileged a session that may read {@code pg_file_settings}: a superuser's
     * @throws SQLException when it may not, or the session is gone
     */
    public static String of(Connection privileged, String role) throws SQLException {
        try (PreparedStatement query = privileged.prepareStatement(QUERY)) {
            query.setString(1, role);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("pg_settings has no TimeZone: this is no PostgreSQL that is known here");
                }
                return row.getString(1);
            }
        }
    }
}
