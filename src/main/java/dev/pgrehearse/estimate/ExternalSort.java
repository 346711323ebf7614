package dev.pgrehearse.estimate;

/** How PostgreSQL sorts what does not fit into memory. Sizes in bytes. Stateless. Source: tuplesort.c. */
final class ExternalSort {
    private static final double TAPE_BUFFER = 8192;
    private static final double MERGE_BUFFER = 32 * 8192;
    private static final int LEAST_ORDER = 6;
    private static final int MOST_ORDER = 500;

    private ExternalSort() {}

    /** How many runs are merged at once. */
    static int mergeOrder(double memory) {
        double order = Math.floor(memory / (2 * TAPE_BUFFER + MERGE_BUFFER));
        return (int) Math.max(LEAST_ORDER, Math.min(MOST_ORDER, order));
    }

    /**
     * How often what is sorted is read and merged: 0 when it fits into memory.
     *
     * @param memory of all participants of a parallel sort together
     * @param participants who share memory and rows, each with runs of its own
     */
    static int passes(double bytes, double memory, int participants) {
        int order = mergeOrder(memory / participants);
        int passes = 0;
        for (double runs = Math.ceil(bytes / memory); runs > 1; runs = Math.ceil(runs / order)) {
            passes++;
        }
        return passes;
    }

    /** The least memory with which there are no more passes than so many. */
    static double memoryFor(double bytes, int passes, int participants) {
        double memory = 1024;
        while (passes(bytes, memory, participants) > passes) {
            memory *= 1.01;
        }
        return memory;
    }
}
