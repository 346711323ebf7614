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
        SORT(2),
        /** The hash of a foreign key's smaller side does not fit: both sides are written out in batches. */
        HASH(2),
        /** What is read does not fit into {@code shared_buffers}. */
        SHARED_BUFFERS(2),
        /** Nor into the machine's memory: from here on the disk decides. */
        MEMORY(2),
        /** The statement's WAL brings checkpoints about while it runs. */
        WAL(2),
        /** One worker more takes part: durations below say nothing of those above. */
        PARALLEL(Extrapolation.LEAST_RUNGS),
        /** An index gets a level more: every descent costs one page more, which the model's logarithm holds. */
        DEPTH(0);

        private final int rungsAbove;

        Kind(int rungsAbove) {
            this.rungsAbove = rungsAbove;
        }

        /** So many rungs above it are needed to say anything beyond it; 0 when none is. */
        int rungsAbove() {
            return rungsAbove;
        }
    }
}
