package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A migration measured alone: what it did, and what decides about its size. */
@ExtendWith(Leaks.NothingLeftBehind.class)
class QuietRunIT {
    private static final Path SCENARIO = Path.of("src/test/resources/dev/pgrehearse/rehearsal/quiet");

    @TempDir
    static Path folder;

    private static Measured measured;

    @BeforeAll
    static void measure() throws Exception {
        Scenario scenario = ScenarioReader.read(SCENARIO, Overrides.NONE);
        Rehearsal rehearsal = rehearsal(scenario);
        try (Rehearser rehearser = Rehearser.open(new Plan(List.of(rehearsal)), "test", false, Progress.SILENT)) {
            rehearser.check();
            measured = rehearser.measure(rehearsal, Files.createDirectories(folder.resolve("run")));
        }
    }

    private static Rehearsal rehearsal(Scenario scenario) {
        return Planner.quiet(
                scenario, scenario.variants().get(0), "rung", Map.of("orders", 4_000L, "customers", 400L), 42);
    }

    private static Recording.Statement statement(int index) {
        Recording recording = measured.recording();
        assertThat(recording.fault()).isNull();
        return Objects.requireNonNull(recording.migration()).statements().get(index - 1);
    }

    @Test
    void itsStatementsRanAndNobodyElseDid() {
        assertThat(Objects.requireNonNull(measured.recording().migration()).outcome())
                .isEqualTo("ok");
        assertThat(Objects.requireNonNull(measured.recording().requests()).offered())
                .isZero();
        assertThat(statement(1).scanned()).containsExactly("orders");
        assertThat(statement(1).locks())
                // The sampler may have seen that of the new index itself, too.
                .filteredOn(lock -> lock.relation().equals("orders"))
                .singleElement()
                .satisfies(lock -> assertThat(lock.mode()).isEqualTo("SHARE"));
        assertThat(statement(1).walBytes()).isPositive();
        assertThat(statement(2).scanned()).contains("orders");
        assertThat(statement(2).locks())
                .filteredOn(lock -> lock.mode().equals("SHARE ROW EXCLUSIVE"))
                .extracting(Recording.Lock::relation)
                .containsExactlyInAnyOrder("customers", "orders");
        assertThat(Objects.requireNonNull(measured.recording().dataset()).tables())
                .extracting(Recording.TableFacts::rows)
                .containsExactlyInAnyOrder(4_000L, 400L);
    }

    /** What the schema says: a bigint has 8 bytes, a reference is one bigint wide. */
    @Test
    void whatDecidesAboutItsSizeIsThatOfTheCatalogue() {
        SizeFacts facts = measured.facts();
        assertThat(facts.settings())
                .containsEntry("maintenance_work_mem", 32.0 * (1 << 20))
                .containsEntry("shared_buffers", 48.0 * (1 << 20))
                .containsEntry("max_wal_size", 256.0 * (1 << 20))
                .containsEntry("max_parallel_maintenance_workers", 1.0)
                .containsKeys("min_parallel_table_scan_size", "checkpoint_completion_target")
                .as("in seconds, the default")
                .containsEntry("checkpoint_timeout", 300.0);
        assertThat(facts.toast()).as("no long values: one page of its index").containsEntry("orders", 8192.0);
        // PostgreSQL 18's own bounds.
        assertThat(facts.least())
                .containsEntry("maintenance_work_mem", 64.0 * 1024)
                .containsEntry("shared_buffers", 128.0 * 1024)
                .containsEntry("max_wal_size", 2.0 * (1 << 20));
        assertThat(facts.indexes())
                .filteredOn(index -> index.name().equals("orders_customer_id_note_idx"))
                .singleElement()
                .satisfies(index -> {
                    assertThat(index.table()).isEqualTo("orders");
                    assertThat(index.method()).isEqualTo("btree");
                    // Eight bytes, and a text of four with its header of one.
                    assertThat(index.keyBytes()).isCloseTo(13, within(1e-9));
                    assertThat(index.sizeBytes()).isPositive().isEqualTo(index.sizeBytes() / 8192 * 8192);
                    assertThat(index.columns()).containsExactlyInAnyOrder("customer_id", "note");
                    assertThat(index.definition())
                            .isEqualTo("CREATE INDEX ON public.orders USING btree (customer_id, note)");
                });
        assertThat(facts.indexes())
                .filteredOn(index -> index.name().endsWith("_pkey"))
                .extracting(SizeFacts.IndexWidth::columns)
                .as("a primary key's index hangs on its constraint, not on the columns")
                .isNotEmpty()
                .allSatisfy(columns -> assertThat(columns).containsExactly("id"));
        assertThat(facts.groups())
                .as("what the generated column is made from, and what a CHECK holds together; one column is no group")
                .containsExactlyInAnyOrder(
                        new SizeFacts.ColumnGroup("orders", Set.of("length", "note")),
                        new SizeFacts.ColumnGroup("orders", Set.of("customer_id", "note")));
        assertThat(facts.references())
                .singleElement()
                .isEqualTo(new SizeFacts.Reference("orders", "customers", 8, Set.of("customer_id"), Set.of("id")));
    }

    /** Whoever helps to build an index hands over what he has sorted in temporary files, even if it is next to nothing. */
    @Test
    void workersAreGivenWhateverTheTablesSize() throws Exception {
        assertThat(temporaryBlocks(measured)).isZero();
        Scenario scenario = ScenarioReader.read(SCENARIO, Overrides.NONE);
        Rehearsal rehearsal = rehearsal(scenario);
        try (Rehearser rehearser = Rehearser.open(new Plan(List.of(rehearsal)), "test", false, Progress.SILENT)) {
            rehearser.check();
            Measured helped = rehearser.measure(
                    rehearsal, Files.createDirectories(folder.resolve("helped")), Map.of("orders", 1));
            assertThat(helped.recording().fault()).isNull();
            assertThat(temporaryBlocks(helped)).isPositive();
        }
    }

    private static long temporaryBlocks(Measured run) {
        Recording.Statement index =
                Objects.requireNonNull(run.recording().migration()).statements().get(0);
        return Objects.requireNonNull(Objects.requireNonNull(index.cost()).counters())
                .temporaryBlocksWritten();
    }
}
