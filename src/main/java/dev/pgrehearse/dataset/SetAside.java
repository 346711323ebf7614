package dev.pgrehearse.dataset;

import java.util.List;

/**
 * An index or a constraint that is dropped while its table is loaded and made again afterwards.
 *
 * @param table OID of its table
 * @param name its name, for messages
 * @param drop the statement that drops it
 * @param restore the statements that make it again as it was, comment included
 */
record SetAside(long table, String name, String drop, List<String> restore) {}
