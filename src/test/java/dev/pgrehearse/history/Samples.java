package dev.pgrehearse.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Curve;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.estimate.Space;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.estimate.StatementSpace;
import dev.pgrehearse.estimate.Term;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingFormatException;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Estimates of the scenario {@code lock-queue}, variant {@code as-written}, and recordings of it, all from arithmetic. */
public final class Samples {
    public static final String INDEX = "create index i on orders (a)";
    public static final String VALIDATE = "alter table orders validate constraint c";
    public static final String ESTIMATED_AT = "2026-03-01T01:00:00Z";
    public static final String RECORDED_AT = "2026-03-01T01:45:00Z";
    public static final String NOW = "2026-03-02T00:00:00Z";
    public static final String MACHINE =
            "PostgreSQL 18.6 (embedded) on 8\u00a0processors, 31\u00a0GB of memory, Linux 6.1.0";
    static final long ROWS = 1_000_000;
    static final double LOCK_WAIT_MS = 5;
    private static final ObjectMapper JSON = RecordingJson.mapper();

    private Samples() {}

    /** A statement of a recording. */
    public record Ran(String sql, double seconds) {}

    /** The migration of these statements, measured beside a load, with {@link #ROWS} in orders and a tenth in customers. */
    public static Recording recording(Ran... ran) {
        return recording(tree -> {}, ran);
    }

    /** The same, changed. */
    public static Recording recording(Consumer<ObjectNode> change, Ran... ran) {
        ObjectNode tree = JSON.valueToTree(SampleRecordings.asWritten());
        ObjectNode sample = (ObjectNode) tree.at("/migration/statements/0");
        ArrayNode statements = ((ObjectNode) tree.get("migration")).putArray("statements");
        for (int i = 0; i < ran.length; i++) {
            statements.add(sample.deepCopy()
                    .put("index", i + 1)
                    .put("sql", ran[i].sql())
                    .put("startMs", 0)
                    .put("endMs", ran[i].seconds() * 1e3 + LOCK_WAIT_MS)
                    .put("lockWaitMs", LOCK_WAIT_MS));
        }
        rows(tree, Map.of("orders", ROWS, "customers", ROWS / 10));
        change.accept(tree);
        try {
            return RecordingJson.read(JSON.writeValueAsString(tree));
        } catch (RecordingFormatException | JsonProcessingException wrong) {
            throw new IllegalStateException(wrong);
        }
    }

    static void rows(ObjectNode recording, Map<String, Long> rows) {
        ArrayNode tables = ((ObjectNode) recording.get("dataset")).putArray("tables");
        rows.forEach((name, count) -> tables.addObject()
                .put("name", name)
                .put("rows", count)
                .put("heapBytes", count * 100)
                .put("indexBytes", count * 20));
    }

    /** That takes so long; its top rung was a tenth of the target. */
    public static StatementEstimate known(int index, String sql, Operation operation, double central, double upper) {
        return statement(
                index,
                sql,
                operation,
                new Extrapolation(central, upper, 10, new Curve(List.of(Term.ONE), List.of(central)), 0, central));
    }

    /** That nobody can tell. */
    public static StatementEstimate unknown(int index, String sql) {
        return statement(index, sql, Operation.SCAN, null);
    }

    private static StatementEstimate statement(
            int index, String sql, Operation operation, @Nullable Extrapolation duration) {
        return new StatementEstimate(
                index,
                "as-written.sql",
                3,
                sql,
                operation,
                "orders",
                ROWS,
                List.of(Measurement.of(50_000, 0.6, 0.625), Measurement.of(100_000, 1.25, 1.5)),
                duration,
                duration == null ? List.of("A cliff is in the way.") : List.of(),
                List.of(),
                List.of(),
                null,
                null,
                StatementSpace.NONE,
                null,
                null,
                0,
                null);
    }

    /** For {@link #ROWS} in orders. */
    public static Estimate estimate(StatementEstimate... statements) {
        return new Estimate(
                "lock-queue",
                "as-written",
                Map.of("orders", ROWS, "customers", ROWS / 10),
                List.of(Map.of("orders", 50_000L), Map.of("orders", 100_000L)),
                List.of(statements),
                null,
                null,
                null,
                Arrays.stream(statements).allMatch(StatementEstimate::known)
                        ? Estimate.Answer.FITS
                        : Estimate.Answer.UNKNOWN,
                List.of(),
                MACHINE,
                Space.NONE);
    }

    /** What one command wrote. */
    public static Estimates written(Estimate... estimates) {
        return new Estimates(Estimates.FORMAT, ESTIMATED_AT, List.of(estimates));
    }

    /** A line of the history: recording number {@code of}, statement 1. */
    public static CheckedStatement checked(int of, Operation operation, double central, double upper, double measured) {
        return new CheckedStatement(
                CheckedStatement.FORMAT,
                NOW,
                "shop",
                "as-written",
                "2026-03-01T01:00:00." + (100 + of) + "Z",
                ESTIMATED_AT,
                1,
                "ab",
                operation,
                "orders",
                ROWS,
                ROWS,
                of,
                central,
                upper,
                measured,
                of % 2 == 0,
                MACHINE);
    }
}
