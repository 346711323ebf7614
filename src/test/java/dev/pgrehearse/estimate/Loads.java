package dev.pgrehearse.estimate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingFormatException;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import java.util.List;
import java.util.function.Consumer;

/**
 * Recordings under load, from arithmetic: 300 requests a second of which one in five is {@code create_order}, which writes
 * {@code orders}; the others are {@code read_order}, which read it. Nothing broke a limit but what a test makes of it.
 */
final class Loads {
    static final double START_MS = SampleRecordings.BASELINE_MS;
    private static final ObjectMapper JSON = RecordingJson.mapper();

    private Loads() {}

    /** What is seen of one statement that holds its lock from its start to its end, and whom that makes wait. */
    static Recording recording(Did did, long rows, double heldSeconds, String... waiting) {
        return edited(quiet(did, rows, heldSeconds), tree -> {
            ArrayNode waits = (ArrayNode) tree.get("lockWaits");
            for (String operation : waiting) {
                waits.add(wait(operation, "orders", heldSeconds * 1e3));
                stall(tree, operation, heldSeconds * 1e3);
            }
            ObjectNode blocking = (ObjectNode) tree.at("/migration/statements/0/blocking");
            blocking.put("requests", waiting.length).put("longestMs", waiting.length == 0 ? 0 : heldSeconds * 1e3);
            blocking.set("operations", JSON.valueToTree(List.of(waiting)));
        });
    }

    /** The same, and nobody waits. */
    private static Recording quiet(Did did, long rows, double heldSeconds) {
        ObjectNode tree = JSON.valueToTree(SampleRecordings.withTimeout());
        ObjectNode run = JSON.valueToTree(Runs.recording(did, rows, heldSeconds));
        ObjectNode statement = (ObjectNode) run.at("/migration/statements/0");
        statement
                .put("startMs", START_MS)
                .put("endMs", START_MS + heldSeconds * 1e3)
                .put("lockWaitMs", 0);
        statement
                .withArray("locks")
                .forEach(lock -> ((ObjectNode) lock)
                        .put("waitedMs", 0)
                        .put("heldMs", heldSeconds * 1e3)
                        .put("granted", true));
        ((ObjectNode) tree.get("migration"))
                .put("durationMs", heldSeconds * 1e3)
                .put("attempts", 1)
                .set("statements", JSON.createArrayNode().add(statement));
        tree.set("dataset", run.get("dataset"));
        tree.set("indexes", run.get("indexes"));
        tree.putArray("lockWaits");
        tree.putArray("adversaries");
        for (String operation : List.of("read_order", "create_order")) {
            stall(tree, operation, 0);
        }
        tree.get("pools")
                .forEach(pool -> ((ObjectNode) pool)
                        .put("exhaustedMs", 0)
                        .put("longestExhaustedMs", 0)
                        .putNull("firstExhaustedMs"));
        return read(tree);
    }

    /** A wait for a relation behind statement 1, from its start. */
    static ObjectNode wait(String operation, String relation, double ms) {
        return JSON.createObjectNode()
                .put("startMs", START_MS)
                .put("durationMs", ms)
                .put("pid", 7)
                .put("relation", relation)
                .put("mode", relation.startsWith("(") ? "SHARE" : "ROW EXCLUSIVE")
                .put("operation", operation)
                .put("behind", "statement 1")
                .put("ended", "granted")
                .put("source", "log")
                .put("kind", relation.startsWith("(") ? "transactionid" : "relation")
                .putNull("statement")
                .putNull("place")
                .putNull("queue")
                .put("ahead", 0);
    }

    /** How long an operation stood still during the migration. */
    static void stall(ObjectNode tree, String operation, double ms) {
        tree.at("/requests/operations").forEach(each -> {
            if (each.get("name").asText().equals(operation)) {
                ((ObjectNode) each.at("/phases/migration")).put("stallMs", ms).put("stallStartMs", START_MS);
            }
        });
    }

    /** Both pools empty from one moment after the statement's start to its end. */
    static void exhausted(ObjectNode tree, double afterMs, double untilMs) {
        tree.get("pools")
                .forEach(pool -> ((ObjectNode) pool)
                        .put("exhaustedMs", untilMs - afterMs)
                        .put("longestExhaustedMs", untilMs - afterMs)
                        .put("firstExhaustedMs", START_MS + afterMs));
    }

    static Recording edited(Recording recording, Consumer<ObjectNode> edit) {
        ObjectNode tree = JSON.valueToTree(recording);
        edit.accept(tree);
        return read(tree);
    }

    private static Recording read(ObjectNode tree) {
        try {
            return RecordingJson.read(JSON.writeValueAsString(tree));
        } catch (RecordingFormatException | com.fasterxml.jackson.core.JsonProcessingException wrong) {
            throw new IllegalStateException(wrong);
        }
    }
}
