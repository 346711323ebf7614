package dev.pgrehearse.scenario;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * What an application tells pgjdbc through its pool, held against pgjdbc's own list: names, choices, and of which kind a
 * default is. How statements are prepared, retried and cut off decides what a migration does to the application; where it
 * connects, as whom and how encrypted is the rehearsal's business. Stateless.
 */
final class DriverProperties {
    private static final Set<PGProperty> TAKEN = EnumSet.of(
            PGProperty.ADAPTIVE_FETCH,
            PGProperty.ADAPTIVE_FETCH_MAXIMUM,
            PGProperty.ADAPTIVE_FETCH_MINIMUM,
            PGProperty.AUTOSAVE,
            PGProperty.BINARY_TRANSFER,
            PGProperty.BINARY_TRANSFER_DISABLE,
            PGProperty.BINARY_TRANSFER_ENABLE,
            PGProperty.CANCEL_SIGNAL_TIMEOUT,
            PGProperty.CLEANUP_SAVEPOINTS,
            PGProperty.CONNECT_TIMEOUT,
            PGProperty.DEFAULT_ROW_FETCH_SIZE,
            PGProperty.FLUSH_CACHE_ON_DDL,
            PGProperty.LOGIN_TIMEOUT,
            PGProperty.MAX_RESULT_BUFFER,
            PGProperty.PREFER_QUERY_MODE,
            PGProperty.PREPARED_STATEMENT_CACHE_QUERIES,
            PGProperty.PREPARED_STATEMENT_CACHE_SIZE_MIB,
            PGProperty.PREPARE_THRESHOLD,
            PGProperty.QUERY_TIMEOUT,
            PGProperty.READ_ONLY,
            PGProperty.READ_ONLY_MODE,
            PGProperty.RECEIVE_BUFFER_SIZE,
            PGProperty.REWRITE_BATCHED_INSERTS,
            PGProperty.SEND_BUFFER_SIZE,
            PGProperty.SOCKET_TIMEOUT,
            PGProperty.TCP_KEEP_ALIVE,
            PGProperty.TCP_NO_DELAY);

    /**
     * A file of the application says them, and the rehearsal has its own; of logging and of how parameters are typed, too, which
     * decide nothing here: a rehearsal lets the server choose their types.
     */
    private static final Set<PGProperty> ABOUT_THE_SERVER = EnumSet.of(
            PGProperty.APPLICATION_NAME,
            PGProperty.ASSUME_MIN_SERVER_VERSION,
            PGProperty.AUTHENTICATION_PLUGIN_CLASS_NAME,
            PGProperty.CHANNEL_BINDING,
            PGProperty.GSS_ENC_MODE,
            PGProperty.GSS_LIB,
            PGProperty.GSS_RESPONSE_TIMEOUT,
            PGProperty.GSS_USE_DEFAULT_CREDS,
            PGProperty.HOST_RECHECK_SECONDS,
            PGProperty.JAAS_APPLICATION_NAME,
            PGProperty.JAAS_LOGIN,
            PGProperty.KERBEROS_SERVER_NAME,
            PGProperty.LOAD_BALANCE_HOSTS,
            PGProperty.LOCAL_SOCKET_ADDRESS,
            PGProperty.LOG_SERVER_ERROR_DETAIL,
            PGProperty.LOG_UNCLOSED_CONNECTIONS,
            PGProperty.PASSWORD,
            PGProperty.PEM_KEY_ALGORITHM,
            PGProperty.PG_DBNAME,
            PGProperty.PG_HOST,
            PGProperty.PG_PORT,
            PGProperty.REQUIRE_AUTH,
            PGProperty.SERVICE,
            PGProperty.SOCKET_FACTORY,
            PGProperty.SOCKET_FACTORY_ARG,
            PGProperty.SSL,
            PGProperty.SSL_CERT,
            PGProperty.SSL_FACTORY,
            PGProperty.SSL_FACTORY_ARG,
            PGProperty.SSL_HOSTNAME_VERIFIER,
            PGProperty.SSL_KEY,
            PGProperty.SSL_MODE,
            PGProperty.SSL_NEGOTIATION,
            PGProperty.SSL_PASSWORD,
            PGProperty.SSL_PASSWORD_CALLBACK,
            PGProperty.SSL_RESPONSE_TIMEOUT,
            PGProperty.SSL_ROOT_CERT,
            PGProperty.SSPI_SERVICE_CLASS,
            PGProperty.STRING_TYPE,
            PGProperty.TARGET_SERVER_TYPE,
            PGProperty.USER,
            PGProperty.USE_SPNEGO);

    /** The like: {@code PGSimpleDataSource}'s own names for where to connect, and pgjdbc's of long ago for logging. */
    private static final Set<String> LIKE_THESE = Set.of(
            "serverName",
            "serverNames",
            "portNumber",
            "portNumbers",
            "databaseName",
            "url",
            "URL",
            "loggerFile",
            "loggerLevel");

    private DriverProperties() {}

    /** Whether it says where to connect, as whom or how encrypted. */
    static boolean areAboutTheServer(String name) {
        return LIKE_THESE.contains(name)
                // A data source's own names are pgjdbc's in another case.
                || ABOUT_THE_SERVER.stream()
                        .anyMatch(property -> property.getName().equalsIgnoreCase(name));
    }

    /**
     * Whether it makes settings of PostgreSQL for a session. Not only the application's sessions need them: what checks statements, reads
     * plans and runs the migration has to find the same tables.
     */
    static boolean areSettings(String name) {
        return name.equals(PGProperty.CURRENT_SCHEMA.getName()) || name.equals(PGProperty.OPTIONS.getName());
    }

    /** Whether a rehearsal's connections take it. */
    static boolean areTaken(String name) {
        return TAKEN.stream().anyMatch(property -> property.getName().equals(name));
    }

    /** The names of those that are taken. */
    static Set<String> names() {
        return TAKEN.stream().map(PGProperty::getName).collect(Collectors.toCollection(TreeSet::new));
    }

    /** What would be a value of a property that is taken; null when this one is. */
    static @Nullable String expectedInsteadOf(String name, String value) {
        PGProperty property = TAKEN.stream()
                .filter(one -> one.getName().equals(name))
                .findFirst()
                .orElseThrow();
        String[] choices = property.getChoices();
        if (choices != null && choices.length > 0) {
            return List.of(choices).contains(value.toLowerCase(Locale.ROOT))
                    ? null
                    : String.join(", ", Arrays.asList(choices));
        }
        String usual = String.valueOf(property.getDefaultValue());
        if (usual.equals("true") || usual.equals("false")) {
            return value.equals("true") || value.equals("false") ? null : "true or false";
        }
        if (usual.matches("-?\\d+")) {
            return isInteger(value) ? null : "a whole number";
        }
        return null;
    }

    /** As pgjdbc reads it: nothing but digits, and no more than fit. */
    private static boolean isInteger(String value) {
        try {
            Integer.parseInt(value);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
