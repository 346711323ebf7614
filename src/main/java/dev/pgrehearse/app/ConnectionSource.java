package dev.pgrehearse.app;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.SqlState;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where an instance's pool gets its connections: the driver, and an ear for refusals, which a pool tells only when
 * somebody waits long enough. Thread-safe.
 */
final class ConnectionSource implements DataSource {
    private final Driver driver = new Driver();
    private final ConnectionDetails database;
    private final Properties properties;
    private final Consumer<SQLException> refused;
    private final boolean direct;
    private volatile boolean refusing;
    private volatile int loginTimeoutSeconds;

    /**
     * A source.
     *
     * @param applicationName shown in {@code pg_stat_activity}
     * @param driver properties of pgjdbc as the application has them: they win
     * @param refused is told when the server has no slot, once until it has one again
     */
    ConnectionSource(
            AppDatabase database, String applicationName, Map<String, String> driver, Consumer<SQLException> refused) {
        this.database = database.server();
        this.direct = database.direct();
        this.properties = database.server().driverProperties(applicationName);
        // Parameters go as text without a type, so that the server takes the type that the statement asks for.
        properties.setProperty("stringtype", "unspecified");
        database.driverProperties().forEach(properties::setProperty);
        driver.forEach(properties::setProperty);
        this.refused = refused;
    }

    /** Whether sessions are backends. */
    boolean direct() {
        return direct;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Properties own = new Properties();
        own.putAll(properties);
        if (loginTimeoutSeconds > 0) {
            own.setProperty("loginTimeout", String.valueOf(loginTimeoutSeconds));
        }
        try {
            Connection connection = driver.connect(database.jdbcUrl(), own);
            if (connection == null) {
                throw new SQLException("the driver does not know " + database.jdbcUrl());
            }
            refusing = false;
            return connection;
        } catch (SQLException failure) {
            if (SqlState.TOO_MANY_CONNECTIONS.equals(failure.getSQLState()) && !refusing) {
                refusing = true;
                refused.accept(failure);
            }
            throw failure;
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the pool connects as the application, and as nobody else");
    }

    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeoutSeconds = seconds;
    }

    @Override
    public int getLoginTimeout() {
        return loginTimeoutSeconds;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("nothing is logged here");
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("nothing is logged here");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (!isWrapperFor(type)) {
            throw new SQLException("this is no " + type.getName());
        }
        return type.cast(this);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }
}
