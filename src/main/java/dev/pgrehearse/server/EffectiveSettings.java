package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ServerVersion;
import dev.pgrehearse.recording.Recording.ServerFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a server says about itself, read in one session of a superuser. */
final class EffectiveSettings {
    /** Told at their defaults too: how durable the server is, and what the verdict counts with. */
    private static final Set<String> ALWAYS_TOLD = Set.of(
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "wal_level",
            "autovacuum",
            "deadlock_timeout",
            "shared_buffers",
            "max_connections",
            "superuser_reserved_connections",
            "reserved_connections",
            "data_checksums");

    /** Different in every run, and nothing to compare runs by. */
    private static final Set<String> WHEREABOUTS =
            Set.of("data_directory", "config_file", "hba_file", "ident_file", "external_pid_file", "port");

    private static final String SETTINGS =
            "SELECT name, setting, unit, vartype, boot_val, source, coalesce(sourcefile, '') AS sourcefile,"
                    + " current_setting(name) AS shown FROM pg_catalog.pg_settings";

    private EffectiveSettings() {}

    static ServerFacts facts(Connection session, String kind) throws SQLException {
        try (Statement statement = session.createStatement()) {
            Map<String, String> settings = new TreeMap<>();
            try (ResultSet row = statement.executeQuery(SETTINGS)) {
                while (row.next()) {
                    String name = row.getString("name");
                    boolean ofThisSession = Set.of("client", "session").contains(row.getString("source"));
                    boolean changed = !java.util.Objects.equals(row.getString("setting"), row.getString("boot_val"));
                    if (ALWAYS_TOLD.contains(name) || (changed && !ofThisSession && !WHEREABOUTS.contains(name))) {
                        settings.put(name, row.getString("shown"));
                    }
                }
            }
            try (ResultSet row =
                    statement.executeQuery("SELECT current_setting('server_version_num')::int, version()")) {
                row.next();
                return new ServerFacts(kind, new ServerVersion(row.getInt(1)).toString(), row.getString(2), settings);
            }
        }
    }

    /**
     * Compares what was asked with what is. A value that the server took from our file is what was asked, as the server
     * itself reads it; one from elsewhere (the command line, {@code postgresql.auto.conf}) is compared by value. What
     * the session's own driver has set says nothing about the server's value and is left out.
     */
    static List<SettingDifference> differences(Connection session, Map<String, String> asked) throws SQLException {
        Map<String, String> missing = new TreeMap<>(asked);
        List<SettingDifference> differences = new ArrayList<>();
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(SETTINGS + " ORDER BY name")) {
            while (row.next()) {
                String name = row.getString("name").toLowerCase(java.util.Locale.ROOT);
                String value = missing.remove(name);
                if (value == null
                        || row.getString("sourcefile").endsWith("/" + ServerSettings.FILE_NAME)
                        || Set.of("client", "session").contains(row.getString("source"))
                        || SettingValue.same(
                                value, row.getString("setting"), row.getString("unit"), row.getString("vartype"))) {
                    continue;
                }
                differences.add(new SettingDifference(name, value, row.getString("shown"), row.getString("source")));
            }
        }
        missing.forEach((name, value) ->
                differences.add(new SettingDifference(name, value, SettingDifference.NO_SUCH_SETTING, "none")));
        return List.copyOf(differences);
    }
}
