package dev.pgrehearse.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files that nobody ever reads half of. */
public final class WholeFile {
    private WholeFile() {}

    /**
     * Writes the text beside the file and then moves it there: the file is whole, or what it was before. Several processes
     * may write the same file at once; the last one wins.
     *
     * @throws IOException when it cannot be written; nothing is left beside it then
     */
    public static void write(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
