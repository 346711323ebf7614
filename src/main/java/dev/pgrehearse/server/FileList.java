package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The files below a directory, with their sizes and times of change; their contents are not read. The server log is left
 * out, since no rehearsal sees it.
 */
record FileList(Map<String, String> files, long bytes) {
    /** Lists them; empty when there is no such directory. */
    static FileList of(Path root) throws IOException {
        Map<String, String> files = new TreeMap<>();
        long[] bytes = new long[1];
        if (Files.isDirectory(root)) {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return directory.equals(root.resolve("log"))
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.put(
                            root.relativize(file).toString(),
                            attributes.size() + " "
                                    + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
                    bytes[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return new FileList(files, bytes[0]);
    }

    Contents contents() {
        if (files.isEmpty()) {
            return Contents.NONE;
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(files.toString().getBytes(StandardCharsets.UTF_8));
            return new Contents(HexFormat.of().formatHex(digest), bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
