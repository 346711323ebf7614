package dev.pgrehearse.cli;

import dev.pgrehearse.recording.LimitsJson;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.report.Rehearsed;
import dev.pgrehearse.report.ReportWriter;
import dev.pgrehearse.report.Run;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioMistakes;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Judges recordings again, under the same limits or others. */
@Command(
        name = "judge",
        mixinStandardHelpOptions = true,
        header = "Judge a run's recordings again, perhaps under other limits.",
        description = {
            "",
            "Needs no PostgreSQL. A rehearsal that was cut off is put together from its journal first. The run's reports "
                    + "are written anew.",
            ""
        })
final class JudgeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run, such as reports/lock-queue/<time>.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path folder;

    @Option(
            names = "--scenario",
            paramLabel = "FILE",
            description = "Take limits and expectations from this scenario's variants of the same names, instead of those"
                    + " in the recordings.")
    private @Nullable Path scenario;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "With --scenario: change one value of it, such as limits.longestStall=40s.")
    private List<String> assignments = new ArrayList<>();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public Integer call() throws IOException {
        if (scenario == null && !assignments.isEmpty()) {
            throw new WrongInput("--set changes a scenario's limits: name the scenario with --scenario FILE");
        }
        SavedRun saved = SavedRun.read(folder);
        Optional<Scenario> limitsFrom = readScenario();
        List<Rehearsed> rehearsed = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (SavedRun.Saved one : saved.recordings()) {
            Verdict verdict = judge(one.recording(), limitsFrom);
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
        ExitCode code = ExitCode.worst(codes);
        new Console(specification.commandLine(), false, false).result(run, folder, code);
        return code.number();
    }

    private Optional<Scenario> readScenario() {
        if (scenario == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ScenarioReader.read(scenario, Overrides.of(assignments, List.of(), null)));
        } catch (ScenarioMistakes mistakes) {
            throw new WrongInput(mistakes.getMessage());
        }
    }

    private static Verdict judge(Recording recording, Optional<Scenario> scenario) throws IOException {
        if (scenario.isEmpty()) {
            Limits limits = LimitsJson.read(recording.scenario().limits());
            return Judge.judge(recording, limits, Expectation.of(recording.scenario().expected()));
        }
        Variant variant = scenario.get().variants().stream()
                .filter(candidate ->
                        candidate.name().equals(recording.scenario().variant()))
                .findFirst()
                .orElseThrow(() -> new WrongInput("the scenario " + scenario.get().name() + " has no variant "
                        + recording.scenario().variant() + ", of which there is a recording"));
        return Judge.judge(
                recording,
                variant.conditions().limits(),
                variant.expectAt(recording.scenario().size()));
    }
}
