package dev.pgrehearse.migration;

import java.util.Locale;

/** How one run of a statement, or the whole migration, ended. */
public enum RunOutcome {
    OK,
    FAILED,
    /** Failed for a lock and tried again; never the outcome of a whole migration. */
    RETRIED,
    INTERRUPTED,
    /** Stopped half-way, as the scenario says. */
    STOPPED;

    /** The name in recordings: {@code retried}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return key();
    }
}
