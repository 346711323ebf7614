package dev.pgrehearse.restore;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A data directory in a tar file, as {@code pg_basebackup} or {@code tar} made it, compressed or not. */
final class TarFile {
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int DEEPEST = 5;

    private final Path file;

    TarFile(Path file) {
        this.file = file;
    }

    /**
     * Unpacks it, and the WAL that {@code pg_basebackup} puts beside.
     *
     * @param into an empty directory
     * @return the data directory in it
     */
    Path unpack(Path into) throws RestoreMistake, IOException {
        unpack(file, into);
        Path data = dataDirectory(into);
        Path name = file.getFileName();
        if (name != null && name.toString().startsWith("base.tar")) {
            for (String wal : List.of("pg_wal.tar", "pg_wal.tar.gz", "pg_wal.tar.zst")) {
                Path beside = file.resolveSibling(wal);
                if (Files.exists(beside)) {
                    unpack(beside, Files.createDirectories(data.resolve("pg_wal")));
                }
            }
        }
        return data;
    }

    private static void unpack(Path tarFile, Path into) throws RestoreMistake, IOException {
        try (InputStream in = Decompressed.open(tarFile);
                TarArchiveInputStream tar = new TarArchiveInputStream(new BufferedInputStream(in, BUFFER_BYTES))) {
            int entries = 0;
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, into);
                entries++;
            }
            if (entries == 0) {
                throw new RestoreMistake(tarFile.getFileName() + " is no tar file, or an empty one");
            }
        } catch (EOFException truncated) {
            throw new RestoreMistake(tarFile.getFileName() + " is truncated. Copy it again, or take another backup.");
        } catch (IOException damaged) {
            throw new RestoreMistake(tarFile.getFileName() + " cannot be unpacked: " + damaged.getMessage());
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("it wants to write outside: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            Files.setPosixFilePermissions(target, DIRECTORY);
        } else if (entry.isSymbolicLink()) {
            Files.createDirectories(target.getParent());
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.createDirectories(target.getParent());
            try (OutputStream out = Files.newOutputStream(target)) {
                if (tar.transferTo(out) != entry.getRealSize()) {
                    throw new EOFException();
                }
            }
            Files.setPosixFilePermissions(target, FILE);
        } else {
            throw new IOException(entry.getName() + " is neither a file, a directory nor a symbolic link");
        }
    }

    /** Where the highest PG_VERSION is: each database has one too. */
    private Path dataDirectory(Path into) throws RestoreMistake, IOException {
        try (Stream<Path> found = Files.find(
                into, DEEPEST, (path, attributes) -> path.endsWith("PG_VERSION") && attributes.isRegularFile())) {
            Optional<Path> highest = found.min(Comparator.comparingInt(Path::getNameCount));
            if (highest.isEmpty()) {
                throw new RestoreMistake(file.getFileName() + " holds no data directory: there is no PG_VERSION in it");
            }
            return highest.get().resolveSibling("");
        }
    }
}
