package dev.pgrehearse.migration;

import java.util.List;

/**
 * The batches of a back-fill, each a transaction. Immutable.
 *
 * @param count those that found rows and were committed
 * @param rows how many rows they changed in all
 * @param medianMs how long half of them took at most; 0 without any
 * @param longestMs how long the slowest took; 0 without any
 * @param retried how often a batch was tried again after it failed for a lock
 * @param sent the statements that were sent, one of each kind: they differ in constants only
 * @param ended how many ended without an error, those that found no row too
 * @param failed how many failed, or were stopped
 */
public record Batches(
        long count,
        long rows,
        double medianMs,
        double longestMs,
        long retried,
        List<String> sent,
        long ended,
        long failed) {
    public Batches {
        sent = List.copyOf(sent);
    }
}
