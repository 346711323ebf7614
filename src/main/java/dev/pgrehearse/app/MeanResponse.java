package dev.pgrehearse.app;

/** The mean response time between two looks. Thread-safe. */
final class MeanResponse {
    private double sumNanos;
    private long count;

    synchronized void add(long nanos) {
        sumNanos += nanos;
        count++;
    }

    /** The mean since the last look, in nanoseconds; NaN when nothing ended. */
    synchronized double take() {
        double mean = count == 0 ? Double.NaN : sumNanos / count;
        sumNanos = 0;
        count = 0;
        return mean;
    }
}
