package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.history.Samples;
import dev.pgrehearse.history.Samples.Ran;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.report.CheckSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How an estimate is found, and what is refused, with nothing written. */
class PastEstimatesTest {
    @TempDir
    Path folder;

    private Path rehearsal;
    private Path history;

    @BeforeEach
    void record() throws Exception {
        rehearsal = Files.createDirectories(folder.resolve("lock-queue/measured/as-written"));
        history = folder.resolve("history/estimates.ndjson");
        RecordingJson.write(Samples.recording(new Ran(Samples.INDEX, 12.5)), rehearsal.resolve("recording.json"));
    }

    private static Estimate of(String sql, double central) {
        return Samples.estimate(Samples.known(1, sql, Operation.INDEX_BUILD, central, 2 * central));
    }

    private Path write(String run, String startedAt, Estimate estimate) throws Exception {
        Path file = Files.createDirectories(folder.resolve("lock-queue/" + run)).resolve("estimate.json");
        return Files.writeString(
                file,
                RecordingJson.mapper()
                        .writeValueAsString(new Estimates(Estimates.FORMAT, startedAt, List.of(estimate))));
    }

    private CheckSummary check() throws Exception {
        return EstimateCheck.of(rehearsal, null, history);
    }

    private void refused(Path recording, @Nullable Path estimate, String... expected) {
        assertThatThrownBy(() -> EstimateCheck.of(recording, estimate, history))
                .isInstanceOf(WrongInput.class)
                .message()
                .contains(expected);
        assertThat(history.getParent()).doesNotExist();
    }

    @Test
    void theNewestThatFitsIsTakenWhereRunsOfTheScenarioLie() throws Exception {
        write("a", "2026-03-01T01:00:00Z", of(Samples.INDEX, 10));
        Path fits = write("b", "2026-03-01T01:10:00Z", of(Samples.INDEX, 11));
        write("c", "2026-03-01T01:20:00Z", of(Samples.VALIDATE, 12));
        write("d", "2026-03-01T01:45:01Z", of(Samples.INDEX, 13));
        CheckSummary summary = check();
        assertThat(Path.of(summary.estimateFile())).isEqualTo(fits);
        assertThat(summary.check().checked().get(0).centralSeconds()).isEqualTo(11);
        assertThat(Files.readAllLines(history)).hasSize(1);
        // The recording's own file does as well as its folder, and the estimate's folder as well as its file.
        assertThat(EstimateCheck.of(rehearsal.resolve("recording.json"), fits.getParent(), history)
                        .added()
                        .added())
                .isEmpty();
        assertThat(Files.readAllLines(history)).hasSize(1);
    }

    @Test
    void withoutOneItIsSaidWhatWasLookedForAndWhere() throws Exception {
        refused(
                rehearsal,
                null,
                "No estimate was found of scenario lock-queue, variant as-written",
                Path.of("reports", "lock-queue", "*", "estimate.json").toString(),
                folder.resolve("lock-queue/*/estimate.json").toString());
        Path other = write("c", "2026-03-01T01:20:00Z", of(Samples.VALIDATE, 12));
        Path late = write("d", "2026-03-01T01:45:01Z", of(Samples.INDEX, 13));
        refused(
                rehearsal,
                null,
                other + ", made at 2026-03-01T01:20:00Z:\n    it is of another migration",
                late + ", made at 2026-03-01T01:45:01Z:\n    it was made at 2026-03-01T01:45:01Z, after");
    }

    @Test
    void anEstimateThatCannotBeReadIsTold() throws Exception {
        Path broken = write("z", "2026-03-01T01:30:00Z", of(Samples.INDEX, 11));
        Files.writeString(broken, "{}");
        refused(rehearsal, null, broken + ": this is no estimate.json");
        refused(rehearsal, broken, broken + ": this is no estimate.json");
        write("b", "2026-03-01T01:10:00Z", of(Samples.INDEX, 11));
        assertThat(check().lines())
                .anyMatch(line -> line.contains(broken + ": ") && line.endsWith(" It was left out."));
    }

    @Test
    void aNamedEstimateThatDoesNotFitIsRefused() throws Exception {
        Path other = write("c", "2026-03-01T01:20:00Z", of(Samples.VALIDATE, 12));
        refused(rehearsal, other, "The estimate in " + other, "Nothing was written", "it is of another migration");
        refused(rehearsal, folder.resolve("nothing.json"), "nothing.json is not there");
    }

    @Test
    void whatIsNoFinishedRehearsalIsRefused() throws Exception {
        write("b", "2026-03-01T01:10:00Z", of(Samples.INDEX, 11));
        refused(folder.resolve("nowhere"), null, "nowhere is not there");
        refused(rehearsal.getParent(), null, "name one of its rehearsals, of " + rehearsal);
        refused(folder, null, "holds no recording.json");
        Path cut = Files.createDirectories(folder.resolve("lock-queue/cut/as-written"));
        Files.writeString(cut.resolve("journal.ndjson"), "{}\n");
        refused(cut, null, "was cut off");
        Path failed = Files.createDirectories(folder.resolve("lock-queue/failed/as-written"));
        RecordingJson.write(
                Samples.recording(
                        tree -> tree.put("complete", false).put("fault", "The disk was full."),
                        new Ran(Samples.INDEX, 12.5)),
                failed.resolve("recording.json"));
        refused(failed, null, "No estimate can be held against " + failed, "The disk was full.");
        Files.writeString(failed.resolve("recording.json"), "{}");
        refused(failed, null, "this is not a recording of pgrehearse");
    }
}
