package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What the observer needs in the database that it watches. */
public final class ObservedDatabase {
    private ObservedDatabase() {}

    /**
     * Puts {@code pg_stat_statements} into a schema of its own, where the server has the library loaded and nobody has made
     * the extension before. Only for databases that the tool created itself, and before the load.
     *
     * @param superuser a superuser in the database
     */
    public static void equip(ConnectionDetails superuser) throws SQLException {
        try (Connection connection = superuser.open("pgrehearse observer");
                Statement statement = connection.createStatement()) {
            if (wanting(statement)) {
                statement.execute("CREATE SCHEMA IF NOT EXISTS pgrehearse");
                statement.execute("CREATE EXTENSION pg_stat_statements SCHEMA pgrehearse");
            }
        }
    }

    private static boolean wanting(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%'
                   AND EXISTS (SELECT FROM pg_catalog.pg_available_extensions
                                WHERE name = 'pg_stat_statements' AND installed_version IS NULL)
                """)) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
