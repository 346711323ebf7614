package dev.pgrehearse.restore;

import dev.pgrehearse.scenario.RestoreSpec;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Estimates what a restored dataset takes on disk, from the size of its source. No dump tells how large its tables and
 * indexes were: a compressed one is taken to hold four times its size, and rows with indexes to take half as much again as
 * the text that is copied. Of a command nothing is known.
 */
public final class RestoreEstimate {
    private static final int COMPRESSION = 4;
    private static final double ROWS_AND_INDEXES = 1.5;
    /** What a fresh cluster holds. */
    private static final long CLUSTER = 32L * 1024 * 1024;

    private RestoreEstimate() {}

    /** Bytes of the data directory; the cluster's own alone when the source cannot be read, which is told elsewhere. */
    public static long bytesFor(RestoreSpec spec) {
        try {
            if (spec.source() instanceof RestoreSpec.Dump dump) {
                Dump read = Dump.read(dump.path());
                return CLUSTER + (long) (read.bytes() * (read.compressed() ? COMPRESSION : 1) * ROWS_AND_INDEXES);
            }
            if (spec.source() instanceof RestoreSpec.Physical physical) {
                return CLUSTER + bytesOf(physical.path());
            }
            return CLUSTER;
        } catch (RestoreMistake | IOException toldElsewhere) {
            return CLUSTER;
        }
    }

    private static long bytesOf(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return Files.size(path) * (Decompressed.isCompressed(path) ? COMPRESSION : 1);
        }
        try (Stream<Path> files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
            return files.mapToLong(
                            file -> Files.isDirectory(file) ? 0 : file.toFile().length())
                    .sum();
        }
    }
}
