package dev.pgrehearse.scenario;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something planted beside the load that must stand when the migration starts.
 *
 * @param kind what is planted
 * @param table the table it holds on to; {@link #ALL_TABLES} for a dump
 * @param sql what an idle transaction ran before it fell idle, or a batch job executes; null for the kind's own
 * @param startsBefore how long before the migration's start it is planted
 * @param lasts how long it stays from then on, at most
 * @param every the period of a batch job; null for all others
 * @param toPreventWraparound whether an autovacuum prevents wraparound
 * @param program whether a dump is pg_dump itself where that is present
 */
public record AdversarySpec(
        Kind kind,
        String table,
        @Nullable String sql,
        Duration startsBefore,
        Duration lasts,
        @Nullable Duration every,
        boolean toPreventWraparound,
        boolean program) {
    /** What a dump holds on to, in words. */
    public static final String ALL_TABLES = "all tables";

    /** One that holds on to a table and stands still. */
    public AdversarySpec(Kind kind, String table, @Nullable String sql, Duration startsBefore, Duration lasts) {
        this(kind, table, sql, startsBefore, lasts, null, false, false);
    }

    /** What can be planted. */
    public enum Kind {
        /** One SELECT on the table that takes all the time: holds ACCESS SHARE and a snapshot. */
        LONG_READ("longRead"),
        /** A READ COMMITTED transaction that did something and fell idle: holds its locks, but no snapshot. */
        IDLE_IN_TRANSACTION("idleInTransaction"),
        /** A REPEATABLE READ transaction that read something and fell idle: holds its locks and its snapshot. */
        OLD_SNAPSHOT("oldSnapshot"),
        /** ACCESS SHARE on every user table and one snapshot. */
        DUMP("dump"),
        /** A writer that comes again and again, each time in one transaction. */
        BATCH_JOB("batchJob"),
        /** An autovacuum worker at work on the table. */
        AUTOVACUUM("autovacuum");

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
