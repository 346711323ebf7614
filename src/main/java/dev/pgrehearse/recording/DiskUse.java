package dev.pgrehearse.recording;

import org.jspecify.annotations.Nullable;

/**
 * The server's disk while something ran, sampled from its directories (tables, indexes, {@code pgsql_tmp}, {@code pg_wal}),
 * so that files count which no catalogue knows yet. What the workload wrote meanwhile is in it, but for
 * {@code createdPeakBytes}. A peak may have been higher by what was written from one sample to the next.
 *
 * @param startBytes at its start
 * @param peakGrowthBytes how far above that it was at most: the room that was needed beside what was there
 * @param peakAtMs when that was
 * @param endGrowthBytes how far above the start it was at the end; negative when less was used
 * @param createdPeakBytes the most that tables' and indexes' files took at once which did not exist at its start: the
 *     migration's own, unless the workload creates tables
 * @param temporaryPeakBytes the most that temporary files took at once, of all sessions
 * @param walPeakGrowthBytes how far {@code pg_wal} grew at most
 * @param freeBytes what was free on the data directory's disk at its start; null when that cannot be seen from here
 * @param samples how many samples fell into it: one a second, and one whenever a look, four a second, saw a change
 */
public record DiskUse(
        long startBytes,
        long peakGrowthBytes,
        double peakAtMs,
        long endGrowthBytes,
        long createdPeakBytes,
        long temporaryPeakBytes,
        long walPeakGrowthBytes,
        @Nullable Long freeBytes,
        long samples) {}
