package dev.pgrehearse.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.Factor;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.Machines;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.OtherMachine;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.ScaledStatement;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.verdict.Figures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a server with half of one processor takes, foretold from rungs on one that has them all: the factors come from the
 * probes alone, run on both. {@code mvn verify -Pbench}, most of an hour; the table goes where {@link BenchmarkPage} says. It needs
 * to be allowed to make a control group, and is skipped elsewhere.
 *
 * <p>{@code -Dpgrehearse.bench.shrink=10} divides all row counts, to try the benchmark itself; {@code -Dpgrehearse.bench.only=update}
 * runs some.
 */
@Tag("alone")
class CalibrationBenchmark {
    private static final int SHRINK = Integer.getInteger("pgrehearse.bench.shrink", 1);

    /**
     * Rows at the target, for each operation. A control group lets its processes run in turns of 100 ms: what takes two of them is
     * told by the turn in which it begins, so quick scans get the larger tables.
     */
    private static final Map<String, Long> TARGETS = Map.ofEntries(
            Map.entry("index-bigint", 2_000_000L / SHRINK),
            Map.entry("index-text", 2_000_000L / SHRINK),
            Map.entry("index-two-columns", 2_000_000L / SHRINK),
            Map.entry("concurrently", 2_000_000L / SHRINK),
            Map.entry("unique", 2_000_000L / SHRINK),
            Map.entry("foreign-key", 10_000_000L / SHRINK),
            Map.entry("validate-check", 10_000_000L / SHRINK),
            Map.entry("not-null", 10_000_000L / SHRINK),
            Map.entry("rewrite", 2_000_000L / SHRINK),
            Map.entry("volatile-default", 2_000_000L / SHRINK),
            Map.entry("update", 2_000_000L / SHRINK));

    /** The five largest, up to half of the target: the curve is not what is on trial. */
    private static final LadderPlan RUNGS =
            new LadderPlan(Stream.of(1, 2, 4, 8, 16).map(times -> times / 32.0).toList());

    private static final Set<String> ONLY =
            Set.of(System.getProperty("pgrehearse.bench.only", String.join(",", TARGETS.keySet()))
                    .split(","));

    private static final long SEED = 7;
    private static final double BAR = 0.25;
    private static final Path SCENARIO = Path.of("src/test/resources/dev/pgrehearse/ladder/accuracy");

    @TempDir
    Path folder;

    private final StringBuilder page = new StringBuilder("""
            | operation | rows | here | factor | estimated there | at most | measured there | error |
            |---|---:|---|---|---|---|---|---|
            """);
    private final StringBuilder probes = new StringBuilder();
    private final List<Double> errors = new ArrayList<>();

    @Test
    void halfAProcessorIsForetoldFromAWholeOne() throws Exception {
        Scenario scenario = ScenarioReader.read(SCENARIO, Overrides.NONE);
        HalfAProcessor half = HalfAProcessor.make().orElse(null);
        assumeThat(half).as("a control group of our own").isNotNull();
        try (half) {
            for (Variant variant : scenario.variants()) {
                if (TARGETS.containsKey(variant.name()) && ONLY.contains(variant.name())) {
                    row(scenario, variant, Objects.requireNonNull(half));
                }
            }
        }
        page.append("\nFrom quiet runs at up to half of the rows on ")
                .append(Runtime.getRuntime().availableProcessors())
                .append(
                        " processors, for a server whose control group has half of one (50 ms of each 100 ms). The factors are those of the"
                                + " probes, run on both; nothing else is known of the other server. Bar: an error of at most 25 %.\n\n")
                .append(probes);
        BenchmarkPage.ACCURACY.put("Estimates for another machine", page.toString(), SHRINK == 1);
        assertThat(errors).hasSize(ONLY.size()).allMatch(error -> Math.abs(error) <= BAR);
    }

    private static Site site(Scenario scenario, Variant variant, Path folder) {
        return new Site(scenario, variant, SEED, folder, "test", Progress.SILENT);
    }

