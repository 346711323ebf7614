package dev.pgrehearse.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A recording with some of its facts changed: by JSON pointer, as somebody would change the file. */
public final class Edited {
    private static final ObjectMapper MAPPER = RecordingJson.mapper();

    private final JsonNode tree;

    private Edited(JsonNode tree) {
        this.tree = tree;
    }

    public static Edited of(Recording recording) {
        return new Edited(MAPPER.valueToTree(recording));
    }

    /**
     * Sets a fact.
     *
     * @param pointer where, such as {@code /pools/0/size}; must be there already, but for a key of a map
     * @param json what, as JSON
     */
    public Edited set(String pointer, String json) {
        int slash = pointer.lastIndexOf('/');
        JsonNode parent = tree.at(pointer.substring(0, slash));
        String key = pointer.substring(slash + 1);
        try {
            JsonNode value = MAPPER.readTree(json);
            if (parent instanceof ArrayNode array) {
                array.set(Integer.parseInt(key), value);
            } else {
                ((ObjectNode) parent).set(key, value);
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
        return this;
    }

    /** The changed recording. */
    public Recording recording() {
        try {
            return RecordingJson.read(MAPPER.writeValueAsString(tree));
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
