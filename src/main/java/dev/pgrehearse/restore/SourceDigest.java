package dev.pgrehearse.restore;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.server.CacheDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * SHA-256 of what is restored: of a file, of its bytes; of a directory, of the names and bytes of its files.
 *
 * <p>What was read once is not read again while each file's path, size, inode and times are what they were; the time of
 * the inode's change ({@code ctime}) is among them, which nobody can set back.
 */
final class SourceDigest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BUFFER_BYTES = 1 << 20;

    private final Progress progress;

    SourceDigest(Progress progress) {
        this.progress = progress;
    }

    /** What is remembered: the state of the files, and their digest. */
    record Known(String state, String digest) {}

    /** Of a file or directory, in hexadecimal. */
    String of(Path source) throws IOException {
        List<Path> files = files(source);
        String state = state(source, files);
        Path memory = CacheDirectory.find().resolve("sources").resolve(text(source.toString()) + ".json");
        try {
            Known known = JSON.readValue(Files.readString(memory), Known.class);
            if (known.state().equals(state)) {
                return known.digest();
            }
        } catch (NoSuchFileException | com.fasterxml.jackson.core.JsonProcessingException unknown) {
            // Read for the first time, or written by another version of the program.
        }
        String digest = read(source, files);
        Files.createDirectories(memory.getParent());
        Path beside = memory.resolveSibling(UUID.randomUUID() + ".writing");
        Files.writeString(beside, JSON.writeValueAsString(new Known(state, digest)));
        Files.move(beside, memory, StandardCopyOption.ATOMIC_MOVE);
        return digest;
    }

    /** Of a text, in hexadecimal. */
    static String text(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Path> files(Path source) throws IOException {
        if (!Files.isDirectory(source)) {
            return List.of(source);
        }
        // Tablespaces are links.
        try (Stream<Path> all = Files.walk(source, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(file -> !Files.isDirectory(file)).sorted().toList();
        }
    }

    private static String state(Path source, List<Path> files) throws IOException {
        MessageDigest sha = sha256();
        for (Path file : files) {
            Map<String, Object> attributes = Files.readAttributes(file, "unix:size,ino,lastModifiedTime,ctime");
            String line = source.relativize(file) + " " + attributes.get("size") + " " + attributes.get("ino") + " "
                    + attributes.get("lastModifiedTime") + " " + attributes.get("ctime") + "\n";
            sha.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private String read(Path source, List<Path> files) throws IOException {
        String task = "reading " + source.getFileName();
        long total = 0;
        for (Path file : files) {
            total += Files.size(file);
        }
        progress.report(ProgressEvent.started(task, total, "bytes"));
        MessageDigest sha = sha256();
        long done = 0;
        byte[] buffer = new byte[BUFFER_BYTES];
        for (Path file : files) {
            if (files.size() > 1 || !file.equals(source)) {
                sha.update((source.relativize(file) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            try (InputStream in = Files.newInputStream(file)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    sha.update(buffer, 0, read);
                    done += read;
                    progress.report(ProgressEvent.advanced(task, done, total, "bytes"));
                }
            }
            if (files.size() > 1) {
                sha.update(("\n" + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        progress.report(ProgressEvent.finished(task));
        return HexFormat.of().formatHex(sha.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
