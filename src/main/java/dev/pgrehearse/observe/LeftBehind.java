package dev.pgrehearse.observe;

import dev.pgrehearse.recording.Recording;
import java.util.List;

/**
 * What is in the catalogue at some moment, and was not when the observer was opened. Immutable.
 *
 * @param leftovers by name
 * @param invalidIndexes the INVALID indexes among them that DROP INDEX CONCURRENTLY can drop, with schema and quoted, as
 *     SQL wants them
 * @param undroppable the INVALID indexes that it cannot drop, by name: of a partitioned table, of a partition when it is
 *     attached to such a one, of a constraint, of a TOAST table
 */
public record LeftBehind(Recording.Leftovers leftovers, List<String> invalidIndexes, List<String> undroppable) {}
