package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run of one statement cost, besides WAL bytes and CPU.
 *
 * @param counters null when {@code pg_stat_statements} does not tell, as of runs that failed: it leaves those out, also batches of a
 *     back-fill that did
 * @param readBytes what its backend and parallel workers fetched from the disk itself; null when the machine does not tell
 * @param writtenBytes what they dirtied in the operating system's cache, to be written to the disk unless it was removed
 *     first; likewise
 * @param memoryPeakBytes the most private memory ({@code RssAnon}) that its backend and parallel workers had together in
 *     any look, 50 ms apart; shared buffers are not in it. Null when no look could be had
 * @param disk the server's disk while it ran; null when it was not sampled
 * @param grown the tables that it, or one before it in its transaction, locked, made or dropped and whose size changed since the run before had ended, by the
 *     workload's doing, too; empty also when nothing is known, which {@code unknown} then tells
 * @param checkpoints how many began while it ran
 * @param unknown why figures are missing, in whole sentences
 */
public record Cost(
        @Nullable StatementCounters counters,
        @Nullable Long readBytes,
        @Nullable Long writtenBytes,
        @Nullable Long memoryPeakBytes,
        @Nullable DiskUse disk,
        List<TableGrowth> grown,
        int checkpoints,
        List<String> unknown) {
    /** Nothing was measured, as in recordings that are older than these figures. */
    public static final Cost NONE = new Cost(null, null, null, null, null, List.of(), 0, List.of());
}
