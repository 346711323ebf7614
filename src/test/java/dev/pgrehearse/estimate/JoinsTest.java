package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.recording.SizeFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Orders take 80 million bytes, customers 8, currencies next to nothing; half as much again in a hash. */
class JoinsTest {
    private static final List<TableFacts> TABLES = List.of(
            new TableFacts("orders", 1_000_000, 80_000_000, 0),
            new TableFacts("customers", 100_000, 8_000_000, 0),
            new TableFacts("currencies", 10, 8192, 0));

    private static Statement statement(String sql, Map<String, String> locks, String... scanned) {
        Recording recording = Runs.taking(Runs.recording(Did.of(sql, locks).scanning(scanned), 1000, 1), 0, 0);
        return Estimator.statements(recording).get(0);
    }

    private static Optional<String> unknown(Statement statement, double memory, double ratio) {
        SizeFacts facts = new SizeFacts(
                Map.of("work_mem", memory / 2, "hash_mem_multiplier", 2.0), Map.of(), List.of(), List.of(), List.of());
        return Joins.unknown(statement, new Ground(TABLES, facts, Set.of(), 1e12, 18, ScriptSettings.NONE), ratio);
    }

    private static final Map<String, String> THREE =
            Map.of("orders", "ROW EXCLUSIVE", "customers", "ACCESS SHARE", "currencies", "ACCESS SHARE");

    /** All but the largest are hashed: the customers decide, at 12 million bytes for each tenfold of the rows. */
    @Test
    void ofThreeTablesTheLargestButOneHasToFit() {
        Statement three = statement("update orders set a = 1 from customers c, currencies x where c.id = 1", THREE);
        assertThat(unknown(three, 24e6, 2)).isEmpty();
        assertThat(unknown(three, 24e6, 2.001))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .startsWith("It joins currencies and customers and orders, and customers takes about"));
    }

    /** The whole table takes 120 million bytes of memory; a sort has 240 million of it, and a hash 480. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "insert into archive select * from orders order by created | 2 | false",
                "insert into archive select * from orders order by created | 2.001 | true",
                "insert into archive select distinct a from orders | 2.001 | true",
                "insert into archive select row_number() over (order by a) from orders | 2.001 | true",
                "insert into archive select * from orders | 100 | false",
                "delete from orders a using orders b where a.k = b.k and a.id < b.id | 4 | false",
                "delete from orders a using orders b where a.k = b.k and a.id < b.id | 4.001 | true",
                "update orders set a = 1 | 100 | false"
            })
    void whatIsSortedOrJoinedWithItselfHasToFitWhole(String sql, double ratio, boolean unknown) {
        Statement statement = statement(sql, Map.of("orders", "ROW EXCLUSIVE"), "orders");
        assertThat(unknown(statement, 480e6, ratio).isPresent()).isEqualTo(unknown);
    }

    @Test
    void aTableThatTheMigrationMadeIsOfUnknownSize() {
        Statement mapped = statement(
                "update orders set a = map.a from map where map.id = orders.id",
                Map.of("orders", "ROW EXCLUSIVE", "map", "ACCESS SHARE"),
                "map",
                "orders");
        assertThat(unknown(mapped, 1e12, 2))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .isEqualTo(
                                "It joins orders with map, of which nobody knows how large it will be at the target."));
    }

    @Test
    void whatSpilledIsMeasuredAndNotGuessed() {
        Recording spilled = Runs.taking(
                Runs.recording(Did.of("update orders set a = 1 from customers, currencies", THREE), 1000, 1), 1e6, 0);
        assertThat(unknown(Estimator.statements(spilled).get(0), 1e6, 50)).isEmpty();
    }
}
