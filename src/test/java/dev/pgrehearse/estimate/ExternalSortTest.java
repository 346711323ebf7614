package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** 1 MB holds 21 845 entries of 48 bytes; less the buffers of six tapes, from the half that is not slots, 19 797. */
    @Test
    void oneMorePassOnceThereAreMoreRunsThanAreMergedAtOnce() {
        ExternalSort sort = new ExternalSort(48, 1);
        double run = (MIB - 2 * 6 * 8192) / 48;
        assertThat(sort.passes(MIB / 48, MIB)).isZero();
        assertThat(sort.passes(MIB / 48 + 1, MIB)).isEqualTo(1);
        assertThat(sort.passes(6 * run, MIB)).isEqualTo(1);
        assertThat(sort.passes(6 * run + 1, MIB)).isEqualTo(2);
        assertThat(sort.passes(36 * run, MIB)).isEqualTo(2);
        assertThat(sort.passes(36 * run + 1, MIB)).isEqualTo(3);
        double memory = sort.memoryFor(36 * run, 1);
        assertThat(sort.passes(36 * run, memory)).isEqualTo(1);
        assertThat(sort.passes(36 * run, memory / 1.02)).isEqualTo(2);
        // Of 128 kB a quarter is left beside the tapes, of less too little for a figure.
        assertThat(sort.passes(100_000, 128 * 1024)).isLessThan(ExternalSort.UNKNOWN);
        assertThat(sort.passes(100_000, 127 * 1024)).isEqualTo(ExternalSort.UNKNOWN);
    }

    /** Each of two participants has half of the memory, and merges 120 at once. */
    @Test
    void participantsHaveRunsOfTheirOwn() {
        ExternalSort sort = new ExternalSort(48, 2);
        double run = (32 * MIB - 2 * 120 * 8192) / 48;
        assertThat(sort.passes(64 * MIB / 48, 64 * MIB)).isZero();
        assertThat(sort.passes(2 * 120 * run, 64 * MIB)).isEqualTo(1);
        assertThat(sort.passes(2 * 120 * run + 1, 64 * MIB)).isEqualTo(2);
        assertThat(new ExternalSort(48, 1).passes(2 * 120 * run + 1, 64 * MIB)).isEqualTo(1);
    }

    /** What PostgreSQL 18 told with trace_sort, of entries that took 40 bytes: runs, from rows and kilobytes. */
    @ParameterizedTest
    @CsvSource({"400000, 4096, 5", "50000, 520, 5", "50000, 800, 3", "25000, 400, 4"})
    void runsAreAsManyAsTheServerMade(double rows, double kilobytes, int runs) {
        assertThat(Math.ceil(rows / new ExternalSort(40, 1).rowsIn(kilobytes * 1024, 0)))
                .isBetween(runs + 0.0, runs + 1.0);
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
                "maintenance_work_mem",
                96 * MIB,
                "min_parallel_table_scan_size",
                8 * MIB,
                "max_parallel_maintenance_workers",
                4.0,
                "max_parallel_workers",
                8.0));
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
