package dev.pgrehearse.cli;

import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioMistakes;
import dev.pgrehearse.scenario.ScenarioReader;
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
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgrehearse judge reports/lock-queue/2026-01-31T02-00-00Z",
            "  pgrehearse judge /tmp/first --scenario my.yaml --set limits.duration=5m"
        })
final class JudgeCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description = "The folder of a run, such as reports/lock-queue/<time>.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path folder;

    @Option(
            names = "--scenario",
            paramLabel = "FILE",
            description =
                    "Take limits and expectations from this scenario's variants of the same names, instead of those"
                            + " in the recordings.")
    private @Nullable Path scenario;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "With --scenario: change one value of it, such as limits.longestStall=40s.",
            converter = AssignmentConverter.class)
    private List<Overrides.Assignment> assignments = new ArrayList<>();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public Integer call() throws IOException {
        if (scenario == null && !assignments.isEmpty()) {
            throw new WrongInput("--set changes a scenario's limits: name the scenario with --scenario FILE");
        }
        JudgedAgain judged = JudgedAgain.of(folder, readScenario());
        new Console(specification.commandLine(), false, false).result(judged.run(), folder, judged.code(), List.of());
        return judged.code().number();
    }

    private Optional<Scenario> readScenario() {
        if (scenario == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ScenarioReader.read(scenario, new Overrides(assignments, List.of(), null)));
        } catch (ScenarioMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
    }
}
