package dev.pgrehearse.estimate;

/** How PostgreSQL hashes what does not fit into memory. Sizes in bytes. Stateless. Source: nodeHash.c. */
final class HashBatches {
    private static final double BATCH_BUFFER = 8192;

    private HashBatches() {}

    /** In how many parts it is hashed, one after the other: 1 when it fits into memory. */
    static long of(double bytes, double memory) {
        long batches = 1;
        while (batches * memory < bytes) {
            batches *= 2;
        }
        double room = memory;
        // Fewer and larger ones, once the buffers of their files would take more than the hash itself.
        while (batches > 1 && batches * BATCH_BUFFER >= room) {
            batches /= 2;
            room *= 2;
        }
        return batches;
    }
}
