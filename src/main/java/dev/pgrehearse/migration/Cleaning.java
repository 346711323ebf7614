package dev.pgrehearse.migration;

import java.util.List;

/** Decides what cleans up after a migration that was stopped half-way. */
@FunctionalInterface
public interface Cleaning {
    /** Nothing does. */
    Cleaning NONE = (stop, given, firstIndex) -> List.of();

    /**
     * Called right after the stop, on the migration's thread; what it takes, the cleaning is late by.
     *
     * @param given the statements that the scenario gives for it; empty when it gives none
     * @param firstIndex the index of the first statement
     * @return the statements to run, numbered from there
     */
    List<SqlStatement> after(StopSeen stop, List<SqlStatement> given, int firstIndex);
}
