package dev.pgrehearse.cli;

import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.PastErrors;
import dev.pgrehearse.history.HistoryFile;
import dev.pgrehearse.ladder.Ascent;
import dev.pgrehearse.ladder.LadderClimb;
import dev.pgrehearse.ladder.LadderProbes;
import dev.pgrehearse.ladder.RungUnderLoad;
import dev.pgrehearse.ladder.Site;
import dev.pgrehearse.ladder.Target;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.report.EstimateReport;
import dev.pgrehearse.scenario.Quantities;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.verdict.Figures;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how long a migration takes at a size that is too large to be tried, from sizes that are not. */
@Command(
        name = "estimate",
        mixinStandardHelpOptions = true,
        header = "Estimate how long a migration takes at production's size.",
        customSynopsis = {
            "pgrehearse estimate [OPTIONS] SCENARIO",
            "pgrehearse estimate --check RECORDING [--estimate FILE] [--history FILE]"
        },
        description = {
            "",
            "Runs the migration without load on ever larger datasets, each twice the one before, as far as the budget goes, "
                    + "and says from that what each statement takes at the target's size: a central value, an upper value "
                    + "that holds in nine of ten cases, or UNKNOWN with what would decide it. Limits of memory and settings "
                    + "between the rungs and the target are computed first: if too few sizes above one fit into the"
                    + " budget, sizes are measured again with memory settings shrunk in proportion, and the report says so.",
            "",
            "Durations are this machine's, unless --profile or --calibration names a profile that was taken with"
                    + " --calibrate: then they are scaled to that one's, by the same read-only probes on both. Waits for locks"
                    + " are the workload's, and in no figure. With --under-load the largest size is rehearsed once more under the scenario's own load: that measures who waits for what, and tells"
                    + " from which size on the verdict is NO-GO. It changes no duration; with --window, what fits without load"
                    + " and might not under it is UNKNOWN.",
            "",
            "With --check nothing is run: an estimate is held against what was measured since, and how far off it was is "
                    + "added to a history, whose errors are printed beside new estimates.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it fits the window; without --window, there is a figure for every statement; with --check, it was compared, "
                    + "whatever came out",
            "1:it does not fit the window",
            "2:the scenario or the command line is wrong, nothing was measured; with --check, they cannot be compared, "
                    + "nothing was written",
            "3:UNKNOWN: nobody can tell, and the report says what would decide it",
            "4:it could not be run (server, disk, container engine, ...); what was recorded is saved",
            "130:interrupted; what was recorded is saved"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgrehearse estimate scenarios/blocked-writes --target orders=50M --window 30m",
            "  pgrehearse estimate scenarios/blocked-writes --variant as-written --target orders=50M --budget 5m",
            "  pgrehearse estimate scenarios/blocked-writes --target orders=50M --under-load",
            "  pgrehearse estimate --check reports/blocked-writes/2026-01-31T02-00-00Z/as-written"
        })
