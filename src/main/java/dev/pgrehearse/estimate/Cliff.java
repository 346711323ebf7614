package dev.pgrehearse.estimate;

/**
 * A size at which an operation gets slower (or faster) per row, computed before anything is fitted.
 *
 * @param rows of the statement's table; beyond them it is on the other side
 * @param what is exceeded there, in words
 * @param setting that decides it; {@code memory} for that of the machine
 * @param neededBytes what the setting would have to be, so that the target stays below: 0 when no setting helps
 */
public record Cliff(Kind kind, double rows, String what, String setting, double neededBytes) {
    /** What is exceeded. */
    public enum Kind {
        /** An index' entries no longer fit into {@code maintenance_work_mem}: they are sorted in runs, on disk. */
        SORT(true),
        /** The hash of a foreign key's smaller side does not fit: both sides are written out in batches. */
        HASH(true),
        /** What is read does not fit into {@code shared_buffers}. */
        SHARED_BUFFERS(true),
        /** Nor into the machine's memory: from here on the disk decides. */
        MEMORY(true),
        /** The statement's WAL brings checkpoints about while it runs. */
        WAL(true),
        /** One worker more takes part: durations below say nothing of those above. */
        PARALLEL(true),
        /** An index gets a level more: every descent costs one page more, which the model's logarithm holds. */
        DEPTH(false);

        private final boolean decides;

        Kind(boolean decides) {
            this.decides = decides;
        }

        /** Whether rungs above it are needed to say anything beyond it. */
        boolean decides() {
            return decides;
        }
    }
}
