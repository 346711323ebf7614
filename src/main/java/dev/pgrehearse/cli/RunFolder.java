package dev.pgrehearse.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a run writes.
 *
 * @param path the folder, which exists
 * @param startedAt when it was made, ISO 8601 in UTC
 */
record RunFolder(Path path, String startedAt) {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

    /**
     * Makes the folder of a run that starts now.
     *
     * @param asked the folder to use, new or empty; null for {@code reports/<scenario>/<time>} in the current one
     * @throws WrongInput when the folder that was asked for holds something
     */
    static RunFolder create(@Nullable Path asked, String scenario) throws IOException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Path folder = asked != null ? asked : fresh(Path.of("reports", scenario), NAME.format(now));
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException isFile) {
            throw new WrongInput("--out " + folder + " is a file; a new or empty folder is expected");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new WrongInput(
                        "--out " + folder + " is not empty; nothing in it was touched. Name a new folder.");
            }
        }
        return new RunFolder(folder, now.toString());
    }

    private static Path fresh(Path parent, String name) {
        Path folder = parent.resolve(name);
        for (int i = 2; Files.exists(folder); i++) {
            folder = parent.resolve(name + "-" + i);
        }
        return folder;
    }

    /** The folder of one rehearsal, made when it is not there. */
    Path of(String id) throws IOException {
        return Files.createDirectories(path.resolve(id));
    }

    /** Removes the folder when nothing was written. */
    void removeIfEmpty() throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> entries = Files.list(path)) {
                if (entries.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(path);
        }
    }
}
