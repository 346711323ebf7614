package dev.pgrehearse.cli;

import dev.pgrehearse.recording.LimitsJson;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.report.ReportWriter;
import dev.pgrehearse.report.Run;
import dev.pgrehearse.report.Run.Rehearsed;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.StandardAdversaries;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A saved run, judged again, with its reports written anew.
 *
 * @param run the run with its new verdicts
 * @param code what the verdicts come down to
 */
record JudgedAgain(Run run, ExitCode code) {
    /**
     * Judges every recording in a run's folder.
     *
     * @param scenario whose limits and expectations hold; empty for those in the recordings
     * @throws WrongInput when the folder holds no rehearsal, or the scenario lacks a variant of it
     */
    static JudgedAgain of(Path folder, Optional<Scenario> scenario) throws IOException {
        SavedRun saved = SavedRun.read(folder);
        List<Rehearsed> rehearsed = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (SavedRun.Saved one : saved.recordings()) {
            Verdict verdict = judge(one, scenario);
            rehearsed.add(new Rehearsed(one.id(), one.recording(), verdict));
            codes.add(RunCommand.codeOf(one.recording(), verdict));
        }
        Recording first = saved.recordings().get(0).recording();
        Run run = new Run(
                first.scenario().name(),
                first.scenario().description(),
                first.startedAt(),
                "pgrehearse judge " + folder.getFileName(),
                rehearsed);
        ReportWriter.write(folder, run);
        return new JudgedAgain(run, ExitCode.worst(codes));
    }

    private static Verdict judge(SavedRun.Saved saved, Optional<Scenario> scenario) throws IOException {
        Recording recording = saved.recording();
        if (scenario.isEmpty()) {
            Limits limits = LimitsJson.read(recording.scenario().limits());
            return Judge.judge(
                    recording, limits, Expectation.of(recording.scenario().expected()));
        }
        Variant variant = scenario.get().variants().stream()
                .filter(candidate ->
                        candidate.name().equals(recording.scenario().variant()))
                .findFirst()
                .orElseThrow(
                        () -> new WrongInput("the scenario " + scenario.get().name() + " has no variant "
                                + recording.scenario().variant() + ", of which there is a recording"));
        return Judge.judge(
                recording,
                variant.conditions().limits(),
                expected(variant, saved.id(), recording.scenario().size()));
    }

    /** What is rehearsed under one adversary of the standard set has an expectation of its own. */
    private static Expectation expected(Variant variant, String id, String size) {
        return StandardAdversaries.NAMES.stream()
                .filter(name ->
                        id.matches(Pattern.quote(variant.name() + StandardAdversaries.UNDER + name) + "(-[0-9]+)?"))
                .findFirst()
                .map(variant::expectUnder)
                .orElseGet(() -> variant.expectAt(size));
    }
}
