package dev.pgrehearse.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.pgrehearse.scenario.Source.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Holds documents against the checked-in JSON Schema and says in a user's words what is wrong.
 *
 * <p>The words come from the schema itself: {@code x-expected} beside a keyword is what its mistake says was expected.
 */
final class ScenarioSchema {
    static final String RESOURCE = "scenario.schema.json";

    private final JsonNode schema;
    private final JsonSchema validator;

    ScenarioSchema() {
        try (InputStream in = ScenarioSchema.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + RESOURCE + " is missing from this build");
            }
            schema = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource " + RESOURCE + " cannot be read", e);
        }
        validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(
                        schema,
                        SchemaValidatorsConfig.builder().locale(Locale.ROOT).build());
    }

    /** Notes everything in the scope's document that the schema does not allow. */
    void check(Scope scope) {
        for (ValidationMessage message : validator.validate(scope.document().toJson())) {
            note(message, scope);
        }
    }

    private void note(ValidationMessage message, Scope scope) {
        List<String> path = keys(message.getInstanceLocation());
        Cursor at = scope.root().at(path);
        JsonNode rule = parentOf(keys(message.getSchemaLocation().getFragment()));
        String key = message.getProperty();
        switch (message.getType()) {
            case "additionalProperties" -> {
                List<String> known = names(rule.path("properties"));
                Cursor child = at.at(key);
                scope.mistake(
                        child.keyPlace(),
                        child.path(),
                        Mistakes.quoted(key),
                        Words.oneOf(known),
                        NearestName.of(key, known));
            }
            case "required" -> {
                Cursor child = at.at(key);
                scope.mistake(child.place(), child.path(), "no `" + key + "`", expectedOf(missing(path, key)), null);
            }
            case "propertyNames" -> noteName(at, rule, message, scope);
            case "enum" -> {
                List<String> known = StreamSupport.stream(rule.path("enum").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList();
                at.mistake(Words.oneOf(known), NearestName.of(at.text(), known));
            }
            default -> {
                List<String> examples = StreamSupport.stream(
                                rule.path("examples").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList();
                at.mistake(expectedOf(rule), NearestName.of(at.text(), examples));
            }
        }
    }

    /** A name that breaks the pattern for names: the message does not say which, so each is held against it. */
    private void noteName(Cursor at, JsonNode rule, ValidationMessage message, Scope scope) {
        JsonNode names = resolve(rule.path("propertyNames"));
        String pattern = names.path("pattern").asText();
        Place place = at.place();
        at.entries().forEach((name, child) -> {
            if (!name.matches(pattern)) {
                scope.mistake(child.keyPlace(), child.path(), Mistakes.quoted(name), expectedOf(names), null);
            }
        });
        if (pattern.isEmpty()) {
            scope.mistake(place, at.path(), Mistakes.quoted(message.getMessage()), expectedOf(names), null);
        }
    }

    /** What the schema says of a key that is missing. */
    private JsonNode missing(List<String> parent, String key) {
        List<String> path = new ArrayList<>(parent);
        path.add(key);
        JsonNode rule = schema;
        for (String step : path) {
            JsonNode resolved = resolve(rule);
            JsonNode next = resolved.path("properties").path(step);
            if (next.isMissingNode()) {
                next = resolved.path(step.matches("[0-9]+") ? "items" : "additionalProperties");
            }
            rule = next;
        }
        return rule;
    }

    private JsonNode resolve(JsonNode rule) {
        String reference = rule.path("$ref").asText();
        return reference.isEmpty() ? rule : schema.at(reference.substring(1));
    }

    private String expectedOf(JsonNode rule) {
        String expected =
                rule.path("x-expected").asText(resolve(rule).path("x-expected").asText());
        if (!expected.isEmpty()) {
            return expected;
        }
        String type = resolve(rule).path("type").asText();
        return switch (type) {
            case "object" -> {
                List<String> names = names(resolve(rule).path("properties"));
                yield names.isEmpty() ? "a mapping" : "a mapping with " + String.join(", ", names);
            }
            case "array" -> "a list";
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            default -> {
                List<String> known = StreamSupport.stream(rule.path("enum").spliterator(), false)
                        .map(JsonNode::asText)
                        .collect(Collectors.toList());
                yield known.isEmpty() ? "a value" : Words.oneOf(known);
            }
        };
    }

    /** The schema object that a failed keyword stands in. */
    private JsonNode parentOf(List<String> keyword) {
        JsonNode rule = schema;
        for (String step : keyword.subList(0, Math.max(0, keyword.size() - 1))) {
            JsonNode next = rule.isArray() ? rule.path(Integer.parseInt(step)) : rule.path(step);
            // A fragment may go on through a $ref, whose target is elsewhere in the file.
            rule = next.isMissingNode() ? resolve(rule).path(step) : next;
        }
        return rule;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> keys(@Nullable JsonNodePath path) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; path != null && i < path.getNameCount(); i++) {
            keys.add(path.getName(i));
        }
        return keys;
    }
}
