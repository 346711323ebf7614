package dev.pgrehearse.recording;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which indexes an operation scans, also beneath its statements: by foreign keys, triggers and functions.
 *
 * @param requests that were looked at; none of an operation that fails, may not run in a transaction, or runs on a standby, nor
 *     when those before it took too long
 * @param scans of all of them together, by the index's oid, that of a partitioned table for all of its partitions; without those of
 *     parallel workers
 * @param failure by which its request failed then; null when none did
 */
public record OperationScans(
        String operation,
        int requests,
        Map<Long, Long> scans,
        @Nullable String failure) {
    public OperationScans {
        scans = Map.copyOf(scans);
    }
}