    private void row(Scenario scenario, Variant variant, HalfAProcessor half) throws Exception {
        long rows = Objects.requireNonNull(TARGETS.get(variant.name()));
        Target target = new Target(Map.of("orders", rows, "customers", rows / 10), Set.of("orders"));
        LadderClimb climb = new LadderClimb(
                site(scenario, variant, folder.resolve(variant.name())),
                target,
                RUNGS,
                new LadderClimb.Limits(Duration.ofHours(1), 2));
        climb.climb();
        assertThat(climb.obstacle()).isEmpty();
        Rung top = climb.rungs().get(climb.rungs().size() - 1);
        There there = there(scenario, variant, top, target, half);
        Machines machines =
                new LadderProbes(site(scenario, variant, folder)).beside(there.calibration(), climb.rungs());
        Estimate estimate = Estimator.estimate(
                new Estimator.Question(scenario.name(), variant.name(), target.rows(), target.named(), null),
                climb.rungs(),
                climb.shrunk(),
                climb.keys(),
                null,
                machines);
        OtherMachine other = Objects.requireNonNull(estimate.otherMachine());
        ScaledStatement scaled = other.statements().get(0);
        if (scaled.centralSeconds() == null) {
            page.append("| ")
                    .append(variant.name())
                    .append(" | ")
                    .append(Figures.count(rows))
                    .append(" | – | – | UNKNOWN: ")
                    .append(String.join(" ", scaled.unknown()))
                    .append(" | – | ")
                    .append(seconds(there.seconds()))
                    .append(" | – |\n");
            return;
        }
        double error = scaled.centralSeconds() / there.seconds() - 1;
        errors.add(error);
        page.append("| ")
                .append(String.join(
                        " | ",
                        variant.name(),
                        Figures.count(rows),
                        seconds(Objects.requireNonNull(other.hereCentralSeconds())),
                        Figures.times(Objects.requireNonNull(scaled.factor())),
                        seconds(scaled.centralSeconds()),
                        seconds(Objects.requireNonNull(scaled.upperSeconds())),
                        seconds(there.seconds()),
                        String.format(Locale.ROOT, "%+.1f %%", error * 100)))
                .append(" |\n");
        probes.append("- ").append(variant.name()).append(": ");
        for (Factor factor : other.factors()) {
            probes.append(factor.probe().words())
                    .append(' ')
                    .append(factor.factor() == null ? "unknown" : Figures.times(factor.factor()))
                    .append("; ");
        }
        probes.append(Figures.share(Objects.requireNonNull(scaled.cpuShare())))
                .append(" of the time here on a processor\n");
    }

    /** The server with half a processor: its probes, and the median of three runs at the target. */
    private record There(Calibration calibration, double seconds) {}

    private There there(Scenario scenario, Variant variant, Rung top, Target target, HalfAProcessor half)
            throws Exception {
        Rehearsal probed = Planner.quiet(scenario, variant, "top", top.rows(), SEED);
        Rehearsal measured = Planner.quiet(scenario, variant, "target", target.rows(), SEED);
        Set<Long> before = HalfAProcessor.children();
        List<Double> seconds = new ArrayList<>();
        try (Rehearser rehearser =
                Rehearser.open(new Plan(List.of(probed, measured)), "benchmark", false, Progress.SILENT)) {
            rehearser.check();
            rehearser.makeDatasets();
            // The supervisor is the parent of every server.
            half.take(before);
            assertThat(half.members()).isNotBlank();
            Calibration calibration = rehearser.calibrate(probed);
            for (int run = 1; run <= 3; run++) {
                Path own = Files.createDirectories(folder.resolve(variant.name() + "-there-" + run));
                Recording recording = rehearser.measure(measured, own).recording();
                Recording.Statement statement = Objects.requireNonNull(recording.migration())
                        .statements()
                        .get(0);
                seconds.add((statement.endMs() - statement.startMs() - statement.lockWaitMs()) / 1e3);
            }
            return new There(calibration, new Measurement(target.largest(), seconds).central());
        }
    }

    private static String seconds(double seconds) {
        return Figures.duration(seconds * 1e3);
    }
}
