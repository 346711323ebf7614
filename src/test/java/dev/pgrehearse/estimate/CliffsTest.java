package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Of a million orders, 100 bytes of table and 22 of indexes each. */
class CliffsTest {
    private static final long ROWS = 1_000_000;
    private static final Did INDEX = Did.of("create index i on orders (a) where b", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");
    private static final Did CLUSTER = Did.of("cluster orders using i", Map.of("orders", "ACCESS EXCLUSIVE"))
            .rewriting("orders");

    private static List<Cliff> cliffs(
            Did did, Operation operation, Cliff.Kind kind, SizeFacts facts, double walBefore, double targetRows) {
        Recording recording = Runs.recording(did, ROWS, 1);
        Statement statement = Estimator.statements(recording).get(0);
        List<Recording.TableFacts> tables =
                Objects.requireNonNull(recording.dataset()).tables();
        Ground ground = new Ground(tables, facts, Set.copyOf(did.made()), 1e12, 18, ScriptSettings.NONE);
        Recording.TableFacts orders = ground.table("orders").orElseThrow();
        List<Cliffs.Sort> sorts = Cliffs.sortsOf(operation, statement, orders, ground, targetRows);
        return Cliffs.of(operation, statement, sorts, walBefore, orders, ground, targetRows).stream()
                .filter(cliff -> cliff.kind() == kind)
                .toList();
    }

    private static SizeFacts facts(String setting, double bytes, double entries, Map<String, Double> toast) {
        Map<String, Double> settings = Runs.roomy();
        settings.put(setting, bytes);
        return new SizeFacts(
                settings,
                Map.of(),
                List.of(new SizeFacts.IndexWidth(
                        "i", "orders", "btree", 8, ROWS * 22, false, entries, Set.of("a"), "")),
                List.of(),
                List.of(),
                toast);
    }

    /** 8 bytes of header, 8 of the key and 24 of a slot: 40 for an entry, and 80 million bytes. */
    @Test
    void theSortOfAPartialIndexIsOfItsRowsAlone() {
        SizeFacts whole = facts("maintenance_work_mem", 80e6, ROWS, Map.of());
        assertThat(cliffs(INDEX, Operation.INDEX_BUILD, Cliff.Kind.SORT, whole, 0, 50e6))
                .first()
                .satisfies(cliff -> {
                    assertThat(cliff.rows()).isEqualTo(2e6);
                    assertThat(cliff.neededBytes()).isEqualTo(50e6 * 40);
                });
        SizeFacts tenth = facts("maintenance_work_mem", 80e6, ROWS / 10.0, Map.of());
        assertThat(cliffs(INDEX, Operation.INDEX_BUILD, Cliff.Kind.SORT, tenth, 0, 50e6))
                .first()
                .satisfies(cliff -> {
                    assertThat(cliff.rows()).isEqualTo(20e6);
                    assertThat(cliff.neededBytes()).isEqualTo(5e6 * 40);
                });
        assertThat(cliffs(INDEX, Operation.INDEX_BUILD, Cliff.Kind.SORT, tenth, 0, 19.9e6))
                .isEmpty();
    }

    /** A row of 100 bytes, its header of 24 and a slot of 24: 148; an entry of the index is 40. */
    @Test
    void clusterMaySortWholeRows() {
        SizeFacts facts = facts("maintenance_work_mem", 148e6, ROWS, Map.of());
        assertThat(cliffs(CLUSTER, Operation.REWRITE, Cliff.Kind.SORT, facts, 0, 3e6))
                .singleElement()
                .satisfies(cliff -> {
                    assertThat(cliff.rows()).isCloseTo(1e6, within(1.0));
                    assertThat(cliff.what()).contains("the sort of the rows of orders leaves maintenance_work_mem");
                });
        Did full = Did.of("vacuum full orders", Map.of("orders", "ACCESS EXCLUSIVE"))
                .rewriting("orders");
        assertThat(cliffs(full, Operation.REWRITE, Cliff.Kind.SORT, facts, 0, 3e6))
                .isEmpty();
    }

    /** A rewrite copies the long values, too: 100 bytes of table and 900 of TOAST leave two billion bytes at two million rows. */
    @Test
    void longValuesAreReadByARewriteAndNotByAnIndexBuild() {
        SizeFacts facts = facts("shared_buffers", 2e9, ROWS, Map.of("orders", 900.0 * ROWS));
        assertThat(cliffs(CLUSTER, Operation.REWRITE, Cliff.Kind.SHARED_BUFFERS, facts, 0, 10e6))
                .filteredOn(cliff -> cliff.what().startsWith("orders leaves"))
                .singleElement()
                .satisfies(cliff -> assertThat(cliff.rows()).isEqualTo(2e6));
        assertThat(cliffs(INDEX, Operation.INDEX_BUILD, Cliff.Kind.SHARED_BUFFERS, facts, 0, 19.9e6))
                .noneMatch(cliff -> cliff.what().startsWith("orders leaves"))
                .as("all that is warmed has them")
                .anyMatch(cliff -> cliff.what().startsWith("all tables"));
    }

    /** 20 bytes of WAL a row, and checkpoints from 190 MB / (1 + 0.9) = 100 MB on. */
    @Test
    void theWalOfStatementsBeforeBringsACheckpointNearer() {
        SizeFacts facts = facts("max_wal_size", 190e6, ROWS, Map.of());
        assertThat(cliffs(INDEX, Operation.INDEX_BUILD, Cliff.Kind.WAL, facts, 0, 10e6))
                .singleElement()
                .satisfies(cliff -> {
                    assertThat(cliff.rows()).isCloseTo(5e6, within(1.0));
                    assertThat(cliff.what()).startsWith("its WAL brings");
                });
        assertThat(cliffs(INDEX, Operation.INDEX_BUILD, Cliff.Kind.WAL, facts, 30.0 * ROWS, 10e6))
                .singleElement()
                .satisfies(cliff -> {
                    assertThat(cliff.rows()).isCloseTo(2e6, within(1.0));
                    assertThat(cliff.what())
                            .startsWith("its WAL and that of the statements before it bring checkpoints");
                });
    }
}
