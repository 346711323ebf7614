package dev.pgrehearse.recording;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One error of the server that an operation's tries met: those that ended as {@code sql_error}.
 *
 * @param operation its name; empty for all that were one kind of error too many to be told apart
 * @param sqlState the error's; null when the driver gave none
 * @param kind {@link #CACHED_PLAN} or {@link #OTHER}
 * @param message the server's words, without detail and hint; of a message with values in it the first of its class
 * @param count how many tries met it
 * @param byPhase how many in each phase, known to within a second
 * @param firstMs when the first one was met
 * @param lastMs when the last one was met
 */
public record SqlErrors(
        String operation,
        @Nullable String sqlState,
        String kind,
        String message,
        long count,
        Map<String, Long> byPhase,
        double firstMs,
        double lastMs) {
    /** A prepared statement returns other columns than when its connection prepared it: 0A000. */
    public static final String CACHED_PLAN = "cached-plan";

    public static final String OTHER = "other";

    /** What tells one error from another: the SQLSTATE, and the words without values. */
    public static String messageClass(@Nullable String sqlState, String message) {
        if (sqlState != null && sqlState.startsWith("22")) {
            // Data exceptions quote the data.
            return sqlState;
        }
        return sqlState + " " + message.replaceAll("[0-9]+", "#");
    }
}
