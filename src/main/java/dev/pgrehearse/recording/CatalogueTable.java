package dev.pgrehearse.recording;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as catalogue and counters tell it at one moment; a partitioned one is the sum of its partitions.
 *
 * @param storage {@code relfilenode} of it, or of each partition
 * @param pages of its heap; null when not read
 * @param visiblePages those of them that are all-visible; null when not read
 * @param liveRows {@code n_live_tup}
 * @param deadRows {@code n_dead_tup}
 * @param updates {@code n_tup_upd}
 * @param hotUpdates {@code n_tup_hot_upd}
 * @param statistics what the planner may have statistics of, and of how many tables (the partitions) it has them
 */
public record CatalogueTable(
        long oid,
        String name,
        List<Long> storage,
        @Nullable Long pages,
        @Nullable Long visiblePages,
        long liveRows,
        long deadRows,
        long updates,
        long hotUpdates,
        Map<String, Integer> statistics) {}
