package dev.pgrehearse.estimate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.RecordingJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;

/** Reads {@code estimate.json}, as strictly as recordings are: a figure that is missing is no zero. Stateless. */
public final class EstimatesJson {
    private EstimatesJson() {}

    /**
     * The estimates in a file.
     *
     * @throws EstimateFormatException when it holds none, or was written in another format
     * @throws IOException when it cannot be read
     */
    public static Estimates read(Path file) throws IOException {
        try {
            return read(Files.readString(file));
        } catch (EstimateFormatException e) {
            throw new EstimateFormatException(file + ": " + e.getMessage(), e);
        }
    }

    static Estimates read(String json) throws EstimateFormatException {
        ObjectMapper mapper = RecordingJson.mapper();
        try {
            JsonNode tree = mapper.readTree(json);
            String format = tree.path("format").asText("");
            if (!format.equals(Estimates.FORMAT)) {
                throw new EstimateFormatException(
                        "this is no estimate.json that this pgrehearse can read: its \"format\" is "
                                + (format.isEmpty() ? "missing" : '"' + format + '"') + ", not \"" + Estimates.FORMAT
                                + '"');
            }
            var ignored = Instant.parse(tree.path("startedAt").asText(""));
            withWhatCameLater(tree);
            return mapper.treeToValue(tree, Estimates.class);
        } catch (JsonProcessingException wrong) {
            throw new EstimateFormatException(
                    "this is not a whole estimate.json: " + wrong.getOriginalMessage(), wrong);
        } catch (DateTimeException wrong) {
            throw new EstimateFormatException("its startedAt is no time: " + wrong.getMessage(), wrong);
        }
    }

    /** Files of earlier versions. */
    private static void withWhatCameLater(JsonNode tree) {
        for (JsonNode estimate : tree.path("estimates")) {
            orNull(estimate, "breakEven");
            orNull(estimate, "space");
            orNull(estimate, "settings");
            orNull(estimate, "otherMachine");
            for (JsonNode statement : estimate.path("statements")) {
                orNull(statement, "errorsSeen");
                orNull(statement, "space");
                orNull(statement, "shrunk");
                orNull(statement, "keys");
                withoutPairs(statement);
            }
        }
    }

    /** Builds that were not run beside the whole statement are not told any more. */
    private static void withoutPairs(JsonNode statement) {
        if (statement instanceof ObjectNode object
                && object.path("keys").isObject()
                && !object.path("keys").has("whole")) {
            object.putNull("keys");
        }
    }

    private static void orNull(JsonNode written, String field) {
        if (written instanceof ObjectNode object && !object.has(field)) {
            object.putNull(field);
        }
    }
}
