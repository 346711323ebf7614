package dev.pgrehearse.scenario;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code server.standby}, and checks that the server can have one. */
final class StandbyReader {
    /** What makes it a standby of this server, and of no other; and what its own start depends on. */
    private static final Set<String> OURS = Set.of(
            "primary_conninfo", "primary_slot_name", "hot_standby", "restore_command", "recovery_target_timeline");

    /** The least value of settings of the server without which nothing streams. */
    private static final Map<String, Integer> LEAST = Map.of("max_wal_senders", 1, "max_replication_slots", 1);

    /** Of these a standby needs at least what its primary has. Source: PostgreSQL's documentation, "Hot Standby". */
    private static final Set<String> AT_LEAST_THE_PRIMARYS = Set.of(
            "max_connections",
            "max_prepared_transactions",
            "max_locks_per_transaction",
            "max_wal_senders",
            "max_worker_processes");

    private final Cursor server;

    StandbyReader(Cursor server) {
        this.server = server;
    }

    /** Null when there is none. */
    @Nullable
    StandbySpec read() {
        Cursor at = server.at("standby");
        if (!at.isPresent() || at.text().equals("false")) {
            return null;
        }
        if (server.at("kind").text("embedded").equals("container")) {
            at.mistakeOfKey(
                    "a standby with `kind: container`",
                    "`kind: embedded`, whose data directory can be copied while its server is stopped; or no `standby`",
                    null);
        }
        Map<String, String> settings = new LinkedHashMap<>();
        at.at("settings").entries().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (OURS.contains(lower) || ConditionsReader.SETTINGS_OF_OURS.contains(lower)) {
                value.mistakeOfKey(
                        Mistakes.quoted(name), "another setting: this one is set by pgrehearse itself", null);
            }
            if (AT_LEAST_THE_PRIMARYS.contains(lower)) {
                value.mistakeOfKey(
                        Mistakes.quoted(name) + " of the standby",
                        "`server.settings." + lower + "`, which holds for both: a standby with less does not start",
                        null);
            }
            settings.put(name, value.text());
        });
        checkServer();
        return new StandbySpec(settings);
    }

    private void checkServer() {
        server.at("settings").entries().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals("wal_level") && value.text().equals("minimal")) {
                value.mistake("`wal_level: minimal` with a standby", "replica or logical, or no `standby`", null);
            }
            Integer least = LEAST.get(lower);
            if (least != null && value.text().matches("[0-9]{1,7}") && Integer.parseInt(value.text()) < least) {
                value.mistake("`" + lower + ": " + value.text() + "` with a standby", "at least " + least, null);
            }
        });
    }
}
