package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.DiskUse;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.Limits;
import java.util.List;

/** The function of the rule about what a migration takes. Pure. */
final class CostRules {
    /** Half of what is free for one migration leaves too little for WAL that an archive or a replica holds back. */
    private static final double MOST_OF_FREE = 0.5;

    private CostRules() {}

    /** A warning only: what is free here is not what is free in production. */
    static List<Finding> diskRoom(Recording recording, Limits limits) {
        DiskUse disk = recording.resources().disk();
        if (disk == null || disk.freeBytes() == null || disk.freeBytes() <= 0) {
            return List.of();
        }
        double share = (double) disk.peakGrowthBytes() / disk.freeBytes();
        if (share <= MOST_OF_FREE) {
            return List.of();
        }
        String peak = Figures.bytes(disk.peakGrowthBytes());
        return List.of(new Finding(
                "disk-room",
                Severity.WARNING,
                null,
                share,
                MOST_OF_FREE,
                Finding.SHARE,
                "The server took " + peak + " more disk at the migration's peak, of " + Figures.bytes(disk.freeBytes())
                        + " that were free here",
                "WAL and rows of the load are among it. A server whose disk is full stops: every write fails, and when it is pg_wal that cannot grow, it ends at once."
                        + " What was taken at the peak is hardly seen afterwards: at the end it was "
                        + Figures.bytes(disk.endGrowthBytes()) + ".",
                "1. Make sure that well over " + peak + " are free in production, on the disks of data and of pg_wal.\n"
                        + "2. Instead of a rewrite, add a new column and fill it in batches, with a VACUUM in between, so that"
                        + " room is used again.\n"
                        + "3. Stop before the disk is full: watch it while the migration runs."));
    }
}
