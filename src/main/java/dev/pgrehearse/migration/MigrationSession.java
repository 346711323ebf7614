package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * The one session of a migration: auto-commit, simple query protocol, statements unaltered, as psql's.
 *
 * <p>Used by one thread, except for {@link #cancel()} and {@link #abort()}, which any thread may call.
 */
final class MigrationSession implements AutoCloseable {
    static final String APPLICATION_NAME = "pgrehearse migration";

    private final BaseConnection connection;
    private final CatalogueReader reader;
    private final int backendPid;
    private Notices notices = Notices.NONE;

    private MigrationSession(Connection connection) throws SQLException {
        this.connection = connection.unwrap(BaseConnection.class);
        this.reader = new CatalogueReader(connection);
        this.backendPid = this.connection.getBackendPID();
    }

    /** Opens the session and makes its settings. */
    static MigrationSession open(ConnectionDetails where, MigrationSettings settings) throws SQLException {
        Connection connection = where.open(APPLICATION_NAME, Map.of("preferQueryMode", "simple"));
        try {
            DurationLog.begin(connection);
            MigrationSession session = new MigrationSession(connection);
            // After the driver's own, which asked for the JVM's zone
            session.execute("SET TimeZone = '" + settings.timeZone().replace("'", "''") + "'");
            session.setTimeout("lock_timeout", settings.lockTimeout());
            session.setTimeout("statement_timeout", settings.statementTimeout());
            return session;
        } catch (SQLException | RuntimeException failure) {
            connection.close();
            throw failure;
        }
    }

    private void setTimeout(String name, @Nullable Duration timeout) throws SQLException {
        if (timeout != null) {
            execute("SET " + name + " = '" + timeout.toMillis() + "ms'");
        }
    }

    int backendPid() {
        return backendPid;
    }

    CatalogueReader reader() {
        return reader;
    }

    /** Sends {@code sql} as it is, and waits for all of its answer. */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            // Nobody looks at rows; one is kept, so that a large SELECT does not fill our memory
            statement.setMaxRows(1);
            try {
                statement.execute(sql);
            } finally {
                notices = Notices.of(statement);
            }
        }
    }

    /** What the server told what was executed last, also when that failed. */
    Notices notices() {
        return notices;
    }

    /**
     * The only row of a query's answer, as texts; empty when there is none.
     *
     * @param sql sent as it is
     */
    List<String> row(String sql) throws SQLException {
        List<String> fields = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet row = statement.executeQuery(sql)) {
                int columns = row.next() ? row.getMetaData().getColumnCount() : 0;
                for (int column = 1; column <= columns; column++) {
                    fields.add(row.getString(column));
                }
            } finally {
                notices = Notices.of(statement);
            }
        }
        return fields;
    }

    /** The primary key of a table, whose name is quoted; empty when there is no such table. */
    Optional<PrimaryKey> primaryKey(String table) throws SQLException {
        return PrimaryKey.of(connection, table);
    }

    /** About how many rows a table has, whose name is quoted, as the catalogue says; null when nobody has counted yet. */
    @Nullable
    Long estimatedRows(String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = to_regclass(?) AND reltuples > 0")) {
            query.setString(1, table);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? (Long) row.getLong(1) : null;
            }
        }
    }

    /** Whether a transaction is open, be it a failed one: as the server's last answer said. */
    boolean inTransaction() {
        return connection.getTransactionState() != TransactionState.IDLE;
    }

    /** The isolation level of the open transaction, such as {@code read committed}. Takes no snapshot. */
    String isolation() throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SHOW transaction_isolation")) {
            return row.next() ? row.getString(1) : "";
        }
    }

    boolean isLost() {
        try {
            return connection.isClosed();
        } catch (SQLException unanswerable) {
            return true;
        }
    }

    /** Asks the server to cancel what the session is executing; nothing happens when that is nothing. */
    void cancel() throws SQLException {
        connection.cancelQuery();
    }

    /** Cuts the connection, so that a thread that waits for an answer stops waiting. */
    void abort() throws SQLException {
        connection.abort(Runnable::run);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
