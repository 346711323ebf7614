package dev.pgrehearse.app;

import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.recording.SqlErrors;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;

/** What the rule {@code cached-plan} says of pgjdbc is what pgjdbc does. */
class CachedPlanIT {
    private static final String ALL = "SELECT * FROM orders WHERE id = ?";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @BeforeEach
    void prepare() throws SQLException {
        execute(
                POSTGRES.app(),
                "DROP TABLE IF EXISTS orders",
                "CREATE TABLE orders (id integer PRIMARY KEY, note text)",
                "INSERT INTO orders VALUES (1, 'n')");
    }

    @Test
    void inATransactionEachConnectionMeetsItOnce() throws SQLException {
        try (Connection connection = connection(Map.of("prepareThreshold", "5"))) {
            connection.setAutoCommit(false);
            prepared(connection, ALL);
            addColumn();

            assertThatThrownBy(() -> columns(connection, ALL)).satisfies(error -> {
                assertThat(((SQLException) error).getSQLState()).isEqualTo("0A000");
                assertThat(SqlErrorLedger.kindOf((SQLException) error)).isEqualTo(SqlErrors.CACHED_PLAN);
            });
            connection.rollback();
            assertThat(columns(connection, ALL)).isEqualTo(3);
            connection.commit();
        }
    }

    @Test
    void outsideOfATransactionTheDriverPreparesAgain() throws SQLException {
        try (Connection connection = connection(Map.of("prepareThreshold", "5"))) {
            prepared(connection, ALL);
            addColumn();
            assertThat(columns(connection, ALL)).isEqualTo(3);
        }
    }

    @Test
    void theCuresCure() throws SQLException {
        cured(Map.of("prepareThreshold", "5", "autosave", "conservative"), ALL, 3);
        cured(Map.of("prepareThreshold", "0"), ALL, 3);
        cured(Map.of("prepareThreshold", "5"), "SELECT id, note FROM orders WHERE id = ?", 2);
    }

    /** As a scenario's {@code app.pool.dataSource} has it. */
    @Test
    void theApplicationsOwnPropertiesReachItsConnections() throws SQLException {
        ConnectionSource source = new ConnectionSource(
                new AppDatabase(POSTGRES.app()), "test", Map.of("autosave", "conservative"), refused -> {});
        try (Connection connection = source.getConnection()) {
            assertThat(connection.unwrap(PGConnection.class).getAutosave()).isEqualTo(AutoSave.CONSERVATIVE);
        }
    }

    private void cured(Map<String, String> driver, String sql, int columns) throws SQLException {
        prepare();
        try (Connection connection = connection(driver)) {
            connection.setAutoCommit(false);
            prepared(connection, sql);
            addColumn();
            assertThat(columns(connection, sql)).as(driver + " " + sql).isEqualTo(columns);
            connection.commit();
        }
    }

    private static Connection connection(Map<String, String> driver) throws SQLException {
        return POSTGRES.app().open("test", driver);
    }

    /** So often that pgjdbc has it prepared on the server, where the threshold is at most 5. */
    private static void prepared(Connection connection, String sql) throws SQLException {
        for (int i = 0; i < 6; i++) {
            columns(connection, sql);
        }
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    private static void addColumn() throws SQLException {
        execute(POSTGRES.app(), "ALTER TABLE orders ADD COLUMN extra integer");
    }

    private static int columns(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getMetaData().getColumnCount();
            }
        }
    }
}
