package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is run as the migration, and how.
 *
 * @param scripts SQL files, absolute, run one after the other in one session
 * @param lockTimeout {@code lock_timeout} of that session; null for the server's setting
 * @param statementTimeout {@code statement_timeout} of that session; null for the server's setting
 * @param retries what happens when a statement fails for a lock
 */
public record MigrationSpec(
        List<Path> scripts,
        @Nullable Duration lockTimeout,
        @Nullable Duration statementTimeout,
        Retries retries) {
    /**
     * How often a statement, or the transaction it is in, is tried again after 55P03 or 40P01.
     *
     * @param max tries after the first; 0 for none
     * @param backoff the pause before each of them
     */
    public record Retries(int max, Duration backoff) {
        public static final Retries NONE = new Retries(0, Duration.ZERO);
    }
}
