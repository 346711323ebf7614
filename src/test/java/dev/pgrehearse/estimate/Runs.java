package dev.pgrehearse.estimate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingFormatException;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.recording.SizeFacts;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Recordings of quiet runs of one statement, from arithmetic. */
final class Runs {
    static final double MIB = 1 << 20;
    /** Of a row. */
    static final int HEAP_BYTES = 100;

    private static final ObjectMapper JSON = RecordingJson.mapper();

    private Runs() {}

    /** What a statement did. */
    record Did(
            String sql,
            boolean wrapped,
            Map<String, String> locks,
            List<String> rewrote,
            List<String> scanned,
            List<String> made) {
        static Did of(String sql, Map<String, String> locks) {
            return new Did(sql, true, locks, List.of(), List.of(), List.of());
        }

        Did scanning(String... tables) {
            return new Did(sql, wrapped, locks, rewrote, List.of(tables), made);
        }

        Did rewriting(String... tables) {
            return new Did(sql, wrapped, locks, List.of(tables), scanned, made);
        }

        /** An index of {@code orders}. */
        Did making(String index) {
            return new Did(sql, wrapped, locks, rewrote, scanned, List.of(index));
        }

        Did unwrapped() {
            return new Did(sql, false, locks, rewrote, scanned, made);
        }
    }

    /** One run that took so long; {@code orders} has 100 bytes a row, {@code customers} a tenth of the rows. */
    static Recording recording(Did did, long rows, double seconds) {
        ObjectNode tree = JSON.valueToTree(SampleRecordings.asWritten());
        ObjectNode statement = (ObjectNode) tree.at("/migration/statements/0");
        statement.put("sql", did.sql());
        statement.put("startMs", 0).put("endMs", seconds * 1e3 + 5).put("lockWaitMs", 5);
        statement.put("wrapped", did.wrapped()).put("walBytes", rows * 20);
        ObjectNode lock = (ObjectNode) statement.at("/locks/0");
        ArrayNode locks = statement.putArray("locks");
        did.locks()
                .forEach((relation, mode) -> locks.add(lock.deepCopy()
                        .put("relation", relation)
                        .put("mode", mode)
                        .put("heldSource", did.wrapped() ? "exact" : "sampled")));
        statement.set("rewrote", JSON.valueToTree(did.rewrote()));
        statement.set("scanned", JSON.valueToTree(did.scanned()));
        ArrayNode tables = ((ObjectNode) tree.get("dataset")).putArray("tables");
        table(tables, "orders", rows);
        table(tables, "customers", rows / 10);
        ArrayNode indexes = tree.putArray("indexes");
        for (String index : did.made()) {
            ObjectNode made = indexes.addObject();
            made.put("name", index).put("table", "orders").putNull("definition");
            made.put("existedBefore", false)
                    .put("existsAfter", true)
                    .put("valid", true)
                    .put("ready", true);
            made.putNull("validBefore").put("enforces", false).put("sizeBytes", rows * 22);
            made.putObject("scans").putNull("baseline").putNull("migration").putNull("recovery");
            made.putNull("coveredBy").putNull("coverage");
        }
        ((ObjectNode) tree.get("host")).put("memoryBytes", 64L << 30);
        return read(tree);
    }

    /**
     * The same run, with what it took of the disk.
     *
     * @param temporary bytes written to temporary files
     * @param created bytes of tables and indexes that were not there before
     */
    static Recording taking(Recording recording, double temporary, double created) {
        ObjectNode tree = JSON.valueToTree(recording);
        ((ObjectNode) tree.at("/migration/statements/0/cost/counters"))
                .put("temporaryBlocksWritten", (long) (temporary / 8192));
        ((ObjectNode) tree.at("/migration/statements/0/cost")).putArray("grown");
        ((ObjectNode) tree.at("/migration/statements/0/cost/disk"))
                .put("peakGrowthBytes", (long) created)
                .put("endGrowthBytes", (long) created)
                .put("createdPeakBytes", (long) created)
                .put("walPeakGrowthBytes", 0);
        return read(tree);
    }

    /** The same run, with this to doubt. */
    static Recording doubting(Recording recording, String id, String text) {
        ObjectNode tree = JSON.valueToTree(recording);
        tree.putArray("doubts").addObject().put("id", id).put("text", text);
        return read(tree);
    }

    private static Recording read(ObjectNode tree) {
        try {
            return RecordingJson.read(JSON.writeValueAsString(tree));
        } catch (RecordingFormatException | JsonProcessingException wrong) {
            throw new IllegalStateException(wrong);
        }
    }

    private static void table(ArrayNode tables, String name, long rows) {
        tables.addObject()
                .put("name", name)
                .put("rows", rows)
                .put("heapBytes", rows * HEAP_BYTES)
                .put("indexBytes", rows * 22);
    }

    /** Settings under which nothing is ever too small, and no build is parallel. */
    static Map<String, Double> roomy() {
        return new java.util.HashMap<>(Map.of(
                "shared_buffers", 1e6 * MIB,
                "maintenance_work_mem", 1e6 * MIB,
                "work_mem", 1e6 * MIB,
                "hash_mem_multiplier", 2.0,
                "max_wal_size", 1e6 * MIB,
                "checkpoint_completion_target", 0.9,
                "min_parallel_table_scan_size", 8 * MIB,
                "max_parallel_maintenance_workers", 0.0,
                "max_parallel_workers", 8.0));
    }

    private static String method(Did did) {
        return did.sql().contains(" using brin ") ? "brin" : "btree";
    }

    static SizeFacts facts(Map<String, Double> settings, Did did, long rows) {
        return new SizeFacts(
                settings,
                Map.of("maintenance_work_mem", MIB, "shared_buffers", 128 * 1024.0, "max_wal_size", 2 * MIB),
                did.made().stream()
                        .map(index -> new SizeFacts.IndexWidth(
                                index, "orders", method(did), 8, rows * 22, false, rows, Set.of(), ""))
                        .toList(),
                List.of(new SizeFacts.Reference("orders", "customers", 8, Set.of("customer_id"), Set.of("id"))),
                List.of());
    }
}
