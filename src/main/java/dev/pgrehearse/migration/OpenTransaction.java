package dev.pgrehearse.migration;

/** A transaction of the script's that is open. Used by the migration's thread alone. */
final class OpenTransaction {
    private final int number;
    private final int first;
    private final boolean chained;
    private final TransactionReading reading;
    private boolean snapshotTaken;

    /**
     * @param number as in {@link StatementRun#transaction()}
     * @param first the position that another try goes back to: the BEGIN's, or what follows an AND CHAIN
     * @param chained whether an AND CHAIN began it, so that only an AND CHAIN can begin it again
     * @param reading what its statements are found to have done
     */
    OpenTransaction(int number, int first, boolean chained, TransactionReading reading) {
        this.number = number;
        this.first = first;
        this.chained = chained;
        this.reading = reading;
    }

    int number() {
        return number;
    }

    int first() {
        return first;
    }

    boolean isChained() {
        return chained;
    }

    TransactionReading reading() {
        return reading;
    }

    /** A statement of this kind has been executed in it. */
    void executed(StatementKind kind) {
        snapshotTaken |= kind.takesSnapshot();
    }

    /** Whether the script itself has made the server take the transaction's snapshot. */
    boolean isSnapshotTaken() {
        return snapshotTaken;
    }
}
