package dev.pgrehearse.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is wrong with the name of a file. */
final class FileNames {
    private FileNames() {}

    /** Why an existing file cannot be read; null when it can. */
    static @Nullable String unreadable(Path file) {
        if (Files.isDirectory(file)) {
            return "the directory " + Mistakes.quoted(file.toString());
        }
        if (!Files.isRegularFile(file)) {
            return Mistakes.quoted(file.toString()) + ", which is not a regular file";
        }
        return Files.isReadable(file) ? null : Mistakes.quoted(file.toString()) + ", which this account may not read";
    }

    /** A file beside it with nearly the same name; null when there is none. */
    static @Nullable String nearestTo(Path file) {
        Path directory = ScenarioFiles.directoryOf(file);
        if (file.getFileName() == null || !Files.isDirectory(directory)) {
            return null;
        }
        try (Stream<Path> siblings = Files.list(directory)) {
            List<String> names = siblings.filter(Files::isRegularFile)
                    .map(sibling -> String.valueOf(sibling.getFileName()))
                    .sorted()
                    .limit(1_000)
                    .toList();
            return NearestName.of(String.valueOf(file.getFileName()), names);
        } catch (IOException e) {
            // A proposal only: the mistake itself is reported without it.
            return null;
        }
    }
}
