package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rehearsal took of disk and machine, and what the server did in the background.
 *
 * @param disk from the migration's first statement to its last one's end; null when it was not sampled
 * @param tables those whose size changed from before the load to after its end, the most changed first; at most 100
 * @param tablesLeftOut how many more there are
 * @param machine by phase, the warm-up left out; empty when nothing was read
 * @param checkpoints in order of their start; those that the server's log told
 * @param autovacuums in order of their end
 */
public record Resources(
        @Nullable DiskUse disk,
        List<TableGrowth> tables,
        int tablesLeftOut,
        List<MachineUse> machine,
        List<Checkpoint> checkpoints,
        List<Autovacuum> autovacuums) {
    /** Nothing was measured, as in recordings that are older than these figures. */
    public static final Resources NONE = new Resources(null, List.of(), 0, List.of(), List.of(), List.of());
}
