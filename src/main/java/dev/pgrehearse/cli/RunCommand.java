package dev.pgrehearse.cli;

import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.rehearsal.KeptRehearsal;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.report.ReportWriter;
import dev.pgrehearse.report.Run;
import dev.pgrehearse.report.Run.Rehearsed;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Rehearses a scenario's migration and writes a report. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        header = "Rehearse a scenario's migration, and report.",
        description = {
            "",
            "Starts a PostgreSQL of its own, loads the scenario's data, puts the scenario's load on it and runs the "
                    + "migration under that load: once for each variant, each time from the same state. The report says "
                    + "GO, NO-GO or UNKNOWN, and why.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgrehearse run scenarios/lock-queue --scale 0.01",
            "  pgrehearse run scenarios/lock-queue --variant as-written --out /tmp/first",
            "  pgrehearse run scenarios/lock-queue --migration tonight.sql"
        })
final class RunCommand implements Callable<Integer> {
    private final Interruption interruption;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ScenarioOptions options;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write to this folder, which must be empty or new; by default reports/<scenario>/<time>.")
    private @Nullable Path out;

    @Option(names = "--dry-run", description = "Print what would be rehearsed, with its time and disk, and stop.")
    private boolean dryRun;

    @Option(
            names = "--keep",
            description =
                    "Keep the database of each rehearsal as it was left, and say where it is, how to start it and how to "
                            + "remove it.")
    private boolean keep;

    @Option(names = "--quiet", description = "Print no progress, only the verdicts.")
    private boolean quiet;

    @Option(names = "--json", description = "Print progress and the result as lines of JSON on standard output.")
    private boolean json;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    RunCommand(Interruption interruption) {
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scenario scenario = options.read();
        Plan plan = options.plan(scenario);
        Console console = new Console(specification.commandLine(), quiet, json);
        if (dryRun) {
            console.plan(plan, keep);
            return ExitCode.AS_EXPECTED.number();
        }
        RunFolder folder = RunFolder.create(out, scenario.name());
        try (Console.Reporting progress = console.progress()) {
            return rehearse(scenario, plan, folder, console, progress).number();
        }
    }

    private ExitCode rehearse(Scenario scenario, Plan plan, RunFolder folder, Console console, Progress progress)
            throws IOException, InterruptedException {
        List<Rehearsed> rehearsed = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        List<KeptRehearsal> kept = new ArrayList<>();
        try (Rehearser rehearser = Rehearser.open(plan, ToolVersion.text(), keep, progress)) {
            rehearser.check();
            for (Rehearsal rehearsal : plan.rehearsals()) {
                Recording recording = rehearser.rehearse(rehearsal, folder.of(rehearsal.id()));
                Verdict verdict =
                        Judge.judge(recording, rehearsal.variant().conditions().limits(), rehearsal.expected());
                rehearsed.add(new Rehearsed(rehearsal.id(), recording, verdict));
                codes.add(codeOf(recording, verdict));
                RecordingJson.write(recording, folder.of(rehearsal.id()).resolve("recording.json"));
                // After each one, so that nothing is lost when a later one fails.
                ReportWriter.write(folder.path(), run(scenario, folder, rehearsed));
                progress.report(ProgressEvent.notice(
                        rehearsal.id() + ": " + verdict.verdict() + ": " + String.join(" ", verdict.reasons())));
                if (!recording.complete()) {
                    break;
                }
            }
            kept.addAll(rehearser.kept());
        } catch (RehearsalMistakes mistakes) {
            throw new WrongInput(mistakes);
        } finally {
            folder.removeIfEmpty();
        }
        if (interruption.requested()) {
            codes.add(ExitCode.INTERRUPTED);
        }
        ExitCode code = ExitCode.worst(codes);
        console.result(run(scenario, folder, rehearsed), folder.path(), code, kept);
        return code;
    }

    private Run run(Scenario scenario, RunFolder folder, List<Rehearsed> rehearsed) {
        return new Run(
                scenario.name(),
                scenario.description(),
                folder.startedAt(),
                "pgrehearse "
                        + String.join(
                                " ",
                                specification
                                        .commandLine()
                                        .getParent()
                                        .getParseResult()
                                        .originalArgs()),
                rehearsed);
    }

    static ExitCode codeOf(Recording recording, Verdict verdict) {
        if (!recording.complete()) {
            return ExitCode.COULD_NOT_RUN;
        }
        if (verdict.asExpected()) {
            return ExitCode.AS_EXPECTED;
        }
        return switch (verdict.verdict()) {
            case UNKNOWN -> ExitCode.UNKNOWN;
            case GO, NO_GO -> ExitCode.NOT_AS_EXPECTED;
        };
    }
}
