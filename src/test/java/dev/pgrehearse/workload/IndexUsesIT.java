package dev.pgrehearse.workload;

import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.recording.OperationScans;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Statement;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.Keys;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How often an operation scans an index is known from what it does: one scan for each look-up. */
class IndexUsesIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private ConnectionDetails database;

    @BeforeEach
    void shop() throws SQLException {
        database = POSTGRES.newDatabase();
        Queries.execute(
                database,
                "CREATE TABLE customers (id int PRIMARY KEY)",
                "CREATE TABLE orders (id int, customer_id int REFERENCES customers)",
                "CREATE INDEX orders_customer_idx ON orders (customer_id)",
                "CREATE TABLE events (id int, day int) PARTITION BY RANGE (day)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2)",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (2) TO (3)",
                "CREATE INDEX events_idx ON events (id)",
                "INSERT INTO customers SELECT g FROM generate_series(1, 2000) g",
                "INSERT INTO orders SELECT g, g FROM generate_series(1, 1000) g",
                "INSERT INTO events SELECT g, 1 + g % 2 FROM generate_series(1, 2000) g",
                "CREATE PROCEDURE tidy() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM orders; COMMIT; END $$",
                "ANALYZE");
    }

    private static Operation operation(String name, String... statements) {
        return Operation.declared(
                new WorkloadSpec.Operation(
                        name, 1, Stream.of(statements).map(Statement::new).toList(), Map.of()),
                1,
                Keys.NONE);
    }

    /** As the pools have it: a number is a text until the server knows better. */
    @Test
    void parametersAreThoseOfTheLoad() throws Exception {
        Operation find = new Operation(
                "find",
                1,
                List.of(new Operation.Statement(
                        "SELECT * FROM orders WHERE customer_id = ?",
                        List.of(new Operation.Drawn(Long::toString)),
                        null)));
        OperationScans found = only(find);

        assertThat(found.failure()).isNull();
        assertThat(scans(found, "orders_customer_idx")).isEqualTo(IndexUses.REQUESTS);
    }

    private OperationScans only(Operation operation) throws Exception {
        List<OperationScans> read = IndexUses.read(database, List.of(operation), 0);
        assertThat(read).hasSize(1);
        return read.get(0);
    }

    private long scans(OperationScans scans, String index) throws SQLException {
        return scans.scans().getOrDefault(Long.valueOf(value(database, "SELECT '" + index + "'::regclass::oid")), 0L);
    }

    @Test
    void eachLookUpIsOneScanAndOperationsAreToldApart() throws Exception {
        List<OperationScans> read = IndexUses.read(
                database,
                List.of(
                        operation("one", "SELECT * FROM orders WHERE customer_id = 5"),
                        operation("none", "SELECT 1"),
                        operation(
                                "three",
                                "SELECT * FROM generate_series(1, 3) g CROSS JOIN LATERAL"
                                        + " (SELECT * FROM orders WHERE customer_id = g OFFSET 0) o",
                                "SELECT 1")),
                0);

        assertThat(read).extracting(OperationScans::operation).containsExactly("one", "none", "three");
        assertThat(read).allSatisfy(each -> assertThat(each.requests()).isEqualTo(IndexUses.REQUESTS));
        assertThat(scans(read.get(0), "orders_customer_idx")).isEqualTo(IndexUses.REQUESTS);
        assertThat(scans(read.get(1), "orders_customer_idx")).isZero();
        assertThat(scans(read.get(2), "orders_customer_idx")).isEqualTo(3 * IndexUses.REQUESTS);
    }

    @Test
    void whatAForeignKeyScansBeneathIsAmongItAndNothingIsLeft() throws Exception {
        OperationScans delete = only(operation("delete", "DELETE FROM customers WHERE id = 1500"));

        // Of the statement, which finds its row each time, as it is never really deleted; and of the key's trigger,
        // which looks for
        // another row with that key (RI_FKey_noaction_del) before it looks for one that refers to it.
        assertThat(scans(delete, "customers_pkey")).isEqualTo(2 * IndexUses.REQUESTS);
        assertThat(scans(delete, "orders_customer_idx")).isEqualTo(IndexUses.REQUESTS);
        assertThat(value(database, "SELECT count(*) FROM customers")).isEqualTo("2000");
    }

    @Test
    void whatACommitWouldCheckIsAmongIt() throws Exception {
        Queries.execute(
                database, "ALTER TABLE orders ALTER CONSTRAINT orders_customer_id_fkey DEFERRABLE INITIALLY DEFERRED");
        OperationScans delete = only(operation("delete", "DELETE FROM customers WHERE id = 1500"));

        assertThat(scans(delete, "orders_customer_idx")).isEqualTo(IndexUses.REQUESTS);
    }

    @Test
    void thoseOfPartitionsCountForTheTablesIndex() throws Exception {
        OperationScans both = only(operation("both", "SELECT * FROM events WHERE id = 7"));

        assertThat(scans(both, "events_idx")).isEqualTo(2 * IndexUses.REQUESTS);
        assertThat(both.scans()).hasSize(1);
    }

    @Test
    void whatFailsOrMayNotRunInATransactionIsNotLookedAt() throws Exception {
        List<OperationScans> read = IndexUses.read(
                database,
                List.of(
                        operation("broken", "SELECT * FROM nowhere"),
                        operation("call", "CALL tidy()"),
                        operation("good", "SELECT * FROM orders WHERE customer_id = 5")),
                0);

        assertThat(read).extracting(OperationScans::requests).containsExactly(0, 0, IndexUses.REQUESTS);
        assertThat(read.get(0).failure()).contains("nowhere");
        assertThat(read.get(1).failure()).isNull();
        assertThat(value(database, "SELECT count(*) FROM orders")).isEqualTo("1000");
    }
}
