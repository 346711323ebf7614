package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Fold;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.scenario.TrafficSpec;
import dev.pgrehearse.scenario.TrafficSpec.Piece;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Arrivals;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerator;
import dev.pgrehearse.values.ValueGenerators;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The seam for more machines: three of them, each with one shard of the schedule and a recording of its own, give the same as
 * one alone.
 */
class ShardsTest {
    private static final long SEED = 20_261_125;
    private static final int SHARDS = 3;
    private static final long LENGTH_NANOS = 20_000_000_000L;
    private static final long MIGRATION_NANOS = 5_000_000_000L;
    private static final List<String> OPERATIONS = List.of("read", "write");
    private static final TrafficSpec TRAFFIC = new TrafficSpec(
            List.of(new Piece(Duration.ofSeconds(5), 200, 200), new Piece(Duration.ofSeconds(5), 200, 600)), false);
    private static final ValueGenerator PARAMETER = ValueGenerators.of(
            new ValueSpec(new ValueSpec.IntegerRange(1, 1_000_000), 0), SEED, "operation read", "id", Keys.NONE);

    @TempDir
    Path folder;

    private final List<String> offeredByOne = new ArrayList<>();
    private final List<String> offeredByAll = new ArrayList<>();
    private Recording one;
    private final List<Recording> shards = new ArrayList<>();

    @BeforeEach
    void rehearse() throws IOException {
        one = rehearse("one", 0, 1, offeredByOne);
        for (int shard = 0; shard < SHARDS; shard++) {
            shards.add(rehearse("shard" + shard, shard, SHARDS, offeredByAll));
        }
    }

    @Test
    void theirRequestsAreThoseOfOne() {
        // At 200/s 5 s before and 5 s after the migration started, then 5 s that rise from there to 600/s, and 5 s of
        // that.
        assertThat(offeredByOne).hasSizeBetween(6_700, 7_300);
        assertThat(offeredByAll).containsExactlyInAnyOrderElementsOf(offeredByOne);
    }

    @Test
    void theirCountsAddUpToThoseOfOne() {
        assertThat(shards.stream().mapToLong(shard -> requests(shard).offered()).sum())
                .isEqualTo(requests(one).offered());
        for (Outcome outcome : Outcome.values()) {
            assertThat(shards.stream()
                            .mapToLong(shard -> requests(shard).outcomes().getOrDefault(outcome, 0L))
                            .sum())
                    .as(outcome.key())
                    .isEqualTo(requests(one).outcomes().getOrDefault(outcome, 0L));
        }
    }

    @Test
    void theirHistogramsMergeExactly() throws DataFormatException {
        for (int operation = 0; operation < OPERATIONS.size(); operation++) {
            for (String phase : List.of(Recording.Phase.BASELINE, Recording.Phase.MIGRATION)) {
                Histogram merged = new Histogram(3);
                for (Recording shard : shards) {
                    merged.add(histogram(shard, operation, phase));
                }
                assertThat(merged).isEqualTo(histogram(one, operation, phase));
                assertThat(merged.getTotalCount()).isGreaterThan(100);
            }
        }
    }

    /** A server whose answers take a time that follows from the request alone, and the recording of it. */
    private Recording rehearse(String name, int shard, int shards, List<String> offered) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        Schedule schedule = new Schedule(new double[] {4, 1}, TRAFFIC, Arrivals.POISSON, SEED, shard, shards);
        schedule.migrationStarted(MIGRATION_NANOS);
        try (Journal journal = Journal.create(own)) {
            begin(journal);
            for (Arrival arrival = schedule.next();
                    schedule.afterNanos(arrival) < LENGTH_NANOS;
                    arrival = schedule.next()) {
                long at = schedule.afterNanos(arrival);
                offered.add(arrival.number() + " at " + at + " operation " + arrival.operation() + " with "
                        + PARAMETER.textAt(arrival.number()));
                journal.requests().add(answered(arrival, at));
            }
            journal.add(new Fact.Ended(LENGTH_NANOS, null));
        }
        return Fold.of(own);
    }

    private static RequestEntry answered(Arrival arrival, long at) {
        SplittableRandom random = new SplittableRandom(arrival.number());
        long answer = at + 1_000_000 + random.nextLong(3_000_000_000L);
        Outcome outcome = random.nextInt(10) == 0 ? Outcome.LOCK_TIMEOUT : Outcome.OK;
        return new RequestEntry(arrival.operation(), 0, outcome, 1, at, at, at, answer, answer);
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
        journal.add(new Fact.LoadBegan(OPERATIONS, 1));
        journal.add(new Fact.PhaseBegan(Recording.Phase.BASELINE, 0));
        journal.add(new Fact.PhaseBegan(Recording.Phase.MIGRATION, MIGRATION_NANOS));
    }

    private static Histogram histogram(Recording recording, int operation, String phase) throws DataFormatException {
        Map<String, Recording.OperationPhase> phases =
                requests(recording).operations().get(operation).phases();
        byte[] bytes = Base64.getDecoder()
                .decode(Objects.requireNonNull(phases.get(phase)).histogram());
        return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
    }

    private static Recording.Requests requests(Recording recording) {
        return Objects.requireNonNull(recording.requests());
    }
}
