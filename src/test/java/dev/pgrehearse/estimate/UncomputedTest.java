package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UncomputedTest {
    private static final Did INDEX = Did.of("create index i on orders (a)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did COLUMN =
            Did.of("alter table orders add column note text", Map.of("orders", "ACCESS EXCLUSIVE"));

    private static List<String> reasons(Did did, Operation operation, String method, int major, double ratio) {
        Recording recording = Runs.recording(did, 1_000_000, 1);
        SizeFacts facts = new SizeFacts(
                Map.of("maintenance_work_mem", 44e6, "shared_buffers", 1e9),
                Map.of(),
                List.of(new SizeFacts.IndexWidth("i", "orders", method, 8, 22_000_000)),
                List.of());
        Ground ground = new Ground(List.of(), facts, Set.of("i"), 1e12, major);
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
