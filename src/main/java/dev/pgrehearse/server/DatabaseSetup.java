package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.util.PasswordUtil;

/** Makes the application's role and the rehearsed database in a fresh cluster. */
final class DatabaseSetup {
    private DatabaseSetup() {}

    /** Makes them on a server that runs for it alone; gives the directory with the libraries to preload from now on. */
    static DataDirectory in(DataDirectory fresh, ServerHost host) {
        try (RunningServer server = host.start(fresh, LoadingSettings.SETTINGS)) {
            List<String> libraries = apply(server.superuser(), fresh.appPassword());
            server.stop();
            return fresh.with(libraries);
        }
    }

    /** A directory that has all it needs, with the libraries to preload from now on. */
    static DataDirectory preloading(DataDirectory directory, boolean statements) {
        return directory.with(statements ? List.of("pg_stat_statements") : List.of());
    }

    /**
     * Makes them.
     *
     * @param superuser of the fresh cluster, whose own sample configuration is still in force for
     *     {@code shared_preload_libraries}
     * @return the libraries to preload from now on
     */
    private static List<String> apply(ConnectionDetails superuser, Password appPassword) {
        try (Connection session = superuser.withDatabase("postgres").open("pgrehearse");
                Statement statement = session.createStatement()) {
            // A SCRAM verifier, so that the password itself is in no statement that anything could keep.
            String verifier =
                    PasswordUtil.encodeScramSha256(appPassword.reveal().toCharArray());
            statement.execute("CREATE ROLE " + DataDirectory.APP + " LOGIN PASSWORD '" + verifier + "'");
            statement.execute("CREATE DATABASE " + DataDirectory.DATABASE + " OWNER " + DataDirectory.APP);
            return preloadLibraries(statement);
        } catch (SQLException e) {
            throw new ServerProblem(
                    "The fresh cluster cannot be set up: " + e.getMessage(),
                    "It is being removed.",
                    "Run again; if this comes back, look at disk and memory.",
                    e);
        }
    }

    private static List<String> preloadLibraries(Statement statement) throws SQLException {
        List<String> libraries = new ArrayList<>();
        // Our own included file may override the line of the server's sample, but both are listed here.
        try (ResultSet row = statement.executeQuery("SELECT setting FROM pg_catalog.pg_file_settings"
                + " WHERE name = 'shared_preload_libraries' AND sourcefile NOT LIKE '%/" + ServerSettings.FILE_NAME
                + "' ORDER BY seqno DESC LIMIT 1")) {
            if (row.next()) {
                for (String library : row.getString(1).split(",", -1)) {
                    if (!library.isBlank()) {
                        libraries.add(library.strip());
                    }
                }
            }
        }
        try (ResultSet row = statement.executeQuery(
                "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = 'pg_stat_statements'")) {
            if (row.next() && !libraries.contains("pg_stat_statements")) {
                libraries.add("pg_stat_statements");
            }
        }
        return libraries;
    }
}
