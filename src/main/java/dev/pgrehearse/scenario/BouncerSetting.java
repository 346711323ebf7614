package dev.pgrehearse.scenario;

import java.util.Optional;
import java.util.Set;

/** Which settings of PgBouncer are the user's. */
public final class BouncerSetting {
    /** What decides where it listens, whom it lets in, where it writes; and what has a name of its own here. */
    private static final Set<String> OURS = Set.of(
            "listen_addr",
            "listen_port",
            "unix_socket_dir",
            "auth_type",
            "auth_file",
            "auth_hba_file",
            "auth_query",
            "auth_user",
            "auth_dbname",
            "admin_users",
            "stats_users",
            "user",
            "logfile",
            "pidfile",
            "syslog",
            "conffile",
            "so_reuseport",
            "pool_mode",
            "default_pool_size",
            "max_client_conn");

    private BouncerSetting() {}

    /** Why a further setting is not taken; empty when it is. Whether it exists PgBouncer itself tells at its start. */
    public static Optional<String> refusal(String name, String value) {
        if (!name.matches("[a-z][a-z0-9_]*")) {
            return Optional.of("this is no name of a setting of PgBouncer");
        }
        if (OURS.contains(name) || name.startsWith("client_tls_")) {
            return Optional.of("pgrehearse sets this itself");
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("a value has one line and no control characters");
        }
        return Optional.empty();
    }
}
