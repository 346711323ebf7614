package dev.pgrehearse.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

/**
 * Where a database is and who we are there. Immutable; safe to print, since the password hides itself.
 *
 * @param host a name or address
 * @param port the TCP port
 * @param database the database's name
 * @param user the role that connects
 * @param password that role's password
 */
public record ConnectionDetails(String host, int port, String database, String user, Password password) {
    /** The JDBC address, without user and password. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    public ConnectionDetails withUser(String otherUser, Password otherPassword) {
        return new ConnectionDetails(host, port, database, otherUser, otherPassword);
    }

    public ConnectionDetails withDatabase(String otherDatabase) {
        return new ConnectionDetails(host, port, otherDatabase, user, password);
    }

    /** The driver's properties for a session that calls itself {@code applicationName}. A fresh, mutable object. */
    public Properties driverProperties(String applicationName) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password.reveal());
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        return properties;
    }

    /**
     * Opens a session in auto-commit mode.
     *
     * @param applicationName shown in {@code pg_stat_activity}
     */
    public Connection open(String applicationName) throws SQLException {
        return open(applicationName, Map.of());
    }

    /**
     * Opens a session in auto-commit mode with further driver properties, such as {@code preferQueryMode}.
     *
     * @param applicationName shown in {@code pg_stat_activity}
     * @param driverProperties pgjdbc's properties by name
     */
    public Connection open(String applicationName, Map<String, String> driverProperties) throws SQLException {
        Properties properties = driverProperties(applicationName);
        driverProperties.forEach(properties::setProperty);
        return DriverManager.getConnection(jdbcUrl(), properties);
    }
}
