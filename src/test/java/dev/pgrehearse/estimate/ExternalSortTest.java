package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs, passes, batches and workers, from PostgreSQL's own constants. */
class ExternalSortTest {
    private static final double MIB = 1 << 20;

    /** A tape of a merge takes 2 × 8 kB and 32 × 8 kB: 278 528 bytes; at least 6, at most 500 of them. */
    @Test
    void asManyRunsAreMergedAtOnceAsThereIsRoomForTapes() {
        assertThat(ExternalSort.mergeOrder(64 * MIB)).isEqualTo(240);
        assertThat(ExternalSort.mergeOrder(7 * 278_528 - 1)).isEqualTo(6);
        assertThat(ExternalSort.mergeOrder(7 * 278_528)).isEqualTo(7);
        assertThat(ExternalSort.mergeOrder(64 * 1024)).isEqualTo(6);
        assertThat(ExternalSort.mergeOrder(1024 * MIB)).isEqualTo(500);
    }

    @Test
    void oneMorePassOnceThereAreMoreRunsThanAreMergedAtOnce() {
        assertThat(ExternalSort.passes(MIB, MIB, 1)).isZero();
        assertThat(ExternalSort.passes(MIB + 1, MIB, 1)).isEqualTo(1);
        assertThat(ExternalSort.passes(6 * MIB, MIB, 1)).isEqualTo(1);
        assertThat(ExternalSort.passes(6 * MIB + 1, MIB, 1)).isEqualTo(2);
        assertThat(ExternalSort.passes(36 * MIB, MIB, 1)).isEqualTo(2);
        assertThat(ExternalSort.passes(36 * MIB + 1, MIB, 1)).isEqualTo(3);
        // Each of two participants has half of the memory, and merges 120 at once.
        assertThat(ExternalSort.passes(120 * 64 * MIB, 64 * MIB, 2)).isEqualTo(1);
        assertThat(ExternalSort.passes(120 * 64 * MIB + 1, 64 * MIB, 2)).isEqualTo(2);
        assertThat(ExternalSort.passes(120 * 64 * MIB + 1, 64 * MIB, 1)).isEqualTo(1);
        double memory = ExternalSort.memoryFor(36 * MIB, 1, 1);
        assertThat(ExternalSort.passes(36 * MIB, memory, 1)).isEqualTo(1);
        assertThat(ExternalSort.passes(36 * MIB, memory / 1.02, 1)).isEqualTo(2);
    }

    @Test
    void aHashIsCutInPowersOfTwoUntilTheFilesWouldTakeMoreThanIt() {
        assertThat(HashBatches.of(MIB, MIB)).isEqualTo(1);
        assertThat(HashBatches.of(MIB + 1, MIB)).isEqualTo(2);
        assertThat(HashBatches.of(3 * MIB, MIB)).isEqualTo(4);
        // 16 batches of 64 kB would have 128 kB of buffers: it doubles its memory once.
        assertThat(HashBatches.of(MIB, 64 * 1024)).isEqualTo(8);
    }

    @Test
    void workersComeWithTheTablesSizeAndEachNeedsHisShareOfMemory() {
        Map<String, Double> settings = new HashMap<>(Map.of(
                "maintenance_work_mem", 96 * MIB,
                "min_parallel_table_scan_size", 8 * MIB,
                "max_parallel_maintenance_workers", 4.0,
                "max_parallel_workers", 8.0));
        assertThat(BuildWorkers.of(8 * MIB - 1, settings)).isZero();
        assertThat(BuildWorkers.of(8 * MIB, settings)).isEqualTo(1);
        assertThat(BuildWorkers.of(24 * MIB, settings)).isEqualTo(2);
        assertThat(BuildWorkers.of(1e12, settings)).isEqualTo(2);
        settings.put("maintenance_work_mem", 64 * MIB - 1);
        assertThat(BuildWorkers.of(1e12, settings)).isZero();
        settings.remove("min_parallel_table_scan_size");
        assertThat(BuildWorkers.of(1e12, settings)).isZero();
    }
}
