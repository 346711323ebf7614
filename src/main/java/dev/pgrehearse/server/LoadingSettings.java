package dev.pgrehearse.server;

import java.util.Map;

/**
 * Settings under which a dataset is loaded, never measured.
 *
 * <p>WAL is minimal and nothing is synced while loading, because a load that crashes is thrown away: a data directory
 * that was not stopped cleanly is never copied. {@link RunningServer#stop} makes up for it: the shutdown checkpoint has
 * handed every page to the kernel, and then the whole file system of the directory is synced before it counts.
 */
public final class LoadingSettings {
    /** By parameter name. */
    public static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("wal_level", "minimal"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("archive_mode", "off"),
            Map.entry("max_wal_size", "16GB"),
            Map.entry("checkpoint_timeout", "1h"),
            Map.entry("autovacuum", "off"),
            Map.entry("maintenance_work_mem", "512MB"),
            // Nobody else wants the machine while indexes are built.
            Map.entry("max_parallel_maintenance_workers", "2"),
            Map.entry("fsync", "off"),
            Map.entry("synchronous_commit", "off"),
            Map.entry("full_page_writes", "off"));

    private LoadingSettings() {}
}
