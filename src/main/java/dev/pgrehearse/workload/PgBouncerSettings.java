package dev.pgrehearse.workload;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.scenario.BouncerSetting;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a {@link PgBouncer} is set up.
 *
 * @param mode when a client gives its server connection back
 * @param poolSize {@code default_pool_size}: most server connections, since there is one pool: one role, one database
 * @param maxClientConnections {@code max_client_conn}: most clients
 * @param more further settings of {@code pgbouncer.ini} by name; each one {@linkplain BouncerSetting taken}
 */
public record PgBouncerSettings(Mode mode, int poolSize, int maxClientConnections, Map<String, String> more) {
    /** The database that PgBouncer itself answers for. */
    static final String CONSOLE = "pgbouncer";

    /** PgBouncer's own default of {@code default_pool_size} (its documentation, pgbouncer.ini(5)). */
    public static final int DEFAULT_POOL_SIZE = 20;

    /** PgBouncer's own default of {@code max_client_conn} (its documentation, pgbouncer.ini(5)). */
    public static final int DEFAULT_MAX_CLIENT_CONNECTIONS = 100;

    /** The driver asks for the first in every session, and for the second in {@link PgBouncer}'s own. */
    private static final String IGNORED = "extra_float_digits,replication";

    private static final String IGNORE = "ignore_startup_parameters";
    private static final String PREPARED = "max_prepared_statements";

    /** When a client gives its server connection back. */
    public enum Mode {
        /** When it disconnects. */
        SESSION,
        /** At the end of each transaction. */
        TRANSACTION,
        /** At the end of each statement; transactions are refused. */
        STATEMENT;

        /** The name in {@code pgbouncer.ini}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PgBouncerSettings {
        more = Map.copyOf(more);
        more.forEach((name, value) -> BouncerSetting.refusal(name, value).ifPresent(why -> {
            throw new IllegalArgumentException(name + ": " + why);
        }));
        if (poolSize < 1 || maxClientConnections < 1) {
            throw new IllegalArgumentException("a PgBouncer without connections serves nobody");
        }
    }

    /** pgjdbc's properties by name that clients need. */
    Map<String, String> driverProperties() {
        // The next transaction may get another server connection, which knows nothing of a statement that was prepared
        // on this one. PgBouncer follows prepared statements from 1.21 on, when it is allowed some.
        boolean followed = !more.getOrDefault(PREPARED, "0").equals("0");
        return mode == Mode.SESSION || followed ? Map.of() : Map.of("prepareThreshold", "0");
    }

    /** The text of {@code pgbouncer.ini}. */
    String file(String address, int port, Path users, ConnectionDetails server) {
        Map<String, String> settings = new TreeMap<>(more);
        settings.merge(IGNORE, IGNORED, (theirs, ours) -> theirs + "," + ours);
        settings.put("listen_addr", address);
        settings.put("listen_port", Integer.toString(port));
        settings.put("unix_socket_dir", "");
        settings.put("auth_type", "scram-sha-256");
        settings.put("auth_file", users.toString());
        settings.put("stats_users", server.user());
        settings.put("pool_mode", mode.key());
        settings.put("default_pool_size", Integer.toString(poolSize));
        settings.put("max_client_conn", Integer.toString(maxClientConnections));
        StringBuilder text = new StringBuilder(
                "[databases]\n* = host=" + server.host() + " port=" + server.port() + "\n\n[pgbouncer]\n");
        settings.forEach(
                (name, value) -> text.append(name).append(" = ").append(value).append('\n'));
        return text.toString();
    }
}
