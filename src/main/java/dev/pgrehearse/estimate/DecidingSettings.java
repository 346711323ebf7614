package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Settings of a server that the duration of a migration without load hangs on. */
public final class DecidingSettings {
    private static final List<String> NAMES = List.of(
            "checkpoint_completion_target",
            "checkpoint_timeout",
            "data_checksums",
            "effective_cache_size",
            "effective_io_concurrency",
            "fsync",
            "full_page_writes",
            "hash_mem_multiplier",
            "io_method",
            "io_workers",
            "jit",
            "maintenance_io_concurrency",
            "maintenance_work_mem",
            "max_parallel_maintenance_workers",
            "max_parallel_workers",
            "max_parallel_workers_per_gather",
            "max_wal_size",
            "max_worker_processes",
            "min_parallel_table_scan_size",
            "random_page_cost",
            "seq_page_cost",
            "shared_buffers",
            "synchronous_commit",
            "wal_buffers",
            "wal_compression",
            "wal_level",
            "work_mem");

    private static final String DEFAULT = "its default";

    private DecidingSettings() {}

    /** Those of a recording's server, as it shows them; those at their defaults may be missing. Empty without a server. */
    public static Map<String, String> of(Recording recording) {
        Recording.ServerFacts server = recording.server();
        Map<String, String> settings = new TreeMap<>(server == null ? Map.of() : server.settings());
        settings.keySet().retainAll(NAMES);
        return settings;
    }

    /**
     * What differs, such as {@code maintenance_work_mem = 64MB and not 1GB}, the first one's value first.
     *
     * @param first as {@link #of} gives them; null when they are not known, and nothing is told
     */
    public static List<String> apart(@Nullable Map<String, String> first, Map<String, String> second) {
        List<String> apart = new ArrayList<>();
        if (first != null) {
            for (String name : NAMES) {
                String one = first.getOrDefault(name, DEFAULT);
                String other = second.getOrDefault(name, DEFAULT);
                if (!one.equals(other)) {
                    apart.add(name + " = " + one + " and not " + other);
                }
            }
        }
        return apart;
    }
}
