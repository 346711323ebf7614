package dev.pgrehearse.migration;

/**
 * A relation that existed at some moment, no temporary one.
 *
 * @param name schema-qualified unless in {@code public}; {@code t (TOAST)} for the TOAST table of t
 * @param catalogue whether it is one of the server's own
 * @param toast whether it is a TOAST table or the index of one
 * @param storage its {@code relfilenode}; 0 when it has no storage
 * @param estimatedRows {@code reltuples}; -1 when nobody has counted yet
 */
record Relation(String name, boolean catalogue, boolean toast, long storage, double estimatedRows) {}
