package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.recording.Recording;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The four incidents at small sizes, each variant with the verdict that arithmetic demands there: what waits behind somebody
 * waits as long at any size, what reads a table is quick on a small one. One after the other: two at once are more than two processors can serve.
 */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("alone")
@Tag("thorough")
class IncidentsIT {
    private static final List<String> SHORT =
            List.of("--set", "phases.warmup=2s", "--set", "phases.warmupBound=4s", "--set", "phases.baseline=6s");

    @TempDir
    static Path out;

    private static Incident run(String scenario, String... arguments) {
        List<String> all = new ArrayList<>(SHORT);
        all.addAll(List.of(arguments));
        try {
            return Incident.runUntilMeasured(out.resolve(scenario), "384m", scenario, all);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** The same order of events, in a third of the time. */
    private static String[] sooner() {
        List<String> changes = new ArrayList<>(List.of("adversaries.0.longRead.lasts=15s"));
        for (String variant : List.of(
                "night-one", "rerun-concurrently", "rerun-if-not-exists", "rerun-drop-create", "repair", "reindex")) {
            changes.add("migration.variants." + variant + ".steps.0.stop.after=4s");
        }
        changes.add("migration.variants.rerun-drop-create.with.adversaries.0.longRead.lasts=20s");
        changes.add("migration.variants.repair.steps.1.pause=8s");
        changes.add("migration.variants.reindex.steps.1.pause=8s");
        changes.add("migration.variants.job-timeout.statementTimeout=6s");
        changes.add("migration.variants.job-timeout.with.adversaries.0.longRead.lasts=20s");
        List<String> arguments = new ArrayList<>(List.of("--scale", "0.01"));
        changes.forEach(change -> arguments.addAll(List.of("--set", change)));
        return arguments.toArray(String[]::new);
    }

    /** A build of a tenth of a second blocks nobody for longer than a second: that is why people were fooled. */
    @Test
    void blockedWritesAtStagingsSize() {
        assertThat(run("blocked-writes", "--size", "staging").verdicts())
                .isEqualTo(Map.of("as-written", "GO", "concurrently", "GO"));
    }

    @Test
    void poolExhaustionAtStagingsSize() {
        Incident incident = run("pool-exhaustion", "--size", "staging");
        assertThat(incident.verdicts())
                .isEqualTo(Map.of(
                        "as-written", "GO",
                        "stopped-half-way", "GO",
                        "concurrently", "GO",
                        "concurrently-stopped", "GO",
                        "not-at-all", "GO"));
        assertThat(incident.of("as-written").indexes())
                .filteredOn(index -> index.name().equals("users_country_idx"))
                .singleElement()
                .satisfies(index -> {
                    assertThat(index.scans().recovery()).isZero();
                    assertThat(index.coveredBy()).isEqualTo("users_country_city_idx");
                });
    }

    /** The long read stands for 7 s, and 2.5 s of standing still are allowed; a try gives up after 2 s. */
    @Test
    void lockQueueAtASmallScale() {
        Incident incident = run("lock-queue", "--scale", "0.02", "--set", "adversaries.0.longRead.lasts=12s");
        assertThat(incident.verdicts())
                .isEqualTo(Map.of("as-written", "NO-GO", "with-timeout", "GO", "in-steps", "GO"));
        // 20 000 rows and those that were placed meanwhile, in batches of 5 000
        assertThat(incident.of("in-steps").migration().statements())
                .filteredOn(statement -> statement.batches() != null)
                .singleElement()
                .satisfies(statement -> {
                    assertThat(statement.batches().rows()).isGreaterThanOrEqualTo(20_000);
                    assertThat(statement.batches().count()).isEqualTo(5);
                });
    }

    /** The build waits for the long read at any size, and so is there to be cut off. */
    @Test
    void invalidIndexAtASmallScale() {
        Incident incident = run("invalid-index", sooner());
        assertThat(incident.verdicts())
                .isEqualTo(Map.of(
                        "night-one", "NO-GO",
                        "rerun-concurrently", "NO-GO",
                        "rerun-if-not-exists", "NO-GO",
                        "rerun-drop-create", "NO-GO",
                        "repair", "GO",
                        "reindex", "GO",
                        "job-timeout", "NO-GO",
                        "lock-timeout-trap", "NO-GO"));
        for (String id : List.of("night-one", "rerun-concurrently", "rerun-if-not-exists", "lock-timeout-trap")) {
            Recording night = incident.of(id);
            assertThat(night.leftovers().invalidIndexes()).as(id).containsExactly("orders_sku_idx");
            assertThat(night.migration().statements())
                    .as(id + ": nobody waits for CONCURRENTLY, however long it waits itself")
                    .allSatisfy(statement ->
                            assertThat(statement.blocking().requests()).isZero());
        }
        assertThat(incident.of("rerun-drop-create").pools())
                .hasSize(4)
                .allSatisfy(pool -> assertThat(pool.activePeak()).isEqualTo(50));
    }
}
