package dev.pgrehearse.estimate;

import java.util.Map;

/**
 * How many workers help to build an index. Stateless. Sources: plan_create_index_workers, compute_parallel_worker.
 */
final class BuildWorkers {
    /** Each participant of a parallel build gets so much memory at least, in bytes. */
    private static final double SORT_SHARE = 32 << 20;

    /** More than that nobody has. */
    private static final int MOST = 64;

    private BuildWorkers() {}

    /** The most that these settings allow. */
    static int most(Map<String, Double> settings) {
        double byMemory = Math.floor(setting(settings, "maintenance_work_mem") / SORT_SHARE) - 1;
        double most = Math.min(
                Math.min(
                        setting(settings, "max_parallel_maintenance_workers"),
                        setting(settings, "max_parallel_workers")),
                Math.min(byMemory, MOST));
        return Double.isNaN(most) ? 0 : (int) Math.max(0, most);
    }

    /** From which size of the table's main fork on, in bytes, there are so many; NaN when a setting is not known. */
    static double threshold(Map<String, Double> settings, int workers) {
        return setting(settings, "min_parallel_table_scan_size") * Math.pow(3, workers - 1);
    }

    /** Of a table of this size. */
    static int of(double heapBytes, Map<String, Double> settings) {
        int workers = 0;
        while (workers < most(settings) && heapBytes >= threshold(settings, workers + 1)) {
            workers++;
        }
        return workers;
    }

    private static double setting(Map<String, Double> settings, String name) {
        return settings.getOrDefault(name, Double.NaN);
    }
}
