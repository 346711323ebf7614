package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Statement;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.Keys;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A declared operation of several statements, in which a value of one is used in the next. */
class OperationIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private static Operation operation(String... statements) {
        return Operation.declared(
                new WorkloadSpec.Operation(
                        "place",
                        1,
                        List.of(new Statement(statements[0], "placed"), new Statement(statements[1])),
                        Map.of("total", new ValueSpec(new ValueSpec.Constant("12.50"), 0))),
                1,
                Keys.NONE);
    }

    @Test
    void aValueOfOneStatementIsUsedInTheNext() throws SQLException {
        ConnectionDetails database = POSTGRES.newDatabase();
        Queries.execute(
                database,
                "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 40) PRIMARY KEY, total numeric)",
                "CREATE TABLE lines (order_id bigint REFERENCES orders, total numeric)");
        Operation operation = operation(
                "INSERT INTO orders (total) VALUES (:total) RETURNING id, total * 2 AS twice",
                "INSERT INTO lines VALUES (:placed.id, :placed.twice)");

        try (Connection connection = database.open("test", Map.of("stringtype", "unspecified"))) {
            operation.run(connection, 0);
            operation.run(connection, 1);
        }

        assertThat(Queries.rows(database, "SELECT * FROM lines ORDER BY 1")).containsExactly("40|25.00", "41|25.00");
    }

    @Test
    void aRowThatIsNotThereFailsTheRequestAndRollsItBack() throws SQLException {
        ConnectionDetails database = POSTGRES.newDatabase();
        Queries.execute(database, "CREATE TABLE orders (id bigint, total numeric)", "INSERT INTO orders VALUES (1, 2)");
        Operation operation = operation(
                "UPDATE orders SET total = 0 WHERE total = :total RETURNING id",
                "DELETE FROM orders WHERE id = :placed.id");

        try (Connection connection = database.open("test", Map.of("stringtype", "unspecified"))) {
            assertThatThrownBy(() -> operation.run(connection, 0))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("the statement called placed returned no row");
            assertThat(connection.getAutoCommit()).isTrue();
        }

        assertThat(Queries.rows(database, "SELECT * FROM orders")).containsExactly("1|2");
    }
}
