package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UncomputedTest {
    private static final Did INDEX = Did.of("create index i on orders (a)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did COLUMN =
            Did.of("alter table orders add column note text", Map.of("orders", "ACCESS EXCLUSIVE"));

    private static List<String> reasons(Did did, Operation operation, String method, int major, double ratio) {
        return reasons(did, operation, method, major, ratio, false);
    }

    private static List<String> reasons(
            Did did, Operation operation, String method, int major, double ratio, boolean partition) {
        Recording recording = Runs.recording(did, 1_000_000, 1);
        SizeFacts facts = new SizeFacts(
                Map.of(
                        "maintenance_work_mem",
                        44e6,
                        "shared_buffers",
                        1e9,
                        "work_mem",
                        15e6,
                        "hash_mem_multiplier",
                        2.0),
                Map.of(),
                List.of(new SizeFacts.IndexWidth(
                        "i", "orders", method, 8, 22_000_000, partition, 1_000_000, Set.of(), "")),
                List.of(),
                List.of());
        Ground ground = new Ground(
                Objects.requireNonNull(recording.dataset()).tables(),
                facts,
                Set.of("i"),
                1e12,
                major,
                ScriptSettings.of(recording));
        return Uncomputed.of(Estimator.statements(recording).get(0), operation, ground, ratio);
    }

    /** 22 million bytes at the top rung, and 44 million of memory: twice the rows fit, and no row more. */
    @Test
    void anIndexOfAnotherMethodIsUnknownWhereItLeavesMemory() {
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "gin", 18, 2)).isEmpty();
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "gin", 18, 2.001))
                .singleElement()
                .asString()
                .contains("At the target i takes about 42", "method gin");
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "btree", 18, 50)).isEmpty();
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "brin", 18, 50)).isEmpty();
    }

    /** 8 bytes of header, 8 of the key and 24 of a slot: 40 for each of a million entries, and 44 million of memory. */
    @Test
    void theSortOfAPartitionIsUnknownWhereItLeavesMemory() {
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "btree", 18, 1.1, true))
                .isEmpty();
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "btree", 18, 1.101, true))
                .singleElement()
                .asString()
                .contains("At the target orders has about 1\u00a0101\u00a0000 rows", "sort for i");
        assertThat(reasons(INDEX, Operation.INDEX_BUILD, "btree", 18, 1.101, false))
                .isEmpty();
    }

    /** Customers take 10 million bytes at the top rung, 15 in a hash, of 30: twice the rows fit, and no row more. */
    @Test
    void aJoinIsUnknownWhereItsSmallerTableMayLeaveMemory() {
        Did joined = Did.of(
                "update orders set a = c.a from customers c where c.id = orders.customer_id",
                Map.of("orders", "ROW EXCLUSIVE", "customers", "ACCESS SHARE"));
        assertThat(reasons(joined, Operation.BULK_UPDATE, "btree", 18, 2)).isEmpty();
        assertThat(reasons(joined, Operation.BULK_UPDATE, "btree", 18, 2.001))
                .singleElement()
                .asString()
                .startsWith("It joins customers and orders, and customers takes about 19");
        Did alone =
                Did.of("update orders set a = (select 1)", Map.of("orders", "ROW EXCLUSIVE", "customers", "ROW SHARE"));
        assertThat(reasons(alone, Operation.BULK_UPDATE, "btree", 18, 50)).isEmpty();
        Did copied = Did.of(
                "insert into orders select * from customers",
                Map.of("orders", "ROW EXCLUSIVE", "customers", "ACCESS SHARE"));
        assertThat(reasons(copied, Operation.BULK_UPDATE, "btree", 18, 50)).isEmpty();
    }

    @Test
    void theQueryOfAMaterializedViewIsUnknown() {
        Did refresh = Did.of("refresh materialized view totals", Map.of("totals", "ACCESS EXCLUSIVE"))
                .rewriting("totals");
        assertThat(reasons(refresh, Operation.REWRITE, "btree", 18, 1)).isEmpty();
        assertThat(reasons(refresh, Operation.REWRITE, "btree", 18, 1.01))
                .singleElement()
                .asString()
                .startsWith("What the view's query sorts, joins and groups");
    }

    @Test
    void aVersionThatDoesNotTellOfScansLeavesItUnknownWhetherOnlyTheCatalogueWasTouched() {
        assertThat(reasons(COLUMN, Operation.CATALOGUE, "btree", 14, 2))
                .singleElement()
                .asString()
                .startsWith("PostgreSQL 14 does not tell");
        assertThat(reasons(COLUMN, Operation.CATALOGUE, "btree", 15, 2)).isEmpty();
        assertThat(reasons(COLUMN, Operation.CATALOGUE, "btree", 14, 1)).isEmpty();
    }
}
