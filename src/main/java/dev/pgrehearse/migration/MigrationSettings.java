package dev.pgrehearse.migration;

import dev.pgrehearse.scenario.MigrationSpec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a migration is run. Immutable.
 *
 * @param lockTimeout {@code lock_timeout} of its session in whole milliseconds; null for the server's
 * @param statementTimeout {@code statement_timeout} of its session in whole milliseconds; null for the server's
 * @param timeZone {@code TimeZone} of its session, see {@link ServerTimeZone}: the driver would set this machine's, and
 *     whether {@code ALTER COLUMN … TYPE timestamp} rewrites a table depends on it
 * @param retries what happens when a statement fails for a lock
 */
public record MigrationSettings(
        @Nullable Duration lockTimeout,
        @Nullable Duration statementTimeout,
        String timeZone,
        MigrationSpec.Retries retries) {
    public MigrationSettings {
        requireWholeMilliseconds("lock_timeout", lockTimeout);
        requireWholeMilliseconds("statement_timeout", statementTimeout);
        if (retries.max() < 0 || retries.backoff().isNegative()) {
            throw new IllegalArgumentException("retries cannot be negative: " + retries);
        }
    }

    /** Those of a scenario's variant. */
    public static MigrationSettings of(MigrationSpec spec, String timeZone) {
        return new MigrationSettings(spec.lockTimeout(), spec.statementTimeout(), timeZone, spec.retries());
    }

    /** The same without timeouts of the variant's: for the cleaning, which must not be cut by them. */
    MigrationSettings withoutTimeouts() {
        return new MigrationSettings(null, null, timeZone, retries);
    }

    private static void requireWholeMilliseconds(String name, @Nullable Duration timeout) {
        if (timeout != null && (timeout.isNegative() || !timeout.equals(Duration.ofMillis(timeout.toMillis())))) {
            throw new IllegalArgumentException(
                    name + " is a number of whole milliseconds to PostgreSQL, not " + timeout);
        }
    }
}
