package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a table before the migration and after it; a partitioned table's is that of all its partitions. Counts of
 * rows are the server's own ({@code pg_stat_user_tables}), which backends tell a second late, idle ones later.
 *
 * @param rewritten whether its storage is another than before, by {@code pg_class.relfilenode}
 * @param statisticsLost columns, expressions of indexes and statistics objects that the planner knew before and did not know
 *     when the migration had ended
 * @param statisticsMissing those of them of which it knew nothing at the end either
 * @param neverAnalyzed columns and expressions that the migration made, of which the planner knew nothing at the end
 * @param allVisibleBefore share of its pages that are all-visible, 0 to 1, before the load; null when not read, or it has no pages
 * @param allVisibleAfter likewise after the load's end
 * @param deadRowsBefore dead rows when the migration started; null when not known
 * @param deadRowsAfter dead rows after the load's end; null when not known, as of a table that was rewritten, of which
 *     the server goes on to count those before
 * @param liveRowsAfter its rows after the load's end; null when not known
 * @param updatesBefore rows updated during the baseline; null when not known, or the table is another one by now
 * @param hotUpdatesBefore those of them that needed no entry in any index
 * @param updatesAfter rows updated during the recovery, from two seconds after its begin on where it is longer; null when
 *     not known
 * @param hotUpdatesAfter likewise
 */
public record TableChange(
        String name,
        boolean rewritten,
        List<String> statisticsLost,
        List<String> statisticsMissing,
        List<String> neverAnalyzed,
        @Nullable Double allVisibleBefore,
        @Nullable Double allVisibleAfter,
        @Nullable Long deadRowsBefore,
        @Nullable Long deadRowsAfter,
        @Nullable Long liveRowsAfter,
        @Nullable Long updatesBefore,
        @Nullable Long hotUpdatesBefore,
        @Nullable Long updatesAfter,
        @Nullable Long hotUpdatesAfter) {
    /** Share of the updates that needed no entry in any index, in the baseline; null without updates. */
    public @Nullable Double hotShareBefore() {
        return share(hotUpdatesBefore, updatesBefore);
    }

    /** The same in the recovery. */
    public @Nullable Double hotShareAfter() {
        return share(hotUpdatesAfter, updatesAfter);
    }

    private static @Nullable Double share(@Nullable Long part, @Nullable Long whole) {
        return part == null || whole == null || whole == 0 ? null : Double.valueOf((double) part / whole);
    }
}
