package dev.pgrehearse.estimate;

/** What is estimated, with the errors that even equal repeats have. */
public enum Quantity {
    /** Of a statement, in seconds: a machine that somebody else uses too moves anything by some milliseconds. */
    DURATION(0.03, 0.004),
    /** WAL, temporary files, disk: PostgreSQL writes whole pages, and a checkpoint more or less. */
    BYTES(0.01, 65_536);

    private final double leastRelativeError;
    private final double leastError;

    Quantity(double leastRelativeError, double leastError) {
        this.leastRelativeError = leastRelativeError;
        this.leastError = leastError;
    }

    double leastRelativeError() {
        return leastRelativeError;
    }

    double leastError() {
        return leastError;
    }
}
