package dev.pgrehearse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a run writes.
 *
 * @param path the folder, which exists
 * @param startedAt when it was made, ISO 8601 in UTC
 * @param made the folder and those above it that did not exist before, the innermost first
 */
record RunFolder(Path path, String startedAt, List<Path> made) {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

    /**
     * Makes the folder of a run that starts now.
     *
     * @param asked the folder to use, new or empty; null for {@code reports/<scenario>/<time>} in the current one
     * @throws WrongInput when what was asked for is a file, or holds something
     * @throws IOException when it cannot be made or written to
     */
    static RunFolder create(@Nullable Path asked, String scenario) throws IOException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Path folder = asked != null ? asked : fresh(Path.of("reports", scenario), NAME.format(now));
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new WrongInput("--out " + folder + " is a file; a new or empty folder is expected");
        }
        List<Path> missing = missing(folder);
        try {
            Files.createDirectories(folder);
            if (!Files.isWritable(folder)) {
                throw new IOException("nothing can be written there");
            }
        } catch (IOException failure) {
            remove(missing);
            throw new IOException(
                    "The run's folder " + folder + " cannot be used. Nothing was started. Name another one with --out.",
                    failure);
        }
        if (!isEmpty(folder)) {
            throw new WrongInput(
                    "--out " + folder + " is not empty; nothing in it was touched. Name a new or empty folder.");
        }
        return new RunFolder(folder, now.toString(), missing);
    }

    private static Path fresh(Path parent, String name) {
        Path folder = parent.resolve(name);
        for (int i = 2; Files.exists(folder); i++) {
            folder = parent.resolve(name + "-" + i);
        }
        return folder;
    }

    private static List<Path> missing(Path folder) {
        List<Path> missing = new ArrayList<>();
        for (Path path = folder.toAbsolutePath(); path != null && Files.notExists(path); path = path.getParent()) {
            missing.add(path);
        }
        return List.copyOf(missing);
    }

    /** The folder of one rehearsal, made when it is not there. */
    Path of(String id) throws IOException {
        return Files.createDirectories(path.resolve(id));
    }

    /** Removes what was made, when nothing was written. */
    void removeIfEmpty() throws IOException {
        remove(made);
    }

    private static void remove(List<Path> folders) throws IOException {
        for (Path folder : folders) {
            if (Files.isDirectory(folder)) {
                if (!isEmpty(folder)) {
                    return;
                }
                Files.delete(folder);
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }
}
