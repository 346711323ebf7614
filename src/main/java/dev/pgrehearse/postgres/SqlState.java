package dev.pgrehearse.postgres;

import org.jspecify.annotations.Nullable;

/**
 * The SQLSTATEs that decide how a failure is named.
 *
 * <p>Source: PostgreSQL documentation, appendix "PostgreSQL Error Codes".
 */
public final class SqlState {
    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String QUERY_CANCELED = "57014";
    public static final String DEADLOCK_DETECTED = "40P01";
    public static final String SERIALIZATION_FAILURE = "40001";
    public static final String TOO_MANY_CONNECTIONS = "53300";
    public static final String DISK_FULL = "53100";
    public static final String OUT_OF_MEMORY = "53200";
    public static final String SYSTEM_ERROR = "58000";
    public static final String IO_ERROR = "58030";
    public static final String PROTOCOL_VIOLATION = "08P01";
    public static final String ADMIN_SHUTDOWN = "57P01";
    public static final String CRASH_SHUTDOWN = "57P02";
    public static final String CANNOT_CONNECT_NOW = "57P03";
    public static final String READ_ONLY = "25006";
    public static final String UNIQUE_VIOLATION = "23505";
    public static final String EXCLUSION_VIOLATION = "23P01";
    public static final String SYNTAX_ERROR = "42601";
    public static final String UNDEFINED_TABLE = "42P01";
    public static final String FEATURE_NOT_SUPPORTED = "0A000";

    private SqlState() {}

    /** Whether the session, or the server, is gone: class 08, or the server told that it is shutting down. */
    public static boolean meansConnectionLost(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.startsWith("08")
                        || sqlState.equals(ADMIN_SHUTDOWN)
                        || sqlState.equals(CRASH_SHUTDOWN)
                        || sqlState.equals(CANNOT_CONNECT_NOW));
    }

    /**
     * Whether the server or its machine failed, and not the statement: a lost session, no disk, no memory, an error of the
     * operating system. On another machine the same statement may well succeed.
     */
    public static boolean meansFault(@Nullable String sqlState) {
        return meansConnectionLost(sqlState)
                || DISK_FULL.equals(sqlState)
                || OUT_OF_MEMORY.equals(sqlState)
                || SYSTEM_ERROR.equals(sqlState)
                || IO_ERROR.equals(sqlState);
    }
}
