package dev.pgrehearse.calibration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;

/**
 * What {@code EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)} says of a query that was run: the server's own figures, without the
 * network.
 *
 * @param milliseconds of its execution
 * @param hit blocks that were in shared buffers
 * @param read blocks that were not
 * @param ioMilliseconds that it waited for those; null unless {@code track_io_timing} is on
 * @param sortSpace {@code Memory} or {@code Disk}; null without a sort
 */
record Explained(
        double milliseconds,
        long hit,
        long read,
        @Nullable Double ioMilliseconds,
        @Nullable String sortSpace) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads the plan. */
    static Explained of(String json) {
        try {
            JsonNode explained = JSON.readTree(json).path(0);
            JsonNode plan = explained.path("Plan");
            // PostgreSQL 17 has given it another name; neither is there while track_io_timing is off.
            JsonNode io = plan.path("Shared I/O Read Time").isMissingNode()
                    ? plan.path("I/O Read Time")
                    : plan.path("Shared I/O Read Time");
            JsonNode sort = plan.findPath("Sort Space Type");
            return new Explained(
                    explained.path("Execution Time").asDouble(),
                    plan.path("Shared Hit Blocks").asLong(),
                    plan.path("Shared Read Blocks").asLong(),
                    io.isMissingNode() ? null : Double.valueOf(io.asDouble()),
                    sort.isMissingNode() ? null : sort.asText());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("PostgreSQL's EXPLAIN is JSON", impossible);
        }
    }
}
