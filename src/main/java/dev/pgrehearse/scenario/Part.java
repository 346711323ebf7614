package dev.pgrehearse.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.scenario.Source.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A piece of a document that knows where it was written. Immutable. */
sealed interface Part {
    /** Keeps {@code 1.50} what it is. */
    JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Where it was written. */
    Place place();

    /** The same without places. */
    JsonNode toJson();

    /** The part below, or null when there is none. */
    @Nullable
    Part child(String key);

    /** The part at the end of a path, or null when there is none. */
    default @Nullable Part at(List<String> path) {
        Part part = this;
        for (String key : path) {
            Part next = part.child(key);
            if (next == null) {
                return null;
            }
            part = next;
        }
        return part;
    }

    /**
     * A text, number, boolean or null.
     *
     * @param text as it was written, without quotes
     * @param json its value by YAML's JSON schema: {@code off} and {@code 010} are texts
     */
    record Scalar(Place place, String text, JsonNode json) implements Part {
        @Override
        public JsonNode toJson() {
            return json;
        }

        @Override
        public @Nullable Part child(String key) {
            return null;
        }
    }

    /** A list. */
    record Listing(Place place, List<Part> items) implements Part {
        public Listing {
            items = List.copyOf(items);
        }

        @Override
        public JsonNode toJson() {
            ArrayNode array = JSON.arrayNode();
            items.forEach(item -> array.add(item.toJson()));
            return array;
        }

        @Override
        public @Nullable Part child(String key) {
            int index = indexOf(key);
            return index < 0 ? null : items.get(index);
        }

        /** The index that a key of a path means; -1 when it is none of this list's. */
        int indexOf(String key) {
            boolean index = key.matches("[0-9]{1,6}");
            return index && Integer.parseInt(key) < items.size() ? Integer.parseInt(key) : -1;
        }

        Listing with(int index, Part item) {
            List<Part> changed = new ArrayList<>(items);
            changed.set(index, item);
            return new Listing(place, changed);
        }
    }

    /** Keys and what stands under them, in the order of the file. */
    record Mapping(Place place, Map<String, Entry> entries) implements Part {
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public ObjectNode toJson() {
            ObjectNode object = JSON.objectNode();
            entries.forEach((key, entry) -> object.set(key, entry.value().toJson()));
            return object;
        }

        @Override
        public @Nullable Part child(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value();
        }

        Mapping with(String key, Entry entry) {
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            changed.put(key, entry);
            return new Mapping(place, changed);
        }

        Mapping without(String key) {
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            changed.remove(key);
            return new Mapping(place, changed);
        }
    }

    /** What stands under a key, and where the key was written. */
    record Entry(Place keyPlace, Part value) {}
}
