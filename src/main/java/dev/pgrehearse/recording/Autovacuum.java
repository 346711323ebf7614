package dev.pgrehearse.recording;

import org.jspecify.annotations.Nullable;

/**
 * A run of an autovacuum worker on one table.
 *
 * @param table schema-qualified unless in {@code public}
 * @param what {@code vacuum}, {@code analyze}, or {@code vacuum and analyze} where only the worker's activity was seen
 * @param startMs when it began; null when it was never seen at work, only its end
 * @param endMs when it had ended; null when it had not, or its end is not known
 * @param outcome {@code ended}, {@code cancelled}, or {@code unknown}: still at work, or no log told
 * @param phase in which it ended, or was last seen
 * @param statement the migration's statement that it has to do with: that cancelled it by waiting for its table, or ran on
 *     its table meanwhile; null when there is none
 */
public record Autovacuum(
        String table,
        String what,
        @Nullable Double startMs,
        @Nullable Double endMs,
        String outcome,
        @Nullable String phase,
        @Nullable String statement) {
    public static final String ENDED = "ended";
    public static final String CANCELLED = "cancelled";
    public static final String UNKNOWN = "unknown";
}
