package dev.pgrehearse.dataset;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was done to the caches, and what PostgreSQL's own buffers hold since.
 *
 * @param method how it was done
 * @param shareByTable by table, the share of its heap, TOAST and index blocks in the shared buffers, 0 to 1; empty when
 *     the server has no {@code pg_buffercache} to read it with. Below 1 when the buffers are smaller than the data: the
 *     rest was read and may be in the operating system's cache
 * @param buffersUsed the share of all shared buffers that hold something, 0 to 1; 0 when nobody can tell
 */
public record CacheState(Method method, Map<String, Double> shareByTable, double buffersUsed) {
    public CacheState {
        shareByTable = Collections.unmodifiableMap(new LinkedHashMap<>(shareByTable));
    }

    /** How caches were warmed. */
    public enum Method {
        /** By {@code pg_prewarm}: every block of tables and indexes was read into the buffers. */
        PREWARMED,
        /** By sequential scans, where {@code pg_prewarm} is missing: indexes were not read. */
        SCANNED,
        /** Not at all: the scenario wants them cold. */
        LEFT_COLD
    }
}
