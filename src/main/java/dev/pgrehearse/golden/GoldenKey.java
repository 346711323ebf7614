package dev.pgrehearse.golden;

import dev.pgrehearse.scenario.DatasetSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What a dataset was made of: two with equal keys are interchangeable.
 *
 * @param digest SHA-256, in hexadecimal, of all that decides what is in the data directory: the server's build, the
 *     settings that reach stored data, the schema file, the sources of values, the rows, the seed, and a sample of the
 *     rows themselves, which changes when the program makes other values of the same sources
 */
public record GoldenKey(String digest) {
    /** Changes when what is done to a dataset besides its rows changes, such as how it is settled. */
    private static final String FORMAT = "golden/1";

    private static final int ID_LENGTH = 12;

    /**
     * Settings that say how a server works and leave no trace in what it stored. All others, also those that nobody
     * thought of, make another dataset: loading again costs minutes, a wrong dataset a night.
     */
    private static final Set<String> OF_NO_CONSEQUENCE = Set.of(
            "shared_buffers",
            "huge_pages",
            "work_mem",
            "hash_mem_multiplier",
            "maintenance_work_mem",
            "autovacuum_work_mem",
            "effective_cache_size",
            "max_connections",
            "superuser_reserved_connections",
            "reserved_connections",
            "max_wal_size",
            "min_wal_size",
            "wal_buffers",
            "checkpoint_timeout",
            "checkpoint_completion_target",
            "max_worker_processes",
            "max_parallel_workers",
            "max_parallel_workers_per_gather",
            "max_parallel_maintenance_workers",
            "deadlock_timeout",
            "lock_timeout",
            "statement_timeout",
            "idle_in_transaction_session_timeout",
            "random_page_cost",
            "seq_page_cost",
            "effective_io_concurrency",
            "maintenance_io_concurrency",
            "synchronous_commit",
            "jit");

    /**
     * The key of a dataset.
     *
     * @param identity of the server host that makes it
     * @param settings under which it is loaded
     * @param dataset what the scenario says of the data
     * @param rows by table
     * @param sample digest of a sample of the generated rows
     * @throws IOException when the schema file cannot be read
     */
    public static GoldenKey of(
            String identity,
            Map<String, String> settings,
            DatasetSpec dataset,
            Map<String, Long> rows,
            long seed,
            String sample)
            throws IOException {
        return of(
                FORMAT,
                identity,
                stored(settings),
                dataset.schemaFromProfile() ? "" : Files.readString(dataset.schema()),
                String.valueOf(dataset.profile()),
                // Records of records: each part of what the user wrote is in their text.
                dataset.tables().toString(),
                new TreeMap<>(rows).toString(),
                Long.toString(seed),
                sample);
    }

    /**
     * The key of a dataset that is restored. No seed has a part in it.
     *
     * @param identity of the server host that restores it
     * @param settings under which it is restored
     * @param restored digest of what is restored, and of what is done to it then
     */
    public static GoldenKey ofRestored(String identity, Map<String, String> settings, String restored) {
        return of(FORMAT, identity, stored(settings), "restored", restored);
    }

    /** Those that reach stored data. */
    private static String stored(Map<String, String> settings) {
        Map<String, String> stored = new TreeMap<>();
        settings.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!OF_NO_CONSEQUENCE.contains(lower) && !lower.startsWith("log_")) {
                stored.put(lower, value);
            }
        });
        return stored.toString();
    }

    private static GoldenKey of(String... parts) {
        MessageDigest sha = DigestUtils.getSha256Digest();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            sha.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            sha.update(bytes);
        }
        return new GoldenKey(HexFormat.of().formatHex(sha.digest()));
    }

    /** The dataset's short name, for folders and people. */
    public String id() {
        return digest.substring(0, ID_LENGTH);
    }
}
