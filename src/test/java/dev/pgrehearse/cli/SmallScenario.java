package dev.pgrehearse.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.Assertions;

/** A scenario of a thousand rows and some seconds, in files that a test may change. */
public record SmallScenario(Path folder) {
    private static final List<String> FILES =
            List.of("scenario.yaml", "schema.sql", "quick.sql", "slow.sql", "broken.sql");

    /** Makes the files in a new folder {@code small} below this one. */
    public static SmallScenario in(Path parent) throws IOException {
        Path folder = Files.createDirectory(parent.resolve("small"));
        for (String file : FILES) {
            try (InputStream source = SmallScenario.class.getResourceAsStream("small/" + file)) {
                Files.copy(source, folder.resolve(file));
            }
        }
        // Data of its own: a dataset that another test has left would be copied, and not loaded.
        Files.writeString(folder.resolve("schema.sql"), "\n-- " + UUID.randomUUID() + "\n", StandardOpenOption.APPEND);
        return new SmallScenario(folder);
    }

    /** The one that was made below this folder. */
    public static SmallScenario at(Path parent) {
        return new SmallScenario(parent.resolve("small"));
    }

    /** Changes a piece of a file, which must be there. */
    public SmallScenario with(String file, String found, String replacement) throws IOException {
        String text = Files.readString(folder.resolve(file));
        Assertions.assertThat(text).contains(found);
        Files.writeString(folder.resolve(file), text.replace(found, replacement));
        return this;
    }

    /** Writes a file anew. */
    public SmallScenario write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
        return this;
    }
}
