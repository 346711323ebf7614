package dev.pgrehearse.estimate;

/**
 * How PostgreSQL sorts what does not fit into memory. Sizes in bytes. Source: tuplesort.c.
 *
 * @param entryBytes what one entry takes of memory: its slot and, unless it is a plain value, itself
 * @param participants of a parallel sort, who share memory and entries, and make runs of their own
 */
record ExternalSort(double entryBytes, int participants) {
    /** An entry's slot, which an array has that keeps its size from run to run. */
    static final double SLOT = 24;

    /** Of passes, when so little memory is left beside the buffers of tapes that nobody can compute them. */
    static final int UNKNOWN = Integer.MAX_VALUE;

    private static final double TAPE_BUFFER = 8192;
    private static final double MERGE_BUFFER = 32 * 8192;
    private static final int LEAST_ORDER = 6;
    private static final int MOST_ORDER = 500;

    /** With less than that share of its memory left for entries a sort is not computed any more. */
    private static final double LEAST_LEFT = 0.25;

    /** How many runs are merged at once. */
    static int mergeOrder(double memory) {
        double order = Math.floor(memory / (2 * TAPE_BUFFER + MERGE_BUFFER));
        return (int) Math.max(LEAST_ORDER, Math.min(MOST_ORDER, order));
    }

    /** How many rows are sorted in memory. */
    double rowsIn(double memory) {
        return memory / entryBytes;
    }

    /** How many rows so many passes of merging are enough for. */
    double rowsIn(double memory, int passes) {
        return run(memory) * participants / entryBytes * Math.pow(mergeOrder(memory / participants), passes);
    }

    /**
     * What a run holds. Once runs are written, the buffers of their tapes come out of what the entries themselves have, beside
     * their slots: little of 64 MB, much of 256 kB.
     */
    private double run(double memory) {
        double own = memory / participants;
        double themselves = (entryBytes - SLOT) / entryBytes;
        return themselves <= 0 ? own : own - mergeOrder(own) * TAPE_BUFFER / themselves;
    }

    /**
     * How often what is sorted is read and merged: 0 when it fits into memory; {@link #UNKNOWN} when that cannot be computed.
     *
     * @param memory of all participants together
     */
    int passes(double rows, double memory) {
        if (rows <= rowsIn(memory)) {
            return 0;
        }
        if (run(memory) < LEAST_LEFT * memory / participants) {
            return UNKNOWN;
        }
        int passes = 1;
        while (rows > rowsIn(memory, passes)) {
            passes++;
        }
        return passes;
    }

    /** The least memory with which there are no more passes than so many. */
    double memoryFor(double rows, int passes) {
        double memory = 1024;
        while (passes(rows, memory) > passes) {
            memory *= 1.01;
        }
        return memory;
    }
}
