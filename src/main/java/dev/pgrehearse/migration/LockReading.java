package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.LockMode;

/**
 * A lock that a statement took on a relation and kept, as the server's {@code pg_locks} showed it before the commit.
 *
 * @param relation schema-qualified unless in {@code public}, without quotes; {@code t (TOAST)} for the TOAST table of t
 * @param mode the mode
 */
public record LockReading(String relation, LockMode mode) {}
