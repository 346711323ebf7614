package dev.pgrehearse.dataset;

import java.util.List;

/**
 * A foreign key.
 *
 * @param name the constraint's name
 * @param table OID of the table that refers
 * @param columns its columns' numbers
 * @param parent OID of the table referred to
 * @param parentColumns its columns' numbers, in the same order
 */
record ForeignKey(String name, long table, List<Integer> columns, long parent, List<Integer> parentColumns) {}
