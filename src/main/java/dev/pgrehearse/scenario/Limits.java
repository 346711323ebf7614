package dev.pgrehearse.scenario;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the verdict holds a recording against. A measured value above its limit is a NO-GO.
 *
 * @param longestStall per operation, the longest span in which requests were offered and none succeeded
 * @param errorRate share of the requests offered during migration and recovery that did not end {@code ok}, 0 to 1
 * @param poolExhausted the longest single span in which an instance's pool had no free connection and requests waited
 * @param lockHeld the longest time that a lock which forbids reads or writes may be held
 * @param lockWait the longest time that a migration's statement may wait for a lock
 * @param duration the longest time that the whole migration may take
 * @param standbyLag the longest time that replay on the standby may be behind the primary; of no consequence without one
 * @param response what the response time of each operation may be; of those not in {@code operations}
 * @param operations limits of single operations by name
 * @param defaulted the names (keys of the file) of the limits that the scenario left out
 */
public record Limits(
        Duration longestStall,
        double errorRate,
        Duration poolExhausted,
        Duration lockHeld,
        Duration lockWait,
        Duration duration,
        Duration standbyLag,
        ResponseLimit response,
        Map<String, ResponseLimit> operations,
        Set<String> defaulted) {
    /** PostgreSQL's own {@code max_standby_streaming_delay}: longer than that no read is let hold replay up. */
    public static final Duration DEFAULT_STANDBY_LAG = Duration.ofSeconds(30);

    /**
     * What p99 of the response time during migration and recovery may be: the larger of the two bounds that are set.
     *
     * @param p99 an absolute bound; null for none
     * @param p99TimesBaseline a multiple of the baseline's p99; null for none
     */
    public record ResponseLimit(
            @Nullable Duration p99, @Nullable Double p99TimesBaseline) {}

    /** The response limit that holds for an operation. */
    public ResponseLimit responseOf(String operation) {
        return operations.getOrDefault(operation, response);
    }
}
