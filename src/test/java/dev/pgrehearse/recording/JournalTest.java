package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static dev.pgrehearse.recording.Requests.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final int WHOLE_REQUESTS = 40_000;

    @TempDir
    Path folder;

    @Test
    void foldsBackToWhatWasAdded() throws IOException {
        try (Journal journal = Journal.create(folder)) {
            begin(journal);
            for (int i = 0; i < WHOLE_REQUESTS; i++) {
                journal.requests().add(ok(1_000 + i * 0.1, 1_001 + i * 0.1));
            }
            journal.add(new Fact.Ended(nanos(6_000), null));
        }

        Recording recording = Fold.of(folder);

        assertThat(recording.complete()).isTrue();
        assertThat(recording.requests()).isNotNull();
        assertThat(recording.requests().offered()).isEqualTo(WHOLE_REQUESTS);
        assertThat(recording.phases())
                .containsExactly(new Recording.Phase("warmup", -1_000, 0), new Recording.Phase("baseline", 0, 5_000));
        assertThat(recording.events()).containsExactly(new Recording.Event(500, "checkpoint", "naïve \"quoted\" text"));
    }

    @Test
    void whatACrashCutOffIsLeftOutAndSaid() throws IOException {
        try (Journal journal = Journal.create(folder)) {
            begin(journal);
            journal.requests().add(ok(1_000, 1_001));
            journal.requests().add(ok(1_002, 1_003));
        }
        Files.writeString(folder.resolve(Journal.FILE_NAME), "{\"fact\":\"phaseBe", StandardOpenOption.APPEND);
        Path requests = folder.resolve(RequestLog.FILE_NAME);
        byte[] bytes = Files.readAllBytes(requests);
        Files.write(requests, Arrays.copyOf(bytes, bytes.length - 5));

        Recording recording = Fold.of(folder);

        assertThat(recording.complete()).isFalse();
        assertThat(recording.fault()).contains("killed");
        assertThat(recording.requests()).isNotNull();
        assertThat(recording.requests().offered()).isEqualTo(1);
    }

    @Test
    void rubbishInTheMiddleIsRefusedWithItsLine() throws IOException {
        Files.writeString(
                folder.resolve(Journal.FILE_NAME), "{\"fact\":\"nonsense\"}\n{\"fact\":\"ended\",\"atNanos\":1}\n");

        assertThatThrownBy(() -> Fold.of(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 1");
    }

    @Test
    void aJournalThatEndedBeforeItsFirstFactHoldsNoRecording() throws IOException {
        Journal.create(folder).close();

        assertThatThrownBy(() -> Fold.of(folder)).hasMessageContaining("holds no recording");
    }

    private static void begin(Journal journal) {
        journal.add(new Fact.Began(
                new Recording.Tool("test"),
                "2026-01-01T00:00:00Z",
                new Recording.Host(2, 1, "Linux"),
                new Recording.ScenarioFacts(
                        "name",
                        "",
                        "as-written",
                        "small",
                        1,
                        1,
                        "digest",
                        "GO",
                        JsonNodeFactory.instance.objectNode(),
                        JsonNodeFactory.instance.objectNode())));
        journal.add(new Fact.LoadBegan(List.of("read"), 1));
        journal.add(new Fact.PhaseBegan("warmup", 0));
        journal.add(new Fact.PhaseBegan("baseline", nanos(1_000)));
        journal.add(new Fact.Happened(nanos(1_500), "checkpoint", "naïve \"quoted\" text"));
    }
}
