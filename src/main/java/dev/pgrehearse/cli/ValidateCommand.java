package dev.pgrehearse.cli;

import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.Scenario;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks a scenario without rehearsing it. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        header = "Check a scenario without rehearsing it.",
        description = {
            "",
            "Reads the scenario and every file it names, and says all that is wrong at once. Then an empty server is "
                    + "started for a moment, so that PostgreSQL itself reads the schema, the workload's statements and "
                    + "the migration's scripts. Of the scripts it reads the grammar alone: whether their tables exist "
                    + "shows when they run.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgrehearse validate scenarios/lock-queue",
            "  pgrehearse validate scenarios/lock-queue --migration tonight.sql"
        })
final class ValidateCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ScenarioOptions options;

    @Option(names = "--offline", description = "Start no server: check the files alone.")
    private boolean offline;

    @Option(names = "--quiet", description = "Print mistakes alone.")
    private boolean quiet;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scenario scenario = options.read();
        Plan plan = options.plan(scenario);
        Console console = new Console(specification.commandLine(), quiet, false);
        if (!offline) {
            try (Console.Reporting progress = console.progress();
                    Rehearser rehearser = Rehearser.open(plan, ToolVersion.text(), false, progress)) {
                rehearser.check();
            } catch (RehearsalMistakes mistakes) {
                throw new WrongInput(mistakes);
            }
        }
        if (!quiet) {
            specification
                    .commandLine()
                    .getOut()
                    .println(scenario.name() + " is right: " + plan.rehearsals().size()
                            + (plan.rehearsals().size() == 1 ? " rehearsal" : " rehearsals")
                            + (offline ? " (its SQL was not shown to a server)" : ""));
        }
        return ExitCode.AS_EXPECTED.number();
    }
}
