package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Autovacuum;
import dev.pgrehearse.recording.Checkpoint;
import dev.pgrehearse.recording.Cost;
import dev.pgrehearse.recording.DiskUse;
import dev.pgrehearse.recording.MachineUse;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StatementCounters;
import dev.pgrehearse.recording.TableGrowth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a migration cost, in words, for verdicts and reports alike. Stateless. */
public final class Costs {
    private static final int MOST_TABLES = 3;

    private Costs() {}

    /** The room that the migration needed; null when the disk was not sampled. */
    public static @Nullable String diskInWords(Recording recording) {
        DiskUse disk = recording.resources().disk();
        if (disk == null) {
            return null;
        }
        String peak = disk.peakGrowthBytes() == 0
                ? "The server's files never took more room than when the migration began ("
                        + Figures.bytes(disk.startBytes()) + ")"
                : "The server's files took up to " + Figures.bytes(disk.peakGrowthBytes())
                        + " more than when the migration began (" + Figures.bytes(disk.startBytes())
                        + "), as looks at its directories every quarter of a second saw it: leave room beyond that, since what comes and"
                        + " goes between two looks is not in it";
        return peak + "; at its end " + change(disk.endGrowthBytes()) + "."
                + (disk.createdPeakBytes() == 0
                        ? ""
                        : " New files of tables and indexes took " + Figures.bytes(disk.createdPeakBytes()) + " of it.")
                + (disk.temporaryPeakBytes() == 0
                        ? ""
                        : " Temporary files took up to " + Figures.bytes(disk.temporaryPeakBytes()) + ".")
                + (disk.walPeakGrowthBytes() <= 0
                        ? ""
                        : " pg_wal grew by up to " + Figures.bytes(disk.walPeakGrowthBytes()) + ".")
                + (disk.freeBytes() == null ? "" : " Here " + Figures.bytes(disk.freeBytes()) + " were free.");
    }

    private static String change(long bytes) {
        return bytes == 0
                ? "as much as before"
                : Figures.bytes(Math.abs((double) bytes)) + (bytes < 0 ? " less than before" : " more than before");
    }

    /** Blocks in words; a dash when they are not known. */
    public static String blocks(Statement run) {
        StatementCounters counters = counters(run);
        return counters == null
                ? "–"
                : Figures.count(counters.blocksHit()) + " hit, " + Figures.count(counters.blocksRead()) + " read, "
                        + Figures.count(counters.blocksDirtied()) + " dirtied, "
                        + Figures.count(counters.blocksWritten()) + " written";
    }

    /** Temporary blocks in words; a dash when they are not known. */
    public static String temporary(Statement run) {
        StatementCounters counters = counters(run);
        if (counters == null) {
            return "–";
        }
        return counters.temporaryBlocksRead() + counters.temporaryBlocksWritten() == 0
                ? "none"
                : Figures.count(counters.temporaryBlocksRead()) + " read, "
                        + Figures.count(counters.temporaryBlocksWritten()) + " written";
    }

    /** WAL in words; a dash when it is not known. */
    public static String wal(Statement run) {
        StatementCounters counters = counters(run);
        if (run.walBytes() == null) {
            return "–";
        }
        return Figures.bytes(run.walBytes())
                + (counters == null
                        ? ""
                        : ", " + Figures.count(counters.walRecords(), "record", "records") + ", "
                                + Figures.count(counters.walFullPageImages(), "whole page", "whole pages"));
    }

    /** How the tables grew that a statement touched, the most changed first. */
    public static List<String> grown(Statement run) {
        Cost cost = run.cost();
        if (cost == null) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        cost.grown().stream().limit(MOST_TABLES).forEach(growth -> words.add(inWords(growth)));
        int more = cost.grown().size() - MOST_TABLES;
        if (more > 0) {
            words.add("and " + Figures.count(more) + " more");
        }
        return words;
    }

    /** A table's growth: {@code orders: heap +3 MB (to 136 MB), indexes +21 MB (to 85 MB)}. */
    public static String inWords(TableGrowth growth) {
        List<String> parts = new ArrayList<>();
        if (growth.heapAfter() != growth.heapBefore()) {
            parts.add("heap " + signed(growth.heapAfter() - growth.heapBefore()) + " (to "
                    + Figures.bytes(growth.heapAfter()) + ")");
        }
        if (growth.indexAfter() != growth.indexBefore()) {
            parts.add("indexes " + signed(growth.indexAfter() - growth.indexBefore()) + " (to "
                    + Figures.bytes(growth.indexAfter()) + ")");
        }
        return growth.table() + ": " + String.join(", ", parts);
    }

    private static String signed(long bytes) {
        return (bytes > 0 ? "+" : "") + Figures.bytes(bytes);
    }

    /** What the server did by itself while the migration ran, and before; the most telling first. */
    public static List<String> background(Recording recording) {
        List<String> words = new ArrayList<>();
        MachineUse baseline = machine(recording, Phase.BASELINE);
        MachineUse migration = machine(recording, Phase.MIGRATION);
        if (migration != null && migration.checkpointsForced() != null && migration.checkpointsTimed() != null) {
            words.add("Checkpoints during the migration: "
                    + Figures.count(migration.checkpointsForced()) + " forced, "
                    + Figures.count(migration.checkpointsTimed()) + " timed"
                    + (baseline == null || baseline.checkpointsForced() == null || baseline.checkpointsTimed() == null
                            ? ""
                            : "; in the baseline of " + Figures.duration(baseline.lengthMs()) + ": "
                                    + Figures.count(baseline.checkpointsForced()) + " and "
                                    + Figures.count(baseline.checkpointsTimed()))
                    + ".");
        }
        for (Checkpoint checkpoint : recording.resources().checkpoints()) {
            if (Phase.MIGRATION.equals(checkpoint.phase())) {
                words.add("A checkpoint began at " + Figures.moment(checkpoint.startMs()) + ", "
                        + cause(checkpoint.cause())
                        + (checkpoint.endMs() == null
                                ? "; its end was not seen"
                                : ", and took " + Figures.duration(checkpoint.endMs() - checkpoint.startMs()))
                        + (checkpoint.statement() == null ? "" : "; meanwhile " + checkpoint.statement() + " ran")
                        + ".");
            }
        }
        for (Autovacuum autovacuum : recording.resources().autovacuums()) {
            if (autovacuum.statement() != null) {
                words.add("Autovacuum (" + autovacuum.what() + ") of " + autovacuum.table()
                        + (autovacuum.outcome().equals(Autovacuum.CANCELLED)
                                ? " was cancelled by " + autovacuum.statement()
                                        + ", which waited for its table: its work was" + " lost and comes again"
                                : " was at work while " + autovacuum.statement() + " ran on its table")
                        + (autovacuum.endMs() == null ? "" : " (at " + Figures.moment(autovacuum.endMs()) + ")")
                        + ".");
            }
        }
        return words;
    }

    private static String cause(String cause) {
        return switch (cause) {
            case "time" -> "as checkpoint_timeout says";
            case "wal" -> "before its time, because max_wal_size was used up";
            default -> "before its time, asked for (" + cause.toLowerCase(Locale.ROOT) + ")";
        };
    }

    private static @Nullable MachineUse machine(Recording recording, String phase) {
        return recording.resources().machine().stream()
                .filter(use -> use.phase().equals(phase))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable StatementCounters counters(Statement run) {
        return run.cost() == null ? null : Objects.requireNonNull(run.cost()).counters();
    }
}
