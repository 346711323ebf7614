package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.recording.OperationLocks;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Statement;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.Keys;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which locks an operation takes is what its own session holds before its commit. */
class LockReadingWorkIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private ConnectionDetails database;

    @BeforeEach
    void shop() throws SQLException {
        database = POSTGRES.newDatabase();
        Queries.execute(
                database,
                "CREATE TABLE customers (id int PRIMARY KEY)",
                "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers)",
                "CREATE TABLE audit (what text)",
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN INSERT INTO audit VALUES ('new'); RETURN NEW; END $$",
                "CREATE TRIGGER note AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note()",
                "CREATE PROCEDURE tidy() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM audit; COMMIT; END $$",
                "INSERT INTO customers VALUES (1)");
    }

    private static LockReadingWork work(String... statements) {
        return new LockReadingWork(Operation.declared(
                new WorkloadSpec.Operation(
                        "place", 1, Stream.of(statements).map(Statement::new).toList(), Map.of()),
                1,
                Keys.NONE));
    }

    private void run(LockReadingWork work) throws SQLException {
        try (Connection connection = database.open("test", Map.of("stringtype", "unspecified"))) {
            work.run(connection, 0);
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }

    @Test
    void foreignKeysAndTriggersAreAmongThem() throws SQLException {
        LockReadingWork insert = work("INSERT INTO orders SELECT coalesce(max(id), 0) + 1, 1 FROM orders");
        run(insert);

        assertThat(insert.taken().readings()).isEqualTo(1);
        assertThat(insert.taken().locks())
                .contains(
                        new OperationLocks.Taken("orders", "ROW EXCLUSIVE"),
                        new OperationLocks.Taken("customers", "ROW SHARE"),
                        new OperationLocks.Taken("audit", "ROW EXCLUSIVE"))
                .noneMatch(taken -> taken.relation().startsWith("pg_"));
        assertThat(Queries.rows(database, "SELECT count(*) FROM orders")).containsExactly("1");
    }

    @Test
    void locksOfAllStatementsCount() throws SQLException {
        LockReadingWork both = work("SELECT * FROM customers WHERE id = 1 FOR UPDATE", "DELETE FROM orders");
        run(both);

        assertThat(both.taken().locks())
                .contains(
                        new OperationLocks.Taken("customers", "ROW SHARE"),
                        new OperationLocks.Taken("orders", "ROW EXCLUSIVE"));
    }

    @Test
    void whatMayCommitByItselfIsRunAsItIsAndNotRead() throws SQLException {
        Queries.execute(database, "INSERT INTO audit VALUES ('old')");
        LockReadingWork call = work("CALL tidy()");
        run(call);

        assertThat(call.taken()).isEqualTo(new OperationLocks("place", 0, List.of()));
        assertThat(Queries.rows(database, "SELECT count(*) FROM audit")).containsExactly("0");
    }

    @Test
    void afterSoManyReadingsARequestDoesNoMoreThanItsOwnWork() throws SQLException {
        LockReadingWork read = work("SELECT * FROM orders");
        for (int i = 0; i < LockReadingWork.MOST_READINGS + 3; i++) {
            run(read);
        }

        assertThat(read.taken().readings()).isEqualTo(LockReadingWork.MOST_READINGS);
        assertThat(read.taken().locks())
                .containsExactly(
                        new OperationLocks.Taken("orders", "ACCESS SHARE"),
                        new OperationLocks.Taken("orders_pkey", "ACCESS SHARE"));
    }
}
