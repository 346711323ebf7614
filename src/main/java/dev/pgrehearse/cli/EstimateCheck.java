package dev.pgrehearse.cli;

import dev.pgrehearse.estimate.EstimateFormatException;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.EstimatesJson;
import dev.pgrehearse.history.Check;
import dev.pgrehearse.history.HistoryFile;
import dev.pgrehearse.history.MeasuredRun;
import dev.pgrehearse.history.NotComparable;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.RecordingFormatException;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.report.CheckSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds an estimate against a recording, and remembers how far off it was. Stateless. */
final class EstimateCheck {
    static final String ESTIMATE = "estimate.json";
    private static final String RECORDING = "recording.json";

    private EstimateCheck() {}

    /**
     * Holds an estimate against a recording, and adds what came out to the history.
     *
     * @param estimate its file, or the folder that holds it; null to look for it
     * @throws WrongInput when they cannot be compared; then nothing is written
     * @throws IOException when a file cannot be read, or the history cannot be written
     */
    static CheckSummary of(Path recording, @Nullable Path estimate, Path history) throws IOException {
        Path file = recordingIn(recording);
        MeasuredRun run = measured(file);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        PastEstimates.Found found = estimate == null
                ? PastEstimates.near(file, run.scenario()).newest(run, now)
                : named(Files.isDirectory(estimate) ? estimate.resolve(ESTIMATE) : estimate, file, run, now);
        HistoryFile.Added added = HistoryFile.add(history, found.check().checked());
        return new CheckSummary(found.check(), found.file().toString(), history.toString(), added, found.told());
    }

    private static PastEstimates.Found named(Path estimate, Path recording, MeasuredRun run, String now)
            throws IOException {
        if (!Files.isRegularFile(estimate)) {
            throw new WrongInput("--estimate " + estimate + " is not there; the " + ESTIMATE
                    + " of an earlier pgrehearse estimate is expected. Nothing was checked.");
        }
        try {
            Estimates estimates = EstimatesJson.read(estimate);
            return new PastEstimates.Found(estimate, Check.of(run, estimates, now), List.of());
        } catch (EstimateFormatException wrong) {
            throw new WrongInput(wrong);
        } catch (NotComparable apart) {
            throw new WrongInput("The estimate in " + estimate + " cannot be held against " + recording
                    + ". Nothing was written.\n" + PastEstimates.indented(apart));
        }
    }

    private static MeasuredRun measured(Path file) throws IOException {
        try {
            return MeasuredRun.of(RecordingJson.read(file));
        } catch (RecordingFormatException wrong) {
            throw new WrongInput(wrong);
        } catch (NotComparable unfinished) {
            throw new WrongInput("No estimate can be held against " + file + ". Nothing was written.\n"
                    + PastEstimates.indented(unfinished));
        }
    }

    /** The recording's file: itself, or in its folder. */
    private static Path recordingIn(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return path;
        }
        Path file = path.resolve(RECORDING);
        if (Files.isRegularFile(file)) {
            return file;
        }
        if (!Files.isDirectory(path)) {
            throw new WrongInput("--check " + path
                    + " is not there; the folder of a finished rehearsal is expected, such as"
                    + " reports/blocked-writes/2026-01-31T02-00-00Z/as-written, or the " + RECORDING + " in it");
        }
        if (Files.exists(path.resolve(Journal.FILE_NAME))) {
            throw new WrongInput("--check " + path + " holds a rehearsal that was cut off: it has a "
                    + Journal.FILE_NAME + " and no " + RECORDING + ", so there is no duration to check");
        }
        String inside;
        try (Stream<Path> entries = Files.list(path)) {
            inside = entries.filter(entry -> Files.exists(entry.resolve(RECORDING)))
                    .sorted()
                    .map(Path::toString)
                    .collect(Collectors.joining(", "));
        }
        throw new WrongInput("--check " + path + " holds no " + RECORDING
                + (inside.isEmpty() ? "" : "; it is a run's folder: name one of its rehearsals, of " + inside));
    }
}
