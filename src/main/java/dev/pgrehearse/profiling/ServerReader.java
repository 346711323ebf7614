package dev.pgrehearse.profiling;

import dev.pgrehearse.postgres.ServerVersion;
import dev.pgrehearse.postgres.ShownSettings;
import dev.pgrehearse.profile.Profile.Server;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server, its database and the settings that matter to a migration. */
final class ServerReader {
    private static final int FIRST_WITH_PROVIDER = 15;
    private static final int FIRST_WITH_ONE_LOCALE = 17;

    /** None of them holds a host, an address, a path or a secret. */
    static final List<String> SETTINGS = List.of(
            "autovacuum",
            "autovacuum_analyze_scale_factor",
            "autovacuum_analyze_threshold",
            "autovacuum_freeze_max_age",
            "autovacuum_max_workers",
            "autovacuum_naptime",
            "autovacuum_vacuum_cost_delay",
            "autovacuum_vacuum_cost_limit",
            "autovacuum_vacuum_insert_scale_factor",
            "autovacuum_vacuum_insert_threshold",
            "autovacuum_vacuum_max_threshold",
            "autovacuum_vacuum_scale_factor",
            "autovacuum_vacuum_threshold",
            "block_size",
            "checkpoint_completion_target",
            "checkpoint_timeout",
            "commit_delay",
            "data_checksums",
            "deadlock_timeout",
            "default_statistics_target",
            "default_toast_compression",
            "default_transaction_isolation",
            "effective_cache_size",
            "effective_io_concurrency",
            "fsync",
            "full_page_writes",
            "hash_mem_multiplier",
            "hot_standby_feedback",
            "huge_pages",
            "idle_in_transaction_session_timeout",
            "idle_session_timeout",
            "io_method",
            "io_workers",
            "jit",
            "lock_timeout",
            "log_lock_waits",
            "maintenance_io_concurrency",
            "maintenance_work_mem",
            "max_connections",
            "max_locks_per_transaction",
            "max_parallel_maintenance_workers",
            "max_parallel_workers",
            "max_parallel_workers_per_gather",
            "max_prepared_transactions",
            "max_slot_wal_keep_size",
            "max_standby_streaming_delay",
            "max_wal_senders",
            "max_wal_size",
            "max_worker_processes",
            "min_wal_size",
            "random_page_cost",
            "reserved_connections",
            "segment_size",
            "seq_page_cost",
            "shared_buffers",
            "standard_conforming_strings",
            "statement_timeout",
            "superuser_reserved_connections",
            "synchronous_commit",
            "temp_buffers",
            "transaction_timeout",
            "vacuum_cost_delay",
            "vacuum_cost_limit",
            "wal_buffers",
            "wal_compression",
            "wal_level",
            "wal_segment_size",
            "work_mem");

    private ServerReader() {}

    /** The settings as {@code SHOW} prints them. To be asked before a transaction changes any of them for itself. */
    static Map<String, String> settings(Connection connection) throws SQLException {
        return ShownSettings.of(connection, SETTINGS);
    }

    static Server read(Connection connection, ServerVersion version, Map<String, String> settings) throws SQLException {
        String provider = version.isAtLeast(FIRST_WITH_PROVIDER)
                ? "CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END"
                : "'libc'";
        String locale = version.isAtLeast(FIRST_WITH_ONE_LOCALE)
                ? "datlocale"
                : version.isAtLeast(FIRST_WITH_PROVIDER) ? "daticulocale" : "NULL::text";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.current_setting('server_version') AS version,"
                        + " pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, "
                        + provider + " AS provider, " + locale + " AS locale,"
                        + " pg_catalog.pg_database_size(oid) AS bytes"
                        + " FROM pg_catalog.pg_database WHERE datname = current_database()")) {
            if (!row.next()) {
                throw new SQLException("pg_database has no row for the current database");
            }
            @Nullable String found = row.getString("locale");
            return new Server(
                    // Packagers put the distribution behind it, in brackets.
                    row.getString("version").replaceFirst(" .*", ""),
                    version.number(),
                    row.getString("encoding"),
                    row.getString("datcollate"),
                    row.getString("datctype"),
                    row.getString("provider"),
                    found,
                    settings,
                    row.getLong("bytes"));
        }
    }
}
