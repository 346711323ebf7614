package dev.pgrehearse.migration;

/**
 * The batches of a back-fill, each a transaction. Immutable.
 *
 * @param count those that found rows and were committed
 * @param rows how many rows they changed in all
 * @param medianMs how long half of them took at most; 0 without any
 * @param longestMs how long the slowest took; 0 without any
 * @param retried how often a batch was tried again after it failed for a lock
 */
public record Batches(long count, long rows, double medianMs, double longestMs, long retried) {}
