package dev.pgrehearse.recording;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.scenario.Limits.ResponseLimit;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The limits as {@code recording.json} and {@code verdict.json} hold them: durations in milliseconds, as everywhere
 * in these files, exact to the nanosecond. Stateless.
 */
public final class LimitsJson {
    private static final int NANOS_SCALE = 6;
    private static final String STANDBY_LAG = "standbyLagMs";
    private static final Set<String> KEYS = Set.of(
            "longestStallMs",
            "errorRate",
            "poolExhaustedMs",
            "lockHeldMs",
            "lockWaitMs",
            "durationMs",
            STANDBY_LAG,
            "response",
            "operations",
            "defaulted");
    private static final Set<String> RESPONSE_KEYS = Set.of("p99Ms", "p99TimesBaseline");

    private LimitsJson() {}

    /** The limits as a JSON object. */
    public static ObjectNode write(Limits limits) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("longestStallMs", millis(limits.longestStall()));
        node.put("errorRate", limits.errorRate());
        node.put("poolExhaustedMs", millis(limits.poolExhausted()));
        node.put("lockHeldMs", millis(limits.lockHeld()));
        node.put("lockWaitMs", millis(limits.lockWait()));
        node.put("durationMs", millis(limits.duration()));
        node.put(STANDBY_LAG, millis(limits.standbyLag()));
        node.set("response", write(limits.response()));
        ObjectNode operations = node.putObject("operations");
        limits.operations().forEach((name, limit) -> operations.set(name, write(limit)));
        ArrayNode defaulted = node.putArray("defaulted");
        limits.defaulted().stream().sorted().forEach(defaulted::add);
        return node;
    }

    /**
     * The limits that a JSON object holds.
     *
     * @throws RecordingFormatException when a key is missing, unknown, or not what it should be
     */
    public static Limits read(JsonNode node) throws RecordingFormatException {
        checkKeys(node, KEYS, "limits");
        Map<String, ResponseLimit> operations = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.path("operations").properties()) {
            operations.put(entry.getKey(), readResponse(entry.getValue(), "limits.operations." + entry.getKey()));
        }
        Set<String> defaulted = new LinkedHashSet<>();
        node.path("defaulted").forEach(key -> defaulted.add(key.asText()));
        return new Limits(
                duration(node, "longestStallMs"),
                number(node, "errorRate").doubleValue(),
                duration(node, "poolExhaustedMs"),
                duration(node, "lockHeldMs"),
                duration(node, "lockWaitMs"),
                duration(node, "durationMs"),
                node.has(STANDBY_LAG) ? duration(node, STANDBY_LAG) : Limits.DEFAULT_STANDBY_LAG,
                readResponse(node.path("response"), "limits.response"),
                operations,
                defaulted);
    }

    private static ObjectNode write(ResponseLimit limit) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        Duration p99 = limit.p99();
        node.put("p99Ms", p99 == null ? null : millis(p99));
        node.put("p99TimesBaseline", limit.p99TimesBaseline());
        return node;
    }

    private static ResponseLimit readResponse(JsonNode node, String where) throws RecordingFormatException {
        checkKeys(node, RESPONSE_KEYS, where);
        @Nullable Duration p99 = node.path("p99Ms").isNull() ? null : duration(node, "p99Ms");
        @Nullable
        Double times = node.path("p99TimesBaseline").isNull()
                ? null
                : number(node, "p99TimesBaseline").doubleValue();
        return new ResponseLimit(p99, times);
    }

    private static void checkKeys(JsonNode node, Set<String> keys, String where) throws RecordingFormatException {
        if (!node.isObject()) {
            throw new RecordingFormatException(where + " is not a JSON object, so the recording cannot be judged");
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!keys.contains(entry.getKey())) {
                throw new RecordingFormatException(where + " has an unknown key: " + entry.getKey());
            }
        }
        for (String key : keys) {
            // Recorded before there were standbys: then there was none, and the limit is of no consequence.
            if (!node.has(key) && !key.equals(STANDBY_LAG)) {
                throw new RecordingFormatException(where + " lacks the key " + key);
            }
        }
    }

    private static BigDecimal number(JsonNode node, String key) throws RecordingFormatException {
        JsonNode value = node.path(key);
        if (!value.isNumber()) {
            throw new RecordingFormatException("limits: " + key + " should be a number, but is " + value);
        }
        return value.decimalValue();
    }

    private static Duration duration(JsonNode node, String key) throws RecordingFormatException {
        try {
            BigDecimal nanos = number(node, key).movePointRight(NANOS_SCALE);
            return Duration.ofNanos(
                    nanos.setScale(0, java.math.RoundingMode.HALF_EVEN).longValueExact());
        } catch (ArithmeticException e) {
            throw new RecordingFormatException("limits: " + key + " is too large: " + node.path(key), e);
        }
    }

    private static BigDecimal millis(Duration duration) {
        BigDecimal nanos =
                BigDecimal.valueOf(duration.getSeconds()).movePointRight(9).add(BigDecimal.valueOf(duration.getNano()));
        BigDecimal millis = nanos.movePointLeft(NANOS_SCALE).stripTrailingZeros();
        return millis.scale() < 0 ? millis.setScale(0) : millis;
    }
}
