package dev.pgrehearse.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one start: the tool's durable defaults, the scenario's own on top, and those that the tool needs for
 * itself. Immutable.
 */
final class ServerSettings {
    /** Included from {@code postgresql.conf}, in the data directory. */
    static final String FILE_NAME = "pgrehearse.conf";

    private static final String PRELOAD = "shared_preload_libraries";
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)*");
    private static final Pattern LINE = Pattern.compile(Pattern.quote(FILE_NAME) + "\" line (\\d+)");
    private static final int FIRST_WITH_JSON_LOG = 15;

    private final Map<String, String> values;
    private final Set<String> asked;

    private ServerSettings(Map<String, String> values, Set<String> asked) {
        this.values = values;
        this.asked = asked;
    }

    /**
     * Puts the settings of one start together.
     *
     * @param major the server's major version
     * @param preload libraries that are loaded besides those that {@code wanted} names
     * @param wanted the scenario's, by name
     * @throws ServerProblem if a name is none, a value has a line break, or the tool needs that setting for itself
     */
    static ServerSettings of(
            int major, List<String> preload, String listenAddresses, int port, Map<String, String> wanted) {
        Map<String, String> own = own(major, listenAddresses, port);
        Map<String, String> values = new LinkedHashMap<>(durable());
        Map<String, String> sorted = new TreeMap<>();
        wanted.forEach((name, value) -> sorted.put(name.toLowerCase(Locale.ROOT), value));
        for (Map.Entry<String, String> entry : sorted.entrySet()) {
            check(entry.getKey(), entry.getValue(), own);
            values.put(entry.getKey(), entry.getValue());
        }
        Set<String> libraries = new LinkedHashSet<>(preload);
        libraries.addAll(split(values.getOrDefault(PRELOAD, "")));
        values.remove(PRELOAD);
        if (!libraries.isEmpty()) {
            values.put(PRELOAD, String.join(",", libraries));
        }
        if (!libraries.contains("pg_stat_statements")) {
            values.remove("pg_stat_statements.track_utility");
        }
        values.putAll(own);
        return new ServerSettings(values, Set.copyOf(sorted.keySet()));
    }

    /** What a production server has, whatever the binaries' defaults say; a scenario may say otherwise. */
    private static Map<String, String> durable() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");
        settings.put("full_page_writes", "on");
        settings.put("wal_level", "replica");
        settings.put("timezone", "UTC");
        settings.put("log_checkpoints", "on");
        settings.put("log_autovacuum_min_duration", "0");
        settings.put("pg_stat_statements.track_utility", "on");
        return settings;
    }

    /** What the tool relies on. Statements and their literals stay out of the log. */
    private static Map<String, String> own(int major, String listenAddresses, int port) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("listen_addresses", listenAddresses);
        settings.put("port", Integer.toString(port));
        settings.put("unix_socket_directories", "");
        settings.put("cluster_name", "pgrehearse");
        settings.put("logging_collector", "on");
        settings.put("log_destination", major >= FIRST_WITH_JSON_LOG ? "jsonlog" : "csvlog");
        settings.put("log_directory", "log");
        settings.put("log_filename", "postgresql.log");
        settings.put("log_rotation_age", "0");
        settings.put("log_rotation_size", "0");
        settings.put("log_file_mode", "0600");
        settings.put("log_timezone", "UTC");
        settings.put("lc_messages", "C");
        settings.put("log_lock_waits", "on");
        settings.put("log_connections", "off");
        settings.put("log_disconnections", "off");
        settings.put("log_statement", "none");
        settings.put("log_min_duration_statement", "-1");
        settings.put("log_min_error_statement", "panic");
        settings.put("log_parameter_max_length", "0");
        settings.put("log_parameter_max_length_on_error", "0");
        return settings;
    }

    private static void check(String name, String value, Map<String, String> own) {
        if (!NAME.matcher(name).matches()) {
            throw wrong(name, "is no name of a PostgreSQL setting");
        }
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0 || value.indexOf('\0') >= 0) {
            throw wrong(name, "has a line break or a zero character in its value");
        }
        String needed = own.get(name);
        if (needed != null && !needed.equals(value)) {
            throw wrong(name, "is needed by the tool itself, as '" + needed + "'");
        }
        if (Set.of("data_directory", "config_file", "hba_file", "ident_file", "external_pid_file")
                .contains(name)) {
            throw wrong(name, "is the tool's own");
        }
    }

    private static SettingRefused wrong(String name, String why) {
        return new SettingRefused(name, "it " + why, "Nothing was started.");
    }

    private static List<String> split(String list) {
        List<String> names = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String name = part.strip().replace("\"", "");
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    /** The file's text for single-user mode, which takes what another cluster's backup may need to recover. */
    static String inSingleUserMode() {
        return """
                archive_mode = 'off'
                max_logical_replication_workers = '0'
                max_prepared_transactions = '1000'
                logging_collector = 'off'
                lc_messages = 'C'
                """;
    }

    /** The same with settings that the tool needs for this one server. */
    ServerSettings with(Map<String, String> needed) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.putAll(needed);
        return new ServerSettings(more, asked);
    }

    /** Every setting by name, as written. */
    Map<String, String> values() {
        return Map.copyOf(values);
    }

    /** Whether what the server wrote is on disk without a further sync. */
    boolean syncs() {
        return !Set.of("off", "false", "no", "0").contains(values.getOrDefault("fsync", "on"));
    }

    /** The file's text: one setting a line, quoted as {@code postgresql.conf} wants it. */
    String text() {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) ->
                text.append(name).append(" = '").append(quoted(value)).append("'\n"));
        return text.toString();
    }

    private static String quoted(String value) {
        // Backslashes are escapes within quotes there.
        return value.replace("\\", "\\\\").replace("'", "''");
    }

    /** The scenario's setting that a server's message complains about; null when it names none of them. */
    @Nullable
    String culprit(String serverMessage) {
        Matcher line = LINE.matcher(serverMessage);
        if (line.find()) {
            List<String> names = List.copyOf(values.keySet());
            int index = Integer.parseInt(line.group(1)) - 1;
            if (index >= 0 && index < names.size() && asked.contains(names.get(index))) {
                return names.get(index);
            }
        }
        return asked.stream()
                .filter(name -> serverMessage.toLowerCase(Locale.ROOT).contains("\"" + name + "\""))
                .findFirst()
                .orElse(null);
    }
}
