package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Source.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads scenario files and follows {@code extends}. */
final class ScenarioFiles {
    static final String DEFAULT_NAME = "scenario.yaml";

    /** No scenario is this long, and a dump given by mistake is longer. */
    private static final long LARGEST_BYTES = 1_048_576;

    private final Mistakes mistakes;

    ScenarioFiles(Mistakes mistakes) {
        this.mistakes = mistakes;
    }

    /**
     * The file with everything it extends merged under it.
     *
     * @return null when a file cannot be read, which is then among the mistakes
     */
    Part.@Nullable Mapping read(Path fileOrDirectory) {
        Source nowhere = new Source(fileOrDirectory.toString(), Path.of("").toAbsolutePath(), List.of());
        return read(fileOrDirectory, nowhere.whole(), "", new LinkedHashSet<>());
    }

    /** The file that a path means: itself, or {@code scenario.yaml} in the directory that it is. */
    static Path fileOf(Path fileOrDirectory) {
        return Files.isDirectory(fileOrDirectory) ? fileOrDirectory.resolve(DEFAULT_NAME) : fileOrDirectory;
    }

    private Part.@Nullable Mapping read(Path fileOrDirectory, Place namedAt, String path, Set<Path> chain) {
        Path file = fileOf(fileOrDirectory);
        String problem = problemOf(fileOrDirectory, file);
        if (problem != null) {
            mistakes.add(namedAt, path, problem, "a scenario file", FileNames.nearestTo(file));
            return null;
        }
        if (!chain.add(canonical(file))) {
            mistakes.add(
                    namedAt,
                    path,
                    Mistakes.quoted(file.toString()) + ", which leads back to itself",
                    "a scenario that does not extend itself",
                    null);
            return null;
        }
        Part.Mapping document = parse(file, namedAt, path);
        if (document == null) {
            return null;
        }
        if (!(document.child("extends") instanceof Part.Scalar base)
                || !base.json().isTextual()) {
            return document;
        }
        Path baseFile;
        try {
            baseFile = file.resolveSibling(base.text()).normalize();
        } catch (InvalidPathException e) {
            mistakes.add(base.place(), "extends", Mistakes.describe(base), "the path of a file", null);
            return null;
        }
        Part.Mapping extended = read(baseFile, base.place(), "extends", chain);
        return extended == null ? null : Merge.deeply(extended, document.without("extends"));
    }

    private static @Nullable String problemOf(Path fileOrDirectory, Path file) {
        if (!Files.exists(fileOrDirectory)) {
            return "no file " + Mistakes.quoted(fileOrDirectory.toString());
        }
        if (!Files.exists(file)) {
            return "a directory without a " + DEFAULT_NAME;
        }
        return FileNames.unreadable(file);
    }

    private Part.@Nullable Mapping parse(Path file, Place namedAt, String path) {
        String text;
        Source unread = new Source(file.toString(), directoryOf(file), List.of());
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                mistakes.add(
                        unread.whole(),
                        "",
                        Files.size(file) + " bytes",
                        "a scenario of at most " + LARGEST_BYTES + " bytes",
                        null);
                return null;
            }
            byte[] bytes = Files.readAllBytes(file);
            text = Utf8.decode(bytes);
            if (text == null) {
                mistakes.add(unread.whole(), "", Utf8.describeFault(bytes), "text in UTF-8", null);
                return null;
            }
        } catch (IOException e) {
            mistakes.add(namedAt, path, "a file that cannot be read: " + e, "a scenario file", null);
            return null;
        }
        Source source =
                new Source(file.toString(), directoryOf(file), text.lines().toList());
        if (text.isBlank()) {
            mistakes.add(unread.whole(), "", "an empty file", "a scenario", null);
            return null;
        }
        Part document = new YamlParser(source, mistakes).parse(text);
        if (document == null || document instanceof Part.Mapping) {
            return (Part.Mapping) document;
        }
        mistakes.add(document.place(), "", Mistakes.describe(document), "a mapping with the scenario's parts", null);
        return null;
    }

    static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        return parent == null ? Path.of("/") : parent;
    }

    private static Path canonical(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }
}
