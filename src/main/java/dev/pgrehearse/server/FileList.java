package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.commons.codec.digest.DigestUtils;

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
        return files.isEmpty() ? Contents.NONE : new Contents(DigestUtils.sha256Hex(files.toString()), bytes);
    }
}
