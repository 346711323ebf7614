package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the observer needs in the database that it watches. */
public final class ObservedDatabase {
    private ObservedDatabase() {}

    /**
     * Puts {@code pg_stat_statements} and {@code pg_visibility} into a schema of their own: the first where the server has
     * its library loaded, each where the server has it and nobody has made it before. Only for databases that the tool
     * created itself, and before the load.
     *
     * @param superuser a superuser in the database
     * @param migration its statements: an extension that one of them creates is left to it, since it would find it there
     */
    public static void equip(ConnectionDetails superuser, List<String> migration) throws SQLException {
        try (Connection connection = superuser.open("pgrehearse observer");
                Statement statement = connection.createStatement()) {
            for (String extension : wanting(statement)) {
                if (migration.stream().anyMatch(sql -> creates(sql, extension))) {
                    continue;
                }
                statement.execute("CREATE SCHEMA IF NOT EXISTS pgrehearse");
                statement.execute("CREATE EXTENSION " + extension + " SCHEMA pgrehearse");
            }
        }
    }

    static boolean creates(String sql, String extension) {
        return Pattern.compile("\\bCREATE\\s+EXTENSION\\b[^;]*\\b" + extension + "\\b", Pattern.CASE_INSENSITIVE)
                .matcher(sql)
                .find();
    }

    private static List<String> wanting(Statement statement) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("""
                SELECT name FROM pg_catalog.pg_available_extensions
                 WHERE installed_version IS NULL
                   AND (name = 'pg_visibility'
                        OR name = 'pg_stat_statements'
                           AND current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%')
                """)) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }
}
