package dev.pgrehearse.observe;

import dev.pgrehearse.recording.Recording;
import java.util.List;

/**
 * What is in the catalogue at some moment, and was not when the observer was opened. Immutable.
 *
 * @param leftovers by name
 * @param invalidIndexes the INVALID indexes among them, with schema and quoted, as SQL wants them
 */
public record LeftBehind(Recording.Leftovers leftovers, List<String> invalidIndexes) {}
