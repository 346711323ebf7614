package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.ResponseParts;
import dev.pgrehearse.recording.SampleRecordings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a lock forbids against what the workload does, on recordings whose waits and locks are written down here. */
class LockImpactTest {
    /** read_order reads orders, create_order writes it, stock_report reads items; nobody knows of rare_job. */
    private static final String OPERATIONS = """
            [{"operation": "read_order", "readings": 20, "locks": [{"relation": "orders", "mode": "ACCESS SHARE"}]},
             {"operation": "create_order", "readings": 20, "locks": [{"relation": "orders", "mode": "ROW EXCLUSIVE"}]},
             {"operation": "stock_report", "readings": 3, "locks": [{"relation": "items", "mode": "ACCESS SHARE"}]}]""";

    private static Recording recording(String operations, String locks, String... waits) {
        try {
            ObjectNode tree =
                    (ObjectNode) RecordingJson.mapper().readTree(RecordingJson.write(SampleRecordings.asWritten()));
            tree.set("operationLocks", RecordingJson.mapper().readTree(operations));
            ((ObjectNode) tree.at("/migration/statements/0"))
                    .set("locks", RecordingJson.mapper().readTree(locks));
            ArrayNode all = tree.putArray("lockWaits");
            for (String wait : waits) {
                all.add(RecordingJson.mapper().readTree(wait));
            }
            return RecordingJson.read(tree.toString());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String lock(String mode, String relation, double heldMs) {
        return "{\"relation\": \"" + relation + "\", \"mode\": \"" + mode + "\", \"granted\": true, \"waitedMs\": 0,"
                + " \"heldMs\": " + heldMs + ", \"heldSource\": \"exact\", \"longestHeldMs\": null}";
    }

    private static String wait(String operation, String mode, String relation, double ms) {
        return "{\"startMs\": 31000, \"durationMs\": " + ms + ", \"pid\": 7, \"relation\": \"" + relation
                + "\", \"mode\": \"" + mode + "\", \"operation\": \"" + operation
                + "\", \"behind\": \"statement 1\", \"ended\": \"granted\", \"source\": \"log\"}";
    }

    private static String inWords(Recording recording) {
        List<LockImpact> impacts = LockImpact.of(recording);
        assertThat(impacts).hasSize(1);
        return impacts.get(0).inWords().replace('\u00a0', ' ');
    }

    @Test
    void whoWaitedIsToldWithTheLongest() {
        Recording recording = recording(
                OPERATIONS,
                "[" + lock("SHARE", "orders", 61_000) + "]",
                wait("create_order", "ROW EXCLUSIVE", "orders", 61_200),
                wait("create_order", "ROW EXCLUSIVE", "orders", 10),
                wait("autovacuum", "SHARE UPDATE EXCLUSIVE", "orders", 3_000),
                // Another relation, and a mode that SHARE allows: not this lock's doing.
                wait("create_order", "ROW EXCLUSIVE", "items", 99_000),
                wait("read_order", "ACCESS SHARE", "orders", 99_000));

        assertThat(inWords(recording))
                .isEqualTo(
                        "SHARE on orders for 1 min 01 s: forbids INSERT, UPDATE, DELETE;"
                                + " requests of create_order waited 2 times, longest 1 min 01 s; autovacuum waited once, longest 3.0 s");
        LockImpact worst = LockImpact.worst(recording);
        assertThat(worst).isNotNull();
        assertThat(worst.requests()).isEqualTo(2);
    }

    /** Of three waits two were one request's, which was tried again; what another statement did, and another relation, is not in it. */
    @Test
    void aRequestThatIsTriedAgainIsOneThoughItWaitsTwice() throws IOException {
        ObjectNode tree = (ObjectNode) RecordingJson.mapper()
                .readTree(RecordingJson.write(recording(
                        OPERATIONS,
                        "[" + lock("SHARE", "orders", 61_000) + "]",
                        wait("create_order", "ROW EXCLUSIVE", "orders", 61_200),
                        wait("create_order", "ROW EXCLUSIVE", "orders", 5_000),
                        wait("create_order", "ROW EXCLUSIVE", "orders", 5_000))));
        ArrayNode parts = tree.putArray("responseParts");
        parts.add(part("create_order", "orders", "statement 1", 2));
        parts.add(part("create_order", "orders", "statement 2", 1));
        parts.add(part("create_order", "items", "statement 1", 1));
        parts.add(part("read_order", "orders", "statement 1", 1));
        assertThat(inWords(RecordingJson.read(tree.toString())))
                .endsWith(" 2 requests of create_order waited (3 times), longest 1 min 01 s");

        parts.removeAll();
        parts.add(part("create_order", "orders", "statement 1", 3));
        assertThat(inWords(RecordingJson.read(tree.toString())))
                .endsWith(" 3 requests of create_order waited, longest 1 min 01 s");
    }

    private static ObjectNode part(String operation, String relation, String behind, long requests) {
        ResponseParts.Part none = new ResponseParts.Part(0, 0);
        ResponseParts.Parts parts = new ResponseParts.Parts(
                requests,
                none,
                none,
                none,
                none,
                none,
                none,
                List.of(new ResponseParts.LockPart(relation, behind, requests, 5_000, 5_000)),
                0);
        return RecordingJson.mapper().valueToTree(new ResponseParts(operation, "migration", parts, parts, List.of()));
    }

    /** The recording lists two of 18 300 waits: of a statement that ran once the sums over all are its own. */
    @Test
    void ofMoreWaitsThanAreListedTheSumsCount() throws IOException {
        ObjectNode tree = (ObjectNode) RecordingJson.mapper()
                .readTree(RecordingJson.write(recording(
                        OPERATIONS,
                        "[" + lock("SHARE", "orders", 61_000) + "]",
                        wait("create_order", "ROW EXCLUSIVE", "orders", 61_200),
                        wait("create_order", "ROW EXCLUSIVE", "orders", 61_100))));
        ObjectNode waits = (ObjectNode) tree.get("waits");
        waits.put("file", "lock-waits.ndjson");
        waits.set(
                "sums",
                RecordingJson.mapper()
                        .readTree("[" + sum("migration", "statement 1", 18_000) + ","
                                + sum("recovery", "statement 1", 300) + "," + sum("migration", "statement 2", 7)
                                + "]"));

        assertThat(inWords(RecordingJson.read(tree.toString())))
                .endsWith(" requests of create_order waited 18 300 times, longest 1 min 01 s");

        ArrayNode runs = (ArrayNode) tree.at("/migration/statements");
        ObjectNode again = runs.get(0).deepCopy();
        again.put("attempt", 2).put("startMs", 900_000).put("endMs", 900_001);
        runs.add(again);
        assertThat(LockImpact.of(RecordingJson.read(tree.toString()))
                        .get(0)
                        .inWords()
                        .replace('\u00a0', ' '))
                .as("of two runs nobody knows whose the others were")
                .endsWith(" requests of create_order waited at least 2 times, longest 1 min 01 s");
    }

    private static String sum(String phase, String behind, long count) {
        return "{\"phase\": \"" + phase + "\", \"relation\": \"orders\", \"mode\": \"ROW EXCLUSIVE\","
                + " \"operation\": \"create_order\", \"behind\": \"" + behind + "\", \"count\": " + count
                + ", \"totalMs\": 1, \"longestMs\": 61200}";
    }

    @Test
    void whoCouldHaveMetItAndDidNotIsToldApart() {
        assertThat(inWords(recording(OPERATIONS, "[" + lock("ACCESS EXCLUSIVE", "orders", 12) + "]")))
                .endsWith("; operations that do: read_order, create_order; none happened to meet it");
        assertThat(inWords(recording(
                        OPERATIONS,
                        "[" + lock("ACCESS EXCLUSIVE", "orders", 12) + "]",
                        wait("read_order", "ACCESS SHARE", "orders", 11))))
                .endsWith("; 1 request of read_order waited, longest 11 ms; of create_order none happened to meet it");
    }

    @Test
    void theHonestZerosAreThree() {
        assertThat(inWords(recording(OPERATIONS, "[" + lock("SHARE", "customers", 12) + "]")))
                .endsWith("; nobody of this workload touches it");
        assertThat(inWords(recording(OPERATIONS, "[" + lock("SHARE", "items", 12) + "]")))
                .endsWith("; operations use it, but none does what is forbidden");
        assertThat(inWords(recording("[]", "[" + lock("SHARE", "items", 12) + "]")))
                .endsWith("; it was not recorded which operations could meet it");
        assertThat(inWords(recording(
                        "[{\"operation\": \"rare_job\", \"readings\": 0, \"locks\": []}]",
                        "[" + lock("SHARE", "items", 12) + "]")))
                .endsWith("; not known of rare_job");
        assertThat(LockImpact.worst(recording(OPERATIONS, "[" + lock("SHARE", "items", 12) + "]")))
                .isNull();
    }

    @Test
    void whatDisturbsNobodyIsLeftOut() {
        String weak = "[" + lock("ACCESS EXCLUSIVE", "orders", 12) + "," + lock("SHARE", "orders", 12) + ","
                + lock("ACCESS SHARE", "items", 12) + "," + lock("SHARE UPDATE EXCLUSIVE", "items", 12) + "]";

        // Included by ACCESS EXCLUSIVE; harmless; conflicts with nothing that an operation takes.
        assertThat(LockImpact.of(recording(OPERATIONS, weak)))
                .extracting(impact -> impact.lock().mode())
                .containsExactly("ACCESS EXCLUSIVE");
        // An operation that vacuums would meet it.
        assertThat(inWords(recording(
                        "[{\"operation\": \"tidy\", \"readings\": 1, \"locks\":"
                                + " [{\"relation\": \"items\", \"mode\": \"SHARE UPDATE EXCLUSIVE\"}]}]",
                        "[" + lock("SHARE UPDATE EXCLUSIVE", "items", 12) + "]")))
                .contains("forbids schema changes, VACUUM and ANALYZE; operations that do: tidy");
    }

    @Test
    void aLockThatWasNeverHadStillForbadeWhileItWasWaitedFor() {
        String gaveUp = lock("ACCESS EXCLUSIVE", "orders", 0)
                .replace("\"granted\": true, \"waitedMs\": 0", "\"granted\": false, \"waitedMs\": 2000");

        assertThat(inWords(
                        recording(OPERATIONS, "[" + gaveUp + "]", wait("read_order", "ACCESS SHARE", "orders", 1_990))))
                .startsWith("ACCESS EXCLUSIVE on orders, waited for 2.0 s and never had: forbids SELECT")
                .contains("1 request of read_order waited, longest 2.0 s");
    }
}
