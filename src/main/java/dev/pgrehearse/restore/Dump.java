package dev.pgrehearse.restore;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code pg_dump} made, as far as it is known without reading it whole.
 *
 * @param path of the file, or of the directory of a directory archive
 * @param format one of pg_dump's
 * @param header of an archive; null of plain SQL
 * @param compressed whether its data are
 * @param bytes that it takes on disk
 */
record Dump(Path path, Format format, @Nullable ArchiveHeader header, boolean compressed, long bytes) {
    private static final String CONTENTS = "toc.dat";

    /** Formats of {@code pg_dump}, as its {@code --format} calls them. */
    enum Format {
        CUSTOM,
        DIRECTORY,
        TAR,
        PLAIN;

        /** In a user's words. */
        String inWords() {
            return switch (this) {
                case CUSTOM -> "an archive in the custom format";
                case DIRECTORY -> "an archive in the directory format";
                case TAR -> "an archive in the tar format";
                case PLAIN -> "plain SQL";
            };
        }
    }

    /**
     * Looks at its first bytes.
     *
     * @throws RestoreMistake when it is nothing that can be restored
     */
    static Dump read(Path path) throws RestoreMistake, IOException {
        try {
            return Files.isDirectory(path) ? ofDirectory(path) : ofFile(path);
        } catch (EOFException truncated) {
            throw new RestoreMistake(path.getFileName()
                    + " ends within its header: it is truncated. Copy it again, or take another dump.");
        }
    }

    private static Dump ofDirectory(Path path) throws IOException, RestoreMistake {
        try (InputStream in = Decompressed.open(path.resolve(CONTENTS))) {
            ArchiveHeader header = headerOf(path, in);
            long bytes;
            try (Stream<Path> files = Files.list(path)) {
                bytes = files.mapToLong(file -> file.toFile().length()).sum();
            }
            return new Dump(path, Format.DIRECTORY, header, header.compressed(), bytes);
        }
    }

    private static Dump ofFile(Path path) throws IOException, RestoreMistake {
        byte[] first = firstBytes(path);
        long bytes = Files.size(path);
        if (startsWith(first, 0, ArchiveHeader.MAGIC)) {
            try (InputStream in = Files.newInputStream(path)) {
                ArchiveHeader header = headerOf(path, in);
                return new Dump(path, Format.CUSTOM, header, header.compressed(), bytes);
            }
        }
        // The magic of POSIX tar; pg_dump writes it.
        if (startsWith(first, 257, "ustar")) {
            if (Decompressed.isCompressed(path)) {
                throw new RestoreMistake(path.getFileName()
                        + " is a compressed tar file, which pg_restore does not read. Decompress it first.");
            }
            try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(path))) {
                TarArchiveEntry entry = tar.getNextEntry();
                if (entry != null && entry.getName().equals(CONTENTS)) {
                    return new Dump(path, Format.TAR, headerOf(path, tar), false, bytes);
                }
            }
            throw new RestoreMistake(
                    path.getFileName() + " is a tar file that pg_dump did not make. Of a physical backup"
                            + " say `restore: { physical: " + path.getFileName() + " }`.");
        }
        if (first.length == 0) {
            throw new RestoreMistake(path.getFileName() + " is empty.");
        }
        for (byte each : first) {
            if (each == 0) {
                throw new RestoreMistake(path.getFileName()
                        + " is neither an archive of pg_dump (custom, directory or tar) nor SQL, compressed by gzip or"
                        + " Zstandard or not.");
            }
        }
        return new Dump(path, Format.PLAIN, null, Decompressed.isCompressed(path), bytes);
    }

    private static ArchiveHeader headerOf(Path path, InputStream in) throws IOException, RestoreMistake {
        try {
            return ArchiveHeader.read(in);
        } catch (EOFException truncated) {
            throw truncated;
        } catch (IOException damaged) {
            throw new RestoreMistake(path.getFileName() + " is damaged: " + damaged.getMessage() + ".");
        }
    }

    private static byte[] firstBytes(Path path) throws IOException, RestoreMistake {
        try (InputStream in = Decompressed.open(path)) {
            return in.readNBytes(512);
        } catch (EOFException truncated) {
            throw truncated;
        } catch (IOException damaged) {
            throw new RestoreMistake(path.getFileName() + " cannot be decompressed: " + damaged.getMessage() + ".");
        }
    }

    private static boolean startsWith(byte[] bytes, int offset, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        return bytes.length >= offset + wanted.length
                && java.util.Arrays.equals(bytes, offset, offset + wanted.length, wanted, 0, wanted.length);
    }
}
