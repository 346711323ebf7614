package dev.pgrehearse.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.pgrehearse.recording.RecordingJson;

/** JSON that may stand within a {@code script} element: what could end the element is written as an escape. Stateless. */
final class ScriptJson {
    private ScriptJson() {}

    static String of(JsonNode node) {
        try {
            return RecordingJson.mapper()
                    .disable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(node)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026")
                    .replace("\u2028", "\\u2028")
                    .replace("\u2029", "\\u2029");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("data of a report could not be written as JSON", e);
        }
    }
}
