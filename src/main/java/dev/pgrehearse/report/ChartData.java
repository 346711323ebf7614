package dev.pgrehearse.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.Timeline;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.verdict.Statements;
import java.util.Arrays;
import java.util.List;

/**
 * The timeline of a rehearsal as JSON for the page's charts. Stateless.
 *
 * <p>At most {@link #MOST_POINTS} points: neighbouring buckets are put together, requests added up, peaks kept as peaks,
 * so a short peak is never averaged away.
 */
final class ChartData {
    static final int MOST_POINTS = 600;

    private static final int MOST_BANDS = 200;

    /** Added up when buckets are put together; of all others the largest stays. */
    private static final List<String> AMOUNTS = List.of("offered", "ok", "errors");

    private static final List<String> PEAKS = List.of(
            "p50Ms",
            "p99Ms",
            "poolActive",
            "poolPending",
            "poolSize",
            "blockedSessions",
            "workersBusy",
            "workersForNobody",
            "queued",
            "instances",
            "instancesReady",
            StandbyFacts.LAG_MS,
            StandbyFacts.BLOCKED,
            "cpuServer",
            "cpuMigration",
            "cpuTool",
            "diskRelations",
            "diskTemporary",
            "diskWal");

    private ChartData() {}

    /** How much time one point stands for, in milliseconds. */
    static double pointMs(Timeline timeline) {
        return timeline.stepMs() * bucketsPerPoint(timeline);
    }

    /** JSON that may stand within a {@code script} element: what could end the element is written as an escape. */
    static String of(Recording recording) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        Timeline timeline = recording.timeline();
        if (timeline != null) {
            node.put("startMs", timeline.startMs());
            node.put("stepMs", pointMs(timeline));
            ObjectNode series = node.putObject("series");
            AMOUNTS.forEach(name -> put(series, timeline, name, true));
            if (retried(recording)) {
                put(series, timeline, "tries", true);
            }
            PEAKS.forEach(name -> put(series, timeline, name, false));
        }
        ArrayNode phases = node.putArray("phases");
        for (Phase phase : recording.phases()) {
            phases.addObject()
                    .put("name", phase.name())
                    .put("startMs", phase.startMs())
                    .put("endMs", phase.endMs());
        }
        ArrayNode bands = node.putArray("statements");
        for (Statement run :
                Statements.runs(recording).stream().limit(MOST_BANDS).toList()) {
            bands.addObject().put("startMs", run.startMs()).put("endMs", run.endMs());
        }
        ProgressChart.put(recording, node.putArray("progress"));
        ArrayNode events = node.putArray("events");
        recording.events().stream()
                .limit(MOST_BANDS)
                .forEach(event -> events.addObject().put("atMs", event.atMs()).put("text", event.text()));
        return ScriptJson.of(node);
    }

    /** Whether clients tried again. */
    static boolean retried(Recording recording) {
        return recording.requests() != null
                && recording.requests().attempts() > recording.requests().offered();
    }

    /** Whether a series was measured at all. */
    static boolean has(Recording recording, String name) {
        Timeline timeline = recording.timeline();
        return timeline != null
                && Arrays.stream(timeline.series().getOrDefault(name, new double[0]))
                        .anyMatch(Double::isFinite);
    }

    /** Whether a series ever has another value than at first. */
    static boolean changes(Recording recording, String name) {
        Timeline timeline = recording.timeline();
        return timeline != null
                && Arrays.stream(timeline.series().getOrDefault(name, new double[0]))
                                .filter(Double::isFinite)
                                .distinct()
                                .count()
                        > 1;
    }

    private static int bucketsPerPoint(Timeline timeline) {
        int buckets = timeline.series().values().stream()
                .mapToInt(values -> values.length)
                .max()
                .orElse(0);
        return Math.max(1, (buckets + MOST_POINTS - 1) / MOST_POINTS);
    }

    private static void put(ObjectNode series, Timeline timeline, String name, boolean amount) {
        double[] values = timeline.series().get(name);
        if (values == null) {
            return;
        }
        int each = bucketsPerPoint(timeline);
        ArrayNode points = series.putArray(name);
        for (int from = 0; from < values.length; from += each) {
            int to = Math.min(values.length, from + each);
            double value = amount
                    ? sum(values, from, to) * 1000 / ((to - from) * timeline.stepMs())
                    : largest(values, from, to);
            if (Double.isFinite(value)) {
                points.add(rounded(value));
            } else {
                points.addNull();
            }
        }
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }

    private static double largest(double[] values, int from, int to) {
        double largest = Double.NaN;
        for (int i = from; i < to; i++) {
            if (Double.isNaN(largest) || values[i] > largest) {
                largest = values[i];
            }
        }
        return largest;
    }

    /** Four significant digits: a chart shows no more, and the page stays small. */
    private static double rounded(double value) {
        return value == 0
                ? 0
                : new java.math.BigDecimal(value)
                        .round(new java.math.MathContext(4))
                        .doubleValue();
    }
}
