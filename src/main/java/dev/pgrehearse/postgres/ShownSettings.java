package dev.pgrehearse.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Settings of a session as {@code SHOW} prints them, such as {@code 64MB}. */
public final class ShownSettings {
    private ShownSettings() {}

    /**
     * Those that the server has, by name.
     *
     * @throws SQLException when the server does not answer
     */
    public static Map<String, String> of(Connection connection, List<String> names) throws SQLException {
        Map<String, String> settings = new TreeMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name, pg_catalog.current_setting(name) FROM pg_catalog.pg_settings WHERE name = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    settings.put(row.getString(1), row.getString(2));
                }
            }
        }
        return settings;
    }
}
