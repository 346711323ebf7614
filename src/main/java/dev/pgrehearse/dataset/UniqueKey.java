package dev.pgrehearse.dataset;

import java.util.List;

/**
 * A unique index over plain columns, with or without a constraint.
 *
 * @param name the index's name
 * @param table OID of its table
 * @param columns the key columns' numbers
 * @param primary whether it is the primary key
 * @param partial whether it covers but some rows
 */
record UniqueKey(String name, long table, List<Integer> columns, boolean primary, boolean partial) {}
