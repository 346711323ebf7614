package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is to be expected of one statement at the target's size. Durations are seconds, without waits for locks: those are
 * the workload's.
 *
 * @param index its number in the migration, from 1
 * @param operation what it did
 * @param table whose rows its duration goes by; null when it touched none
 * @param targetRows of that table
 * @param rungs its durations in seconds at each size
 * @param duration null when it is UNKNOWN
 * @param unknown why it is UNKNOWN, in whole sentences; empty when it is not
 * @param cliffs those between nothing and the target
 * @param notes what is to be known beside the figures, in whole sentences
 * @param walBytes null when it was not measured at every rung, or is UNKNOWN
 * @param indexBytes of the indexes that it built; null when it built none, or is UNKNOWN
 * @param space of temporary files and disk that it needs
 * @param shrunk the second ladder that all figures but {@code rungs} come from; null when they come from those
 * @param keys what its indexes took over their columns alone; null when they were not built so
 * @param lockWaitSeconds the longest that it waited for locks at any rung, which is in no other figure
 * @param errorsSeen how earlier estimates of the same operation fared; null when none was checked
 */
public record StatementEstimate(
        int index,
        String file,
        int line,
        String sql,
        Operation operation,
        @Nullable String table,
        double targetRows,
        List<Measurement> rungs,
        @Nullable Extrapolation duration,
        List<String> unknown,
        List<Cliff> cliffs,
        List<String> notes,
        @Nullable Extrapolation walBytes,
        @Nullable Extrapolation indexBytes,
        StatementSpace space,
        @Nullable Shrunk shrunk,
        KeysAlone.@Nullable Builds keys,
        double lockWaitSeconds,
        @Nullable ErrorsSeen errorsSeen) {
    /** What takes no longer is nobody's outage, whatever its repeats say. */
    public static final double NEGLIGIBLE_SECONDS = 0.05;

    public StatementEstimate {
        rungs = List.copyOf(rungs);
        unknown = List.copyOf(unknown);
        cliffs = List.copyOf(cliffs);
        notes = List.copyOf(notes);
        // Files of earlier versions have none.
        space = Objects.requireNonNullElse(space, StatementSpace.NONE);
    }

    /**
     * A ladder whose memory settings were shrunk in proportion to its rows.
     *
     * @param settings what they were shrunk from and to, at the top rung
     * @param rungs the statement's durations in seconds at each size
     */
    public record Shrunk(List<ShrunkLadder.Setting> settings, List<Measurement> rungs) {
        public Shrunk {
            settings = List.copyOf(settings);
            rungs = List.copyOf(rungs);
        }

        /** Such as {@code from a ladder with maintenance_work_mem shrunk from 64 MB to 1.3 MB}. */
        public String inWords() {
            return ShrunkLadder.inWords(settings);
        }
    }

    /** The same, UNKNOWN for this, too. */
    StatementEstimate unknownToo(String why) {
        List<String> more = new ArrayList<>(unknown);
        more.add(why);
        return new StatementEstimate(
                index,
                file,
                line,
                sql,
                operation,
                table,
                targetRows,
                rungs,
                duration,
                more,
                cliffs,
                notes,
                walBytes,
                indexBytes,
                space,
                shrunk,
                keys,
                lockWaitSeconds,
                errorsSeen);
    }

    /** Whether there is a figure. */
    public boolean known() {
        return duration != null;
    }
}
