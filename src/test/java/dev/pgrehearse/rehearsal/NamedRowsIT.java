package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.scenario.WorkloadSpec.Statement;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NamedRowsIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @BeforeAll
    static void table() throws SQLException {
        Queries.execute(POSTGRES.app(), "create table orders (id bigint primary key, customer_id bigint)");
    }

    private static List<String> mistakes(Statement... statements) throws SQLException {
        try (Connection connection = POSTGRES.app().open("test")) {
            return NamedRows.mistakes(connection, List.of(statements), "workload.operations.a.sql");
        }
    }

    @Test
    void aColumnThatIsReturnedMayBeTaken() throws SQLException {
        assertThat(mistakes(
                        new Statement("select id, customer_id as customer from orders where id = :id", "o"),
                        new Statement("select * from orders where id = :o.customer or id = :o.id")))
                .isEmpty();
        assertThat(mistakes(
                        new Statement("insert into orders values (:id, 1) returning id", "made"),
                        new Statement("delete from orders where id = :made.id")))
                .isEmpty();
    }

    @Test
    void aColumnThatIsNotReturnedIsAMistake() throws SQLException {
        assertThat(mistakes(
                        new Statement("select id, customer_id from orders where id = :id", "o"),
                        new Statement("select * from orders where id = :o.customer_idd")))
                .singleElement()
                .asString()
                .contains("`:o.customer_idd`", "returns id, customer_id", "did you mean `customer_id`?");
    }

    @Test
    void aStatementWithoutRowsGivesNothingToTake() throws SQLException {
        assertThat(mistakes(
                        new Statement("update orders set customer_id = 1 where id = :id", "o"),
                        new Statement("select * from orders where id = :o.id")))
                .singleElement()
                .asString()
                .contains("returns no rows");
        // Nothing of it is used, so nothing is wrong.
        assertThat(mistakes(new Statement("update orders set customer_id = 1 where id = :id", "o")))
                .isEmpty();
    }
}
