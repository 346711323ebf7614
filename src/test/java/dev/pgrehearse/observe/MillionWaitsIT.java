package dev.pgrehearse.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million waits: memory is bounded while they are observed, small when they are folded, and none is lost. */
@Tag("thorough")
class MillionWaitsIT {
    @TempDir
    static Path folder;

    @Test
    void aMillionWaitsAreToldFromASmallHeap() throws Exception {
        run("-Xmx64m", "ledger");
        long journalBytes = Files.size(folder.resolve("journal.ndjson"));
        assertThat(journalBytes)
                .as("more than the heap that wrote it: it was not kept in there")
                .isGreaterThan(64L << 20);

        assertThat(run("-Xmx512m", "fold"))
                .contains(String.format(
                        Locale.ROOT,
                        "%d waits, the longest of %.1f ms",
                        MillionWaits.SESSIONS * MillionWaits.ROUNDS,
                        MillionWaits.waitedMicros(MillionWaits.SESSIONS - 1) / 1e3));
    }

    private static String run(String heap, String step) throws IOException, InterruptedException {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MillionWaits.class.getName(),
                        step,
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), UTF_8);
        assertThat(java.waitFor()).as(output).isZero();
        return output;
    }
}
