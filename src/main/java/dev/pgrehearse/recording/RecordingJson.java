package dev.pgrehearse.recording;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recordings as JSON: pretty, in a stable order (records as declared, maps by key), what was not measured as
 * {@code null}. Thread-safe.
 *
 * <p>Reading is strict: a field that is unknown or missing is refused, since leaving one out or taking its zero for a
 * figure would make a wrong verdict out of a damaged file.
 */
public final class RecordingJson {
    private static final Pattern FORMAT = Pattern.compile("pgrehearse-recording/(\\d{1,9})");
    private static final int FORMAT_NUMBER = 1;

    /** A histogram in base64 is long, a long statement may be longer: Jackson's own bound is 20 MB. */
    private static final int LONGEST_STRING = 200_000_000;

    private static final ObjectMapper MAPPER = build();
    private static final ObjectWriter LINES = MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT);

    private RecordingJson() {}

    /** A mapper of the caller's own, with all that recordings, facts and verdicts need. */
    public static ObjectMapper mapper() {
        return MAPPER.copy();
    }

    /** The recording as JSON text. */
    public static String write(Recording recording) throws JsonProcessingException {
        return MAPPER.writeValueAsString(recording) + "\n";
    }

    /** One of its parts as one line, without a line's end. */
    static String line(Object part) throws JsonProcessingException {
        return LINES.writeValueAsString(part);
    }

    /** Writes the recording into a file, which is whole or not there: it is written beside and then moved. */
    public static void write(Recording recording, Path file) throws IOException {
        WholeFile.write(file, write(recording));
    }

    /**
     * The recording in a file.
     *
     * @throws RecordingFormatException when the file is not one, or was written in a newer format
     * @throws IOException when it cannot be read
     */
    public static Recording read(Path file) throws IOException {
        try {
            return read(Files.readString(file));
        } catch (RecordingFormatException e) {
            throw new RecordingFormatException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The recording in a JSON text.
     *
     * @throws RecordingFormatException when the text is not one, or was written in a newer format
     */
    public static Recording read(String json) throws RecordingFormatException {
        try {
            JsonNode tree = MAPPER.readTree(json);
            checkFormat(tree);
            completeWithoutHoldsAndProgress(tree);
            if (tree.get("dataset") instanceof ObjectNode dataset && !dataset.has("fidelity")) {
                // Recorded before datasets were generated from profiles.
                dataset.putNull("fidelity");
            }
            withoutQueues(tree);
            if (tree instanceof ObjectNode recording && !recording.has("standby")) {
                // Recorded before there were standbys.
                recording.putNull("standby");
            }
            if (tree instanceof ObjectNode recording && !recording.has("changes")) {
                // Recorded before plans, tables and errors were.
                recording.set("changes", MAPPER.valueToTree(Changes.NONE));
            }
            addCosts(tree);
            addStalls(tree);
            addUsesAndTries(tree);
            return MAPPER.treeToValue(tree, Recording.class);
        } catch (RecordingFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new RecordingFormatException(
                    "this is not a whole recording of the format " + Recording.FORMAT + ": " + e.getMessage()
                            + "\nIf the rehearsal was cut short, fold its journal.ndjson again with `pgrehearse judge`.",
                    e);
        }
    }

    /** Recorded before it was counted which operations scan an index, before earlier tries were taken apart, and before single requests were. */
    private static void addUsesAndTries(JsonNode tree) {
        for (JsonNode index : tree.path("indexes")) {
            if (index instanceof ObjectNode facts && !facts.has("scannedBy")) {
                facts.putNull("scannedBy");
            }
        }
        for (JsonNode operation : tree.path("responseParts")) {
            if (operation instanceof ObjectNode parts && !parts.has("examples")) {
                parts.putArray("examples");
            }
            for (String of : List.of("all", "slowest")) {
                if (operation.path(of) instanceof ObjectNode parts && parts.has("earlierTries")) {
                    parts.set("betweenTries", parts.remove("earlierTries"));
                }
            }
        }
    }

    /** Recorded before queues, deadlocks and the parts of response times were. */
    private static void withoutQueues(JsonNode tree) {
        if (tree instanceof ObjectNode recording && !recording.has("waits")) {
            recording.putArray("responseParts");
            recording.set("waits", MAPPER.valueToTree(LockWaits.NONE));
        }
        for (JsonNode each : tree.path("lockWaits")) {
            if (each instanceof ObjectNode wait && !wait.has("kind")) {
                wait.put("kind", Recording.LockWait.kindOf(wait.path("relation").asText()))
                        .putNull("statement")
                        .putNull("place")
                        .putNull("queue")
                        .put("ahead", 0);
            }
        }
    }

    /** Recorded before the locks of operations and the progress of statements were. */
    private static void completeWithoutHoldsAndProgress(JsonNode tree) {
        if (!(tree instanceof ObjectNode recording) || recording.has("operationLocks")) {
            return;
        }
        recording.putArray("operationLocks");
        recording.putArray("progress");
        for (JsonNode statement : recording.path("migration").path("statements")) {
            boolean exact = false;
            for (JsonNode lock : statement.path("locks")) {
                exact |= lock.path("heldSource").asText().equals("exact");
            }
            ((ObjectNode) statement)
                    .put("locksRead", exact || statement.path("wrapped").asBoolean());
        }
    }

    /** Recorded before disk, memory, blocks and the machine's parts were measured: they are unknown, and not zero. */
    private static void addCosts(JsonNode tree) {
        if (tree instanceof ObjectNode recording && !recording.has("resources")) {
            recording.set("resources", MAPPER.valueToTree(Resources.NONE));
            for (JsonNode statement : recording.path("migration").path("statements")) {
                if (statement instanceof ObjectNode run && !run.has("cost")) {
                    run.putNull("cost");
                }
            }
        }
    }

    /** Recorded before stalls were added up: how long all lasted together is unknown, and not zero. */
    private static void addStalls(JsonNode tree) {
        for (JsonNode operation : tree.path("requests").path("operations")) {
            for (JsonNode phase : operation.path("phases")) {
                if (phase instanceof ObjectNode figures && !figures.has("stalls")) {
                    figures.putNull("stalls");
                }
            }
        }
    }

    private static void checkFormat(JsonNode tree) throws RecordingFormatException {
        String format = tree.path("format").asText("");
        Matcher matcher = FORMAT.matcher(format);
        if (!matcher.matches()) {
            throw new RecordingFormatException("this is not a recording of pgrehearse: its \"format\" is "
                    + (format.isEmpty() ? "missing" : '"' + format + '"') + ", not \"" + Recording.FORMAT + '"');
        }
        int number = Integer.parseInt(matcher.group(1));
        if (number > FORMAT_NUMBER) {
            throw new RecordingFormatException("this recording has format " + number
                    + ", written by a newer pgrehearse; this one reads format " + FORMAT_NUMBER
                    + ". Nothing was judged. Use the pgrehearse that wrote it, or a newer one.");
        }
        if (number < FORMAT_NUMBER) {
            throw new RecordingFormatException("no pgrehearse wrote the format " + format);
        }
    }

    private static ObjectMapper build() {
        SimpleModule outcomes = new SimpleModule("pgrehearse-outcomes");
        outcomes.addKeySerializer(Outcome.class, new OutcomeKeyWriter());
        outcomes.addKeyDeserializer(Outcome.class, new OutcomeKeyReader());
        ObjectMapper mapper = JsonMapper.builder()
                .addModule(new NumberModule())
                .addModule(outcomes)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(LONGEST_STRING)
                        .build());
        return mapper;
    }

    private static final class OutcomeKeyWriter extends StdSerializer<Outcome> {
        private static final long serialVersionUID = 1L;

        OutcomeKeyWriter() {
            super(Outcome.class);
        }

        @Override
        public void serialize(Outcome outcome, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeFieldName(outcome.key());
        }
    }

    private static final class OutcomeKeyReader extends KeyDeserializer {
        @Override
        public Object deserializeKey(String key, DeserializationContext context) throws IOException {
            for (Outcome outcome : Outcome.values()) {
                if (outcome.key().equals(key)) {
                    return outcome;
                }
            }
            return context.handleWeirdKey(Outcome.class, key, "no outcome of a request has this name");
        }
    }
}
