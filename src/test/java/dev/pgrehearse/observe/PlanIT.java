package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.CatalogueTable;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlansRead;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Plans and states of tables, against PostgreSQL's own answers. */
class PlanIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private final PlanReader reader = new PlanReader(POSTGRES.app(), RehearsalClock.start(), facts::add);

    @BeforeEach
    void prepare() throws SQLException {
        execute(
                POSTGRES.app(),
                "DROP TABLE IF EXISTS orders, stores, parts",
                "DROP FUNCTION IF EXISTS label(integer)",
                "CREATE TABLE orders (id integer PRIMARY KEY, country integer, amount integer, note text)",
                "INSERT INTO orders SELECT g, g % 1000, g % 50, 'n' FROM generate_series(1, 20000) g",
                "CREATE TABLE stores (id integer PRIMARY KEY, country integer)",
                "INSERT INTO stores SELECT g, g FROM generate_series(1, 1000) g");
        execute(POSTGRES.superuser(), "VACUUM (ANALYZE) orders, stores");
    }

    @Test
    void aPlanIsItsNodesAndNotItsParameters() throws SQLException {
        PlannedStatement statement = statement(
                "SELECT o.note FROM orders o JOIN stores s ON s.id = o.country WHERE o.id = ? AND s.country > ?",
                2,
                List.of(List.of("5", "1"), List.of("17", "0"), List.of("it's no number", "1")));
        reader.before(List.of(statement));

        StatementPlansRead read = only(false);
        assertThat(read.failure()).isNull();
        assertThat(read.plans()).extracting(StatementPlan::kind).containsExactly("generic", "custom");
        assertThat(read.plans().get(1).samples()).as("the third is refused").isEqualTo(2);
        assertThat(read.plans().get(1).shape())
                .isEqualTo(
                        "Nested Loop (Index Scan using orders_pkey on orders; Index Scan using stores_pkey on stores)");
        assertThat(read.plans().get(1).indexes()).containsExactly("orders_pkey", "stores_pkey");
        assertThat(read.plans().get(1).relations()).containsExactly("orders", "stores");
        assertThat(doubts()).isEmpty();
    }

    @Test
    void nothingIsRunAndWhatIsWrittenToIsKnown() throws SQLException {
        reader.before(List.of(
                statement("DELETE FROM orders WHERE id = ?", 1, List.of(List.of("1"))),
                statement("INSERT INTO orders (id) VALUES (?)", 1, List.of(List.of("1"))),
                statement(
                        "UPDATE orders SET note = ? WHERE country = ? AND '?' <> ''", 2, List.of(List.of("'", "1")))));
        assertThat(value(POSTGRES.app(), "SELECT count(*) FROM orders WHERE id = 1 AND note = 'n'"))
                .isEqualTo("1");
        List<StatementPlansRead> read = plans(false).statements();
        assertThat(read)
                .allSatisfy(each -> assertThat(each.plans())
                        .isNotEmpty()
                        .allSatisfy(plan -> assertThat(plan.written()).containsExactly("orders")));
        assertThat(read.get(0).plans().get(0).shape())
                .isEqualTo("Delete on orders > Index Scan using orders_pkey on orders");
        assertThat(read.get(1).plans().get(0).shape()).isEqualTo("Insert on orders > Result");
        assertThat(read.get(2).plans().get(0).shape()).isEqualTo("Update on orders > Seq Scan on orders");
    }

    /** No node reads it, and without it the statement fails. */
    @Test
    void anIndexThatOnConflictLooksIntoIsOneOfThePlans() throws SQLException {
        reader.before(List.of(statement(
                "INSERT INTO orders (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET note = 'again'",
                1,
                List.of(List.of("1")))));

        assertThat(only(false).plans())
                .isNotEmpty()
                .allSatisfy(plan -> assertThat(plan.indexes()).containsExactly("orders_pkey"));
    }

    @Test
    void partitionsAreTheirTable() throws SQLException {
        execute(
                POSTGRES.app(),
                "CREATE TABLE parts (id integer, day integer) PARTITION BY RANGE (day)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
                "INSERT INTO parts SELECT g, g % 20 FROM generate_series(1, 20000) g",
                "CREATE INDEX parts_id_idx ON parts (id)",
                "ANALYZE parts");
        reader.before(List.of(statement("SELECT day FROM parts WHERE id = ?", 1, List.of(List.of("7")))));
        StatementPlan plan = only(false).plans().get(1);
        assertThat(plan.shape()).isEqualTo("Append (several: Index Scan using parts_id_idx on parts)");
        assertThat(plan.indexes()).containsExactly("parts_id_idx");
        assertThat(plan.relations()).containsExactly("parts");
    }

    @Test
    void whatCannotBePlannedAnyMoreIsToldWithItsSqlState() throws SQLException {
        execute(POSTGRES.app(), "CREATE FUNCTION label(integer) RETURNS text LANGUAGE sql RETURN 'x'");
        List<PlannedStatement> statements = List.of(
                statement("SELECT note FROM orders WHERE id = ?", 1, List.of(List.of("1"))),
                statement("SELECT * FROM stores", 0, List.of(List.of())),
                statement("SELECT label(country) FROM orders WHERE id = ?", 1, List.of(List.of("1"))),
                statement("CALL never_there()", 0, List.of(List.of())));
        reader.before(statements);
        execute(
                POSTGRES.app(),
                "ALTER TABLE orders DROP COLUMN note",
                "ALTER TABLE stores RENAME TO shops",
                "ALTER TABLE orders ALTER COLUMN country TYPE bigint",
                "ALTER TABLE shops RENAME TO stores_2");
        reader.after(statements);
        execute(POSTGRES.app(), "DROP TABLE stores_2");

        assertThat(plans(false).statements().subList(0, 3))
                .allSatisfy(read -> assertThat(read.failure()).isNull());
        assertThat(plans(true).statements())
                .extracting(read -> read.failure().sqlState())
                .containsExactly("42703", "42P01", "42883", "42601");
        assertThat(plans(false).statements().get(3).plans())
                .as("it never could")
                .isEmpty();
        assertThat(doubts()).isEmpty();
    }

    @Test
    void aLockThatSomebodyLeftIsADoubtAndNotWaitedFor() throws SQLException {
        try (Connection holder = POSTGRES.app().open("test")) {
            execute(holder, "BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
            reader.after(List.of(
                    statement("SELECT note FROM orders WHERE id = ?", 1, List.of(List.of("1"))),
                    statement("SELECT * FROM stores", 0, List.of(List.of()))));
            execute(holder, "ROLLBACK");
        }
        assertThat(plans(true).statements().get(0).failure().tellsOfTheStatement())
                .isFalse();
        assertThat(plans(true).statements().get(1).plans()).isNotEmpty();
        assertThat(doubts()).containsExactly("plans-locked");
    }

    @Test
    void noSessionIsLeftBehind() throws SQLException {
        reader.before(List.of(statement("SELECT * FROM stores", 0, List.of(List.of()))));
        dev.pgrehearse.postgres.Queries.await(
                POSTGRES.superuser(),
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgrehearse plans'",
                "0");
    }

    /** Of a thousand updates of a column with an index none is HOT; PostgreSQL's own counters are the truth. */
    @Test
    void theStateOfATableIsWhatPostgresTells() throws SQLException {
        execute(POSTGRES.superuser(), "CREATE EXTENSION IF NOT EXISTS pg_visibility");
        execute(
                POSTGRES.app(),
                "CREATE INDEX orders_country_idx ON orders (country)",
                "CREATE INDEX orders_sum_idx ON orders ((country + amount))",
                "CREATE STATISTICS orders_both ON country, amount FROM orders",
                "ANALYZE orders");
        vacuumUntilAllIsVisible();
        Watched watched = new Watched(POSTGRES.superuser(), POSTGRES.postmasterPid(), List::of, Watched.App.NONE);
        try (Observer observer = Observer.open(watched, RehearsalClock.start(), facts::add, new Sessions())) {
            observer.start();
            execute(
                    POSTGRES.app(),
                    "UPDATE orders SET country = country + 1 WHERE id <= 1000",
                    "ALTER TABLE orders ALTER COLUMN amount TYPE bigint");
            observer.finish();
            observer.readIndexes();
        }
        CatalogueTable before = table(Fact.TablesRead.BEFORE);
        CatalogueTable after = table(Fact.TablesRead.END);
        assertThat(before.visiblePages()).isEqualTo(before.pages()).isPositive();
        assertThat(after.visiblePages()).isZero();
        assertThat(after.storage()).isNotEqualTo(before.storage());
        assertThat(after.updates() - before.updates()).isEqualTo(1_000);
        assertThat(after.hotUpdates() - before.hotUpdates()).isZero();
        assertThat(before.statistics())
                .containsEntry("amount", 1)
                .containsEntry("country", 1)
                .containsEntry("expression 1 of index orders_sum_idx", 1)
                .containsEntry("statistics object orders_both", 1);
        assertThat(after.statistics())
                .containsEntry("amount", 0)
                .containsEntry("country", 1)
                .containsEntry("expression 1 of index orders_sum_idx", 0)
                .containsEntry("statistics object orders_both", 0);
    }

    /** A session that is still going away, with its snapshot, keeps one VACUUM from marking any page. */
    private static void vacuumUntilAllIsVisible() throws SQLException {
        long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        String hidden;
        do {
            execute(POSTGRES.superuser(), "VACUUM orders");
            hidden = value(
                    POSTGRES.superuser(),
                    "SELECT pg_relation_size('orders') / current_setting('block_size')::int - all_visible"
                            + " FROM pg_visibility_map_summary('orders')");
        } while (!hidden.equals("0") && System.nanoTime() < giveUp);
        assertThat(hidden).as("pages that are not all-visible").isEqualTo("0");
    }

    private static PlannedStatement statement(String sql, int parameters, List<List<String>> samples) {
        return new PlannedStatement("an_operation", 1, sql, parameters, samples);
    }

    private CatalogueTable table(String moment) {
        return facts.stream()
                .filter(Fact.TablesRead.class::isInstance)
                .map(Fact.TablesRead.class::cast)
                .filter(read -> read.moment().equals(moment))
                .flatMap(read -> read.tables().stream())
                .filter(table -> table.name().equals("orders"))
                .findFirst()
                .orElseThrow();
    }

    private Fact.PlansRead plans(boolean after) {
        return facts.stream()
                .filter(Fact.PlansRead.class::isInstance)
                .map(Fact.PlansRead.class::cast)
                .filter(read -> read.after() == after)
                .findFirst()
                .orElseThrow();
    }

    private StatementPlansRead only(boolean after) {
        assertThat(plans(after).statements()).hasSize(1);
        return plans(after).statements().get(0);
    }

    private List<String> doubts() {
        return facts.stream()
                .filter(Fact.Doubted.class::isInstance)
                .map(doubted -> ((Fact.Doubted) doubted).doubt().id())
                .toList();
    }
}
