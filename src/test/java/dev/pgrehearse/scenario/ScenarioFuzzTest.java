package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a scenario is broken, it is read or its mistakes are told: nothing else is ever thrown. */
class ScenarioFuzzTest {
    private static final Path SCENARIO = Path.of("scenarios/lock-queue");

    private static final String[] WORDS = {
        "~",
        "{}",
        "[]",
        "[ [ ] ]",
        "-1",
        "0",
        "1e40",
        "99999999999999999999999",
        "1e-45",
        "true",
        "\"\"",
        "\"\\0\"",
        "'é'",
        "*a",
        "&a x",
        "x: y",
        "5s",
        "9999999s",
        "1M",
        "100%",
        "{ a: { b: [ 1 ] } }",
        ".nan",
        ".inf",
        "2025-01-01",
        "!!x",
        "|",
        "#{x}",
        "#{",
        "$$",
        "'",
        "\"",
        ":",
        "- a",
        ".",
        "..",
        "/",
        "/dev/zero",
        "a.b.c",
        "\t"
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void readsOrTells(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        for (String name : List.of("schema.sql", "as-written.sql")) {
            Files.copy(SCENARIO.resolve(name), directory.resolve(name));
        }
        List<String> lines = Files.readAllLines(SCENARIO.resolve("scenario.yaml"));
        Path file = directory.resolve("scenario.yaml");
        for (int i = 0; i < 60; i++) {
            Files.write(file, mutated(lines, random));
            try {
                ScenarioReader.read(file, Overrides.NONE);
            } catch (ScenarioMistakes e) {
                assertThat(e.mistakes()).isNotEmpty();
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + i + ":\n" + Files.readString(file), e);
            }
        }
    }

    private static List<String> mutated(List<String> lines, Random random) {
        List<String> changed = new ArrayList<>(lines);
        for (int count = 1 + random.nextInt(3); count > 0; count--) {
            int at = random.nextInt(changed.size());
            String line = changed.get(at);
            String word = WORDS[random.nextInt(WORDS.length)];
            switch (random.nextInt(5)) {
                case 0 -> changed.remove(at);
                case 1 -> changed.add(at, changed.get(random.nextInt(changed.size())));
                case 2 -> changed.set(at, line.replaceFirst(": .*", ": " + Matcher.quoteReplacement(word)));
                case 3 -> changed.set(at, line.replaceFirst("\\w+:", Matcher.quoteReplacement(word) + ":"));
                default -> {
                    int cut = line.isEmpty() ? 0 : random.nextInt(line.length());
                    changed.set(at, line.substring(0, cut) + word + line.substring(cut));
                }
            }
        }
        return changed;
    }
}
