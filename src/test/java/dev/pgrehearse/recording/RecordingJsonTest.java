package dev.pgrehearse.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.scenario.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordingJsonTest {
    private final ObjectMapper mapper = RecordingJson.mapper();

    static Stream<Recording> samples() {
        return Stream.of(SampleRecordings.asWritten(), SampleRecordings.withTimeout(), SampleRecordings.withStandby());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void readsWhatItWrote(Recording recording, @TempDir Path directory) throws IOException {
        Path file = directory.resolve("recording.json");
        RecordingJson.write(recording, file);
        Recording read = RecordingJson.read(file);
        // The trees are compared as text below: whether a 2 is an int or a long is not ours to say.
        assertThat(read)
                .usingRecursiveComparison()
                .ignoringFields("scenario.document", "scenario.limits")
                .isEqualTo(recording);
        assertThat(LimitsJson.read(read.scenario().limits())).isEqualTo(SampleRecordings.limits());
        assertThat(Files.readString(file)).isEqualTo(RecordingJson.write(read));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void samplesAreConsistent(Recording recording) {
        Recording.Requests requests = recording.requests();
        assertThat(requests).isNotNull();
        assertThat(requests.outcomes().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(requests.offered());
        requests.operations()
                .forEach(operation -> operation
                        .phases()
                        .forEach((name, phase) -> assertThat(operation.outcomesByPhase().get(name).values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum())
                                .isEqualTo(phase.count())));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void matchesTheSchema(Recording recording) throws IOException {
        JsonNode json = mapper.readTree(RecordingJson.write(recording));
        String schema = Files.readString(Path.of("docs/recording.schema.json"));
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(schema)
                        .validate(json))
                .isEmpty();
        ((ObjectNode) json).put("surprise", 1);
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(schema)
                        .validate(json))
                .hasSize(1);
    }

    @Test
    void readsWhatWasRecordedBeforePlansWere() throws IOException {
        ObjectNode json = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.asWritten()));
        json.remove("changes");
        assertThat(RecordingJson.read(json.toString()).changes()).isEqualTo(Changes.NONE);
    }

    @Test
    void whatWasNotMeasuredIsNullAndNotZero() throws IOException {
        Recording.Lock lock = new Recording.Lock("t", "SHARE", true, 1, Double.NaN, "sampled");
        String json = mapper.writeValueAsString(lock);
        assertThat(mapper.readTree(json).get("heldMs").isNull()).isTrue();
        assertThat(mapper.readValue(json, Recording.Lock.class).heldMs()).isNaN();

        Recording.Timeline timeline =
                new Recording.Timeline(0, 1, Map.of("p99Ms", new double[] {1, Double.NaN, Double.POSITIVE_INFINITY}));
        Recording.Timeline read = mapper.readValue(mapper.writeValueAsString(timeline), Recording.Timeline.class);
        assertThat(read.series().get("p99Ms")).containsExactly(1, Double.NaN, Double.NaN);
    }

    @Test
    void aNewerFormatIsRefusedByName() throws IOException {
        String json = RecordingJson.write(SampleRecordings.asWritten()).replace("recording/1", "recording/2");
        assertThatThrownBy(() -> RecordingJson.read(json))
                .isInstanceOf(RecordingFormatException.class)
                .hasMessageContaining("format 2")
                .hasMessageContaining("newer pgrehearse");
    }

    @Test
    void anUnknownFieldAMissingOneAndAnythingElseAreRefused() throws IOException {
        ObjectNode json = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.asWritten()));
        ObjectNode more = json.deepCopy().put("surprise", 1);
        assertThatThrownBy(() -> RecordingJson.read(more.toString()))
                .isInstanceOf(RecordingFormatException.class)
                .hasMessageContaining("surprise");
        ObjectNode less = json.deepCopy();
        less.remove("pools");
        assertThatThrownBy(() -> RecordingJson.read(less.toString()))
                .isInstanceOf(RecordingFormatException.class)
                .hasMessageContaining("pools");
        assertThatThrownBy(() -> RecordingJson.read("{}"))
                .isInstanceOf(RecordingFormatException.class)
                .hasMessageContaining("not a recording of pgrehearse");
        assertThatThrownBy(() -> RecordingJson.read("{\"format\": "))
                .isInstanceOf(RecordingFormatException.class)
                .hasMessageContaining("journal");
    }

    @Test
    void aRecordingFromBeforeQueuesIsRead() throws IOException {
        ObjectNode json = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.asWritten()));
        json.remove(List.of("waits", "responseParts"));
        json.path("lockWaits")
                .forEach(wait -> ((ObjectNode) wait).remove(List.of("kind", "statement", "place", "queue", "ahead")));
        Recording read = RecordingJson.read(json.toString());

        assertThat(read.waits()).isEqualTo(LockWaits.NONE);
        assertThat(read.responseParts()).isEmpty();
        assertThat(read.lockWaits()).isEqualTo(SampleRecordings.asWritten().lockWaits());
    }

    @Test
    void aRecordingFromBeforeEarlierTriesWereTakenApartIsRead() throws IOException {
        ObjectNode old = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.withTimeout()));
        old.path("indexes").forEach(index -> ((ObjectNode) index).remove("scannedBy"));
        for (JsonNode parts : old.path("responseParts")) {
            ((ObjectNode) parts).remove("examples");
            for (String of : List.of("all", "slowest")) {
                ObjectNode each = (ObjectNode) parts.path(of);
                each.set("earlierTries", each.remove("betweenTries"));
            }
        }
        Recording read = RecordingJson.read(old.toString());

        assertThat(read.responseParts())
                .isNotEmpty()
                .isEqualTo(SampleRecordings.withTimeout().responseParts().stream()
                        .map(parts -> new ResponseParts(
                                parts.operation(), parts.phase(), parts.all(), parts.slowest(), List.of()))
                        .toList());
        assertThat(read.indexes())
                .isNotEmpty()
                .allSatisfy(index -> assertThat(index.scannedBy()).isNull());
    }

    @Test
    void stallsThatWereNotAddedUpAreUnknownAndNotNone() throws IOException {
        ObjectNode old = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.withTimeout()));
        old.at("/requests/operations")
                .forEach(operation -> operation.path("phases").forEach(phase -> ((ObjectNode) phase).remove("stalls")));

        Recording read = RecordingJson.read(old.toString());

        assertThat(read.requests().operations())
                .isNotEmpty()
                .allSatisfy(operation -> assertThat(operation.phases().values())
                        .allSatisfy(phase -> assertThat(phase.stalls()).isNull()));
    }

    @Test
    void whatWasRecordedBeforeThereWereStandbysHadNone() throws IOException {
        ObjectNode old = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.withStandby()));
        old.remove("standby");
        ((ObjectNode) old.at("/scenario/limits")).remove("standbyLagMs");

        Recording read = RecordingJson.read(mapper.writeValueAsString(old));

        assertThat(read.standby()).isNull();
        assertThat(LimitsJson.read(read.scenario().limits()).standbyLag()).isEqualTo(Limits.DEFAULT_STANDBY_LAG);
    }

    @Test
    void limitsKeepEveryNanosecond() throws IOException {
        Limits limits = new Limits(
                Duration.ofNanos(2_000_000_001L),
                0.001,
                Duration.ZERO,
                Duration.ofDays(400),
                Duration.ofNanos(1),
                Duration.ofMinutes(30),
                Duration.ofSeconds(30),
                new Limits.ResponseLimit(null, 3.0),
                Map.of("read_order", new Limits.ResponseLimit(Duration.ofMillis(250), null)),
                Set.of("duration"));
        assertThat(LimitsJson.read(LimitsJson.write(limits))).isEqualTo(limits);
        assertThat(mapper.readValue(mapper.writeValueAsString(limits), Limits.class))
                .isEqualTo(limits);

        ObjectNode more = LimitsJson.write(limits).put("longestStal", 1);
        assertThatThrownBy(() -> LimitsJson.read(more)).hasMessageContaining("longestStal");
        ObjectNode wrong = LimitsJson.write(limits).put("errorRate", "much");
        assertThatThrownBy(() -> LimitsJson.read(wrong)).hasMessageContaining("errorRate");
    }

    @Test
    void readsWhatWasRecordedBeforeLocksOfOperationsAndProgressWere() throws IOException {
        ObjectNode tree = (ObjectNode) mapper.readTree(RecordingJson.write(SampleRecordings.withTimeout()));
        tree.remove("operationLocks");
        tree.remove("progress");
        tree.at("/migration/statements").forEach(statement -> ((ObjectNode) statement).remove("locksRead"));

        Recording read = RecordingJson.read(tree.toString());

        assertThat(read.operationLocks()).isEmpty();
        assertThat(read.progress()).isEmpty();
        // Tries that gave up were sampled, the last one was read.
        assertThat(read.migration()).isNotNull();
        assertThat(read.migration().statements())
                .extracting(Recording.Statement::locksRead)
                .containsExactly(false, false, false, false, true);
    }
}
