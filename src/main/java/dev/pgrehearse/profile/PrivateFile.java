package dev.pgrehearse.profile;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes files that only their owner may read, and that nobody ever reads half of. */
final class PrivateFile {
    private PrivateFile() {}

    /**
     * Writes the text beside the file, syncs it and moves it there: the file is whole, or what it was before.
     *
     * @throws IOException when it cannot be written; nothing is left beside it then
     */
    static void write(Path file, String text) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException(file + " is no file that could be written");
        }
        // Java makes temporary files for their owner alone (0600), before there is anything in them.
        Path beside = Files.createTempFile(directory, file.getFileName() + ".", ".part");
        try {
            Files.writeString(beside, text);
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