final class EstimateCommand implements Callable<Integer> {
    private final Interruption interruption;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SCENARIO",
            description = "A scenario file, or a folder with a scenario.yaml in it.")
    private @Nullable Path scenarioFile;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ScenarioSource source;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CheckOptions check;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CalibrationOptions calibration;

    @Option(
            names = "--target",
            paramLabel = "TABLE=ROWS",
            description =
                    "The rows to estimate for, such as orders=50M; several with commas, or given several times. Tables"
                            + " that are not named grow with those that are. By default the rows of the scenario's size.")
    private List<String> targets = new ArrayList<>();

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "Take the rows of all tables from this profile of production, and how fast its machine is, when the"
                            + " profile was taken with --calibrate.")
    private @Nullable Path profile;

    @Option(
            names = "--size",
            paramLabel = "NAME",
            description = "Start from this one of the scenario's sizes, instead of its default size.")
    private @Nullable String size;

    @Option(
            names = "--budget",
            paramLabel = "DURATION",
            defaultValue = "20m",
            description =
                    "The wall time that all rungs of a variant may take together, and index builds over their columns alone; by default"
                            + " 20m. Nothing is begun that is not expected to end within it, but for the first rung; what is"
                            + " under way when it ends is run to its end.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String budget;

    @Option(
            names = "--largest",
            paramLabel = "ROWS",
            description = "Measure no rung with more rows than this in its largest table.")
    private @Nullable String largest;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description = "Say whether it fits, such as 30m: without load, and with --under-load slowed by it, too.")
    private @Nullable String window;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "2",
            converter = NumberConverter.ForCount.class,
            description = "Run each rung so often; by default 2. Where runs are more than 20 %% apart, up to 5.")
    private int repeat;

    @Option(
            names = "--under-load",
            description =
                    "Rehearse the largest size once more under the scenario's load, within the budget, and say from which"
                            + " size on the verdict is NO-GO. It takes the scenario's warm-up, baseline and recovery for each"
                            + " variant, so it is not done unless asked for.")
    private boolean underLoad;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write to this folder, which must be empty or new; by default reports/<scenario>/<time>.")
    private @Nullable Path out;

    @Option(names = "--quiet", description = "Print no progress, only the estimate.")
    private boolean quiet;

    @Option(names = "--json", description = "Print progress and the estimate as lines of JSON on standard output.")
    private boolean json;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec specification;

    EstimateCommand(Interruption interruption) {
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check.checkAgainstOthers(specification.commandLine(), scenarioFile);
        if (scenarioFile == null) {
            return check.run(specification.commandLine().getOut(), json).number();
        }
        Scenario scenario = source.read(scenarioFile);
        PastErrors past = HistoryFile.read(check.history()).errors();
        List<Climb> climbs = climbs(scenario, past);
        RunFolder folder = RunFolder.create(out, scenario.name());
        Console console = new Console(specification.commandLine(), quiet, json);
        List<Estimate> estimates = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        try (Console.Reporting progress = console.progress()) {
            past.told().forEach(told -> progress.report(ProgressEvent.notice(told)));
            for (Climb climb : climbs) {
                Site site =
                        new Site(scenario, climb.variant(), source.seed(), folder.path(), ToolVersion.text(), progress);
                codes.add(measure(new Ascent(site, climb.asked()), estimates));
                EstimateReport.write(folder.path(), folder.startedAt(), estimates);
                if (codes.contains(ExitCode.COULD_NOT_RUN)) {
                    break;
                }
            }
        } finally {
            folder.removeIfEmpty();
        }
        if (interruption.requested()) {
            codes.add(ExitCode.INTERRUPTED);
        }
        print(estimates, folder);
        return ExitCode.worst(codes).number();
    }

    /** A variant, and what is asked of it. */
    private record Climb(Variant variant, Ascent.Asked asked) {}

    /** Of each variant; every mistake is found before anything is measured. */
    private List<Climb> climbs(Scenario scenario, PastErrors past) throws IOException {
        List<Variant> variants = EstimateVariants.of(scenario, source.variants());
        LadderClimb.Limits limits = new LadderClimb.Limits(duration("--budget", budget), repeat());
        Duration fits = window == null ? null : duration("--window", window);
        Calibration other = calibration.read(profile).orElse(null);
        List<Climb> climbs = new ArrayList<>();
        for (Variant variant : variants) {
            climbs.add(new Climb(variant, asked(scenario, variant, limits, fits, other, past)));
        }
        return climbs;
    }

    private Ascent.Asked asked(
            Scenario scenario,
            Variant variant,
            LadderClimb.Limits limits,
            @Nullable Duration fits,
            @Nullable Calibration other,
            PastErrors past) {
        Target target = EstimateTarget.of(EstimateVariants.size(variant, size), targets, profile);
        double most = largest == null ? target.largest() : Math.min(target.largest(), rows("--largest", largest));
        LadderPlan plan = LadderPlan.of(target.largest(), most)
                .orElseThrow(() -> new WrongInput("the target is smaller than the rungs of a ladder: "
                        + Figures.count((long) most) + " rows at most leave no room for " + LadderPlan.LEAST_RUNGS
                        + " rungs, the smallest with 1 000 rows. Rehearse at that size itself:"
                        + " pgrehearse run with --size or --scale."));
        Duration here = other == null ? limits.budget() : LadderProbes.leftOf(limits.budget());
        return new Ascent.Asked(
                new Estimator.Question(
                        scenario.name(),
                        variant.name(),
                        target.rows(),
                        target.named(),
                        fits,
                        variant.migration().pauses(),
                        past),
                target,
                plan,
                new LadderClimb.Limits(underLoad ? quietBudget(variant, here) : here, limits.repeat()),
                limits.budget(),
                underLoad,
                other);
    }

    /** What the budget leaves for the quiet rungs. */
    private static Duration quietBudget(Variant variant, Duration budget) {
        Duration loaded = RungUnderLoad.reserve(variant);
        if (budget.compareTo(loaded) <= 0) {
            throw new WrongInput(
                    "--budget " + Figures.duration((double) budget.toMillis())
                            + " is too small for --under-load: the rung of " + variant.name()
                            + " under load takes about " + Figures.duration((double) loaded.toMillis())
                            + " alone (warm-up, baseline and recovery of the scenario's `phases`), and the quiet ones come before it");
        }
        return budget.minus(loaded);
    }

    private static ExitCode measure(Ascent ascent, List<Estimate> estimates) throws IOException, InterruptedException {
        Estimate estimate;
        try {
            estimate = ascent.estimate();
        } catch (RehearsalMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
        estimates.add(estimate);
        if (ascent.incomplete()) {
            return ExitCode.COULD_NOT_RUN;
        }
        return switch (estimate.answer()) {
            case FITS -> ExitCode.AS_EXPECTED;
            case DOES_NOT_FIT -> ExitCode.NOT_AS_EXPECTED;
            case UNKNOWN -> ExitCode.UNKNOWN;
        };
    }

    private void print(List<Estimate> estimates, RunFolder folder) {
        PrintWriter lines = specification.commandLine().getOut();
        if (json) {
            estimates.forEach(estimate -> lines.println(EstimateReport.line(estimate)));
        } else {
            lines.println();
            estimates.forEach(estimate -> EstimateReport.summary(estimate).forEach(lines::println));
            lines.println("Report: " + folder.path().resolve("report.html"));
        }
        lines.flush();
    }

    private int repeat() {
        if (repeat < 1) {
            throw new WrongInput("--repeat " + repeat + ": a number of at least 1 is expected");
        }
        return repeat;
    }

    private static Duration duration(String option, String text) {
        Duration duration = Quantities.duration(text);
        if (duration == null || duration.isZero()) {
            throw new WrongInput(
                    option + ": found `" + text + "`, expected a duration above 0 with its unit, such as 30m or 90s");
        }
        return duration;
    }

    private static double rows(String option, String text) {
        Long rows = Quantities.count(text);
        if (rows == null || rows == 0) {
            throw new WrongInput(option + ": found `" + text + "`, expected a number of rows, such as 1M");
        }
        return (double) rows;
    }
}
