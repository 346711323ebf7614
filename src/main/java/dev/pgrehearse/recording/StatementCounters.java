package dev.pgrehearse.recording;

/**
 * What {@code pg_stat_statements} counted for one run of a statement, or for all batches of a back-fill: its own backend's doing and its parallel workers',
 * with all that ran inside it (functions, a DO block, triggers), and nobody else's. Blocks are the server's, 8 kB as a rule.
 *
 * @param walRecords records of WAL
 * @param walFullPageImages pages that WAL holds whole, since a checkpoint came before their first change
 * @param blocksHit blocks of tables and indexes found in shared buffers
 * @param blocksRead those that were not: read from the operating system, which may have had them in memory
 * @param blocksDirtied those that it changed first since they were written last
 * @param blocksWritten those that it had to write itself, because no clean buffer was free or it bypassed them
 * @param temporaryBlocksRead of sorts and hashes that did not fit into memory
 * @param temporaryBlocksWritten of those
 */
public record StatementCounters(
        long walRecords,
        long walFullPageImages,
        long blocksHit,
        long blocksRead,
        long blocksDirtied,
        long blocksWritten,
        long temporaryBlocksRead,
        long temporaryBlocksWritten) {
    /** Of both together. */
    public StatementCounters and(StatementCounters other) {
        return new StatementCounters(
                walRecords + other.walRecords,
                walFullPageImages + other.walFullPageImages,
                blocksHit + other.blocksHit,
                blocksRead + other.blocksRead,
                blocksDirtied + other.blocksDirtied,
                blocksWritten + other.blocksWritten,
                temporaryBlocksRead + other.temporaryBlocksRead,
                temporaryBlocksWritten + other.temporaryBlocksWritten);
    }
}
