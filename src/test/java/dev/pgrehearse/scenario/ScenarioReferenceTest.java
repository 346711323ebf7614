package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/scenario.md is written from the schema. After a change of the schema it is written again by {@code mvn test
 * -Dtest=ScenarioReferenceTest -Dpgrehearse.write.docs=true}.
 */
class ScenarioReferenceTest {
    private static final Path DOCUMENT = Path.of("docs/scenario.md");
    private static final Path SCHEMA = Path.of("src/main/resources/dev/pgrehearse/scenario/scenario.schema.json");

    private static final String INTRODUCTION = """
            # The scenario file

            Written from [the JSON Schema](../%s), which editors complete from when a file starts with
            `# yaml-language-server: $schema=<path of that file>`.

            YAML 1.2, read strictly: a duplicate or unknown key is a mistake, `off`, `no` and `010` stay what was written. All
            mistakes are told at once, each with its line, its column and the nearest right name. In the table, `<name>` is a
            name of your own and `<n>` an index. The same paths work on the command line: `--set phases.baseline=60s`,
            `--set adversaries.0.longRead.lasts=95s`; a key that has a dot itself stands in double quotes.

            Numbers have units: durations `250ms`, `5s`, `30m`, `2h`, `1d`; counts `50_000_000`, `50M`, `1.5M`, `100k`; rates
            `300/s`, `18k/min`; shares `0.1%%` or `0.001`. Paths of files are relative to the file that they are written in.

            | key | meaning | expected | default |
            |---|---|---|---|
            """.formatted(SCHEMA);

    private final JsonNode schema = readSchema();

    private record Row(String path, JsonNode rule, JsonNode resolved, boolean required) {}

    @Test
    void documentIsUpToDate() throws IOException {
        String expected =
                INTRODUCTION + rows().stream().map(ScenarioReferenceTest::line).collect(Collectors.joining());
        if (Boolean.getBoolean("pgrehearse.write.docs")) {
            Files.createDirectories(DOCUMENT.getParent());
            Files.writeString(DOCUMENT, expected);
        }
        assertThat(DOCUMENT).content().isEqualTo(expected);
    }

    @Test
    void everyPropertyIsDescribed() {
        assertThat(rows())
                .allSatisfy(row -> assertThat(row.rule().path("description").asText())
                        .as(row.path())
                        .isNotEmpty());
    }

    /** What the schema says is the default is what the reader takes when a key is left out. */
    @Test
    void defaultsOfTheSchemaAreThoseOfTheReader(@TempDir Path directory) {
        ScenarioFixture fixture = new ScenarioFixture(directory);
        List<Overrides.Assignment> defaults = rows().stream()
                .filter(row -> row.rule().has("default") && !row.path().contains("<"))
                .filter(row -> !row.path().startsWith("dataset.tables"))
                .map(row -> new Overrides.Assignment(
                        row.path(), row.rule().path("default").toString()))
                .toList();

        // What is there only when something of it is written.
        List<Overrides.Assignment> switchedOn = List.of(
                new Overrides.Assignment("app.pgbouncer.mode", "transaction"),
                new Overrides.Assignment("app.retries.max", "2"),
                new Overrides.Assignment("app.breaker.slidingWindowSize", "100"),
                new Overrides.Assignment("app.probes.readiness.timeout", "1s"),
                new Overrides.Assignment("app.probes.liveness.timeout", "1s"),
                new Overrides.Assignment("app.autoscaler.period", "15s"));

        Conditions written = fixture.read(new Overrides(
                        Stream.concat(switchedOn.stream(), defaults.stream()).toList(), List.of(), null))
                .conditions();
        Conditions leftOut =
                fixture.read(new Overrides(switchedOn, List.of(), null)).conditions();

        assertThat(defaults).hasSizeGreaterThan(15);
        assertThat(written)
                .usingRecursiveComparison()
                .ignoringFields("limits.defaulted")
                .isEqualTo(leftOut);
        assertThat(written.limits().defaulted()).isEmpty();
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        collect("", schema, rows);
        return rows;
    }

    private void collect(String path, JsonNode unresolved, List<Row> rows) {
        JsonNode rule = resolve(unresolved);
        for (Map.Entry<String, JsonNode> property : rule.path("properties").properties()) {
            String below = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
            rows.add(new Row(below, property.getValue(), resolve(property.getValue()), isRequired(below, rule)));
            // What may stand under `with` is the table itself.
            if (!below.endsWith(".with")) {
                collect(below, property.getValue(), rows);
            }
        }
        below(path + ".<name>", rule.path("additionalProperties"), rows);
        below(path + ".<n>", rule.path("items"), rows);
    }

    private void below(String path, JsonNode rule, List<Row> rows) {
        if (rule.isObject() && rule.has("description")) {
            rows.add(new Row(path, rule, resolve(rule), false));
        }
        if (rule.isObject()) {
            collect(path, rule, rows);
        }
    }

    /** Of a key's own object, or of the scenario as a whole, which a file that extends another need not be. */
    private boolean isRequired(String path, JsonNode parent) {
        List<String> keys = List.of(path.split("\\.", -1));
        JsonNode whole = schema.path("else");
        for (String key : keys.subList(0, keys.size() - 1)) {
            whole = key.equals("<name>")
                    ? whole.path("additionalProperties")
                    : whole.path("properties").path(key);
        }
        String key = keys.get(keys.size() - 1);
        return contains(parent.path("required"), key) || contains(whole.path("required"), key);
    }

    private static boolean contains(JsonNode names, String name) {
        for (JsonNode candidate : names) {
            if (candidate.asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private JsonNode resolve(JsonNode rule) {
        String reference = rule.path("$ref").asText();
        return reference.isEmpty() ? rule : schema.at(reference.substring(1));
    }

    private static String line(Row row) {
        return "| `" + row.path() + "` | " + cell(row.rule().path("description").asText()) + " | " + cell(expected(row))
                + " | " + defaultOf(row) + " |\n";
    }

    private static String expected(Row row) {
        String stated = row.rule()
                .path("x-expected")
                .asText(row.resolved().path("x-expected").asText());
        if (!stated.isEmpty()) {
            return stated;
        }
        if (row.resolved().has("enum")) {
            List<String> values = new ArrayList<>();
            row.resolved().path("enum").forEach(value -> values.add("`" + value.asText() + "`"));
            return String.join(", ", values);
        }
        return switch (row.resolved().path("type").asText()) {
            case "object" -> "a mapping";
            case "array" -> "a list";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            default -> "a text";
        };
    }

    private static String defaultOf(Row row) {
        JsonNode value = row.rule().path("default");
        if (row.required()) {
            return "(required)";
        }
        boolean empty =
                value.isContainerNode() ? value.isEmpty() : value.asText().isEmpty();
        if (empty) {
            return "";
        }
        return "`" + (value.isObject() ? value.toString().replace("\"", "").replace(":", ": ") : value.asText()) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    private static JsonNode readSchema() {
        try {
            return new ObjectMapper().readTree(SCHEMA.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
