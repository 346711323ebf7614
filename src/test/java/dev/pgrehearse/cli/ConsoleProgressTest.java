package dev.pgrehearse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.progress.ProgressEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is printed where there is no terminal. */
class ConsoleProgressTest {
    private static final String TASK = "v: statement 1: building index: scanning table (orders)";

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private List<String> lines(ProgressEvent... events) {
        try (ConsoleProgress progress = new ConsoleProgress(new PrintStream(printed, true, UTF_8), false)) {
            for (ProgressEvent event : events) {
                progress.report(event);
            }
        }
        return printed.toString(UTF_8)
                .replaceAll("[\\u00a0\\u202f]", " ")
                .lines()
                .toList();
    }

    @Test
    void whatIsLeftOfAPhaseIsPrintedAndCalledAnEstimate() {
        assertThat(lines(
                        ProgressEvent.started(TASK, 1_000, "blocks"),
                        ProgressEvent.advanced(TASK, 100, 1_000, "blocks"),
                        ProgressEvent.advanced(TASK, 224, 1_000, "blocks", 7_400L)))
                .containsExactly("  " + TASK + " ...", "  " + TASK + ": 22.4 %, about 7.4 s left of this, by estimate");
    }

    @Test
    void aLineForItComesOnceInTenSecondsAndAgainForTheNextPhase() {
        List<String> lines = lines(
                ProgressEvent.started(TASK, 1_000, "blocks"),
                ProgressEvent.advanced(TASK, 224, 1_000, "blocks", 7_400L),
                ProgressEvent.advanced(TASK, 300, 1_000, "blocks", 6_000L),
                ProgressEvent.finished(TASK),
                ProgressEvent.started(TASK, 1_000, "blocks"),
                ProgressEvent.advanced(TASK, 500, 1_000, "blocks", 2_000L));

        assertThat(lines).hasSize(5);
        assertThat(lines.get(2)).startsWith("  " + TASK + ": done in ");
        assertThat(lines.get(4)).isEqualTo("  " + TASK + ": 50.0 %, about 2.0 s left of this, by estimate");
    }
}
