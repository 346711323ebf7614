package dev.pgrehearse.migration;

/**
 * A relation of the user's that existed at some moment.
 *
 * @param name schema-qualified unless in {@code public}; {@code t (TOAST)} for the TOAST table of t
 * @param toast whether it is a TOAST table or the index of one
 * @param storage its {@code relfilenode}; 0 when it has no storage
 * @param estimatedRows {@code reltuples}; -1 when nobody has counted yet
 */
record Relation(String name, boolean toast, long storage, double estimatedRows) {}
