package dev.pgrehearse.scenario;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something planted beside the load that must stand when the migration starts.
 *
 * @param kind what is planted
 * @param table the table it holds on to
 * @param sql what an idle transaction ran before it fell idle; null for one read of {@code table}
 * @param startsBefore how long before the migration's start it is planted
 * @param lasts how long it stays from then on
 */
public record AdversarySpec(
        Kind kind, String table, @Nullable String sql, Duration startsBefore, Duration lasts) {
    /** What can be planted. */
    public enum Kind {
        /** One SELECT on the table that takes all the time: holds ACCESS SHARE and a snapshot. */
        LONG_READ("longRead"),
        /** A READ COMMITTED transaction that did something and fell idle: holds its locks, but no snapshot. */
        IDLE_IN_TRANSACTION("idleInTransaction"),
        /** A REPEATABLE READ transaction that read something and fell idle: holds its locks and its snapshot. */
        OLD_SNAPSHOT("oldSnapshot");

        private final String key;

        Kind(String key) {
            this.key = key;
        }

        /** The name in scenario files, recordings and reports. */
        public String key() {
            return key;
        }
    }
}
