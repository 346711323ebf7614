package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.KeysAlone;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
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
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Estimates of eleven operations from rungs up to a million rows, held against what was then measured at 10 and 50 million:
 * {@code mvn verify -Pbench}, about an hour, 40 GB of disk and nothing else on the machine. The table goes to
 * {@code target/accuracy.md}, all single runs to {@code target/estimate-runs.csv}, and with {@code -Dpgrehearse.write.docs=true} to {@code docs/accuracy.md}. Nothing is
 * asserted of the figures: an error beyond its bar is printed as missed. Each row is printed as soon as it is known.
 *
 * <p>{@code -Dpgrehearse.bench.shrink=100} divides all row counts, and {@code -Dpgrehearse.bench.only=update,unique} leaves out
 * other operations, {@code -Dpgrehearse.bench.times=50} the smaller target.
 */
@Tag("alone")
class EstimateBenchmark {
    private static final int SHRINK = Integer.getInteger("pgrehearse.bench.shrink", 1);
    private static final List<String> ONLY =
            List.of(System.getProperty("pgrehearse.bench.only", "").split(","));
    private static final List<Integer> TIMES = Stream.of(
                    System.getProperty("pgrehearse.bench.times", "10,50").split(","))
            .map(Integer::valueOf)
            .toList();
    private static final double TOP = 1e6 / SHRINK;
    private static final long SEED = 7;
    private static final Path SCENARIO = Path.of("src/test/resources/dev/pgrehearse/ladder/accuracy");

    /** Those that are measured at 50 million, too. */
    private static final Set<String> FAR = Set.of("index-bigint", "index-text", "rewrite");

    @TempDir
    Path folder;

    @Test
    void estimatesAreHeldAgainstWhatWasMeasured() throws Exception {
        Scenario scenario = ScenarioReader.read(SCENARIO, Overrides.NONE);
        for (int times : TIMES) {
            StringBuilder rows = new StringBuilder();
            for (Variant variant : scenario.variants()) {
                boolean asked = ONLY.contains("") || ONLY.contains(variant.name());
                if (asked && (times == 10 || FAR.contains(variant.name()))) {
                    rows.append(row(scenario, variant, times));
                    write(times, rows);
                }
            }
        }
    }

    /** After each row: what was measured in an hour is not lost with the last one. */
    private static void write(int times, StringBuilder rows) throws Exception {
        BenchmarkPage.ACCURACY.put(
                "Estimates at " + times + " times the size",
                String.format(
                        Locale.ROOT,
                        "Written by `mvn verify -Pbench -Dit.test=EstimateBenchmark -Dpgrehearse.write.docs=true` on %s: %d processors,"
                                + " nothing beside. Estimated from quiet runs at up to %s rows, three at each size and more where"
                                + " they differ; what sorts, hashes or builds indexes, also from builds and checks over its columns alone at"
                                + " the target's size, as `estimate` makes them where the budget allows it; with shared_buffers 4GB,"
                                + " maintenance_work_mem 1GB, max_wal_size 32GB, checkpoint_timeout 1h and no parallel workers, and a budget"
                                + " of an hour for each. Measured three times at the size itself, once before those and twice after: the median, and in brackets the fastest"
                                + " and the slowest, which is how much the machine itself says. Bars: an error of at most %s;"
                                + " measured within [estimated − 25 %%, at most].%n%n"
                                + "| operation | rows | estimated | at most | measured | error | measured within | straight line, its error |%n"
                                + "|---|---:|---:|---:|---:|---:|---|---|%n%s",
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        Figures.count((long) TOP),
                        times > 10 ? "20 %" : "15 % (20 % for the foreign key and the update)",
                        rows),
                SHRINK == 1);
    }

    private static Site site(Scenario scenario, Variant variant, Path folder) {
        return new Site(scenario, variant, SEED, folder, "test", Progress.SILENT);
    }

    private String row(Scenario scenario, Variant variant, int times) throws Exception {
        double rows = TOP * times;
        Target target = new Target(Map.of("orders", (long) rows, "customers", (long) rows / 10), Set.of("orders"));
        Path out = folder.resolve(variant.name() + "-" + times);
        LadderClimb climb = new LadderClimb(
                site(scenario, variant, out),
                target,
                LadderPlan.of(rows, TOP).orElseThrow(),
                new LadderClimb.Limits(Duration.ofHours(1), 3));
        List<Double> seconds = new ArrayList<>(measured(scenario, variant, target, 1));
        climb.climb();
        keep(variant, "rung", climb.rungs());
        ShrunkLadder shrunk = climb.shrunk();
        if (shrunk != null) {
            keep(variant, "shrunk", shrunk.rungs());
        }
        for (KeysAlone.Builds builds : climb.keys().builds().values()) {
            keep(variant, "keys at the top", builds.top());
            keep(variant, "whole beside them", builds.whole());
            keep(variant, "keys at the target", builds.target());
        }
        climb.keys().missing().values().forEach(why -> System.out.println(variant.name() + ": " + why));
        Estimate estimate = Estimator.estimate(
                new Estimator.Question(scenario.name(), variant.name(), target.rows(), target.named(), null),
                climb.rungs(),
                climb.shrunk(),
                climb.keys(),
                climb.obstacle().orElse(null),
                null);
        StatementEstimate statement = estimate.statements().get(0);
        seconds.addAll(measured(scenario, variant, target, 2));
        Measurement measured = new Measurement(target.largest(), seconds);
        keep(variant, "measured", measured);
        statement.unknown().forEach(reason -> System.out.println(variant.name() + ": " + reason));
        return inWords(variant.name(), rows, statement, measured);
    }

    private static void keep(Variant variant, String kind, List<Rung> rungs) throws Exception {
        for (Rung rung : rungs) {
            keep(
                    variant,
                    kind,
                    new Measurement(
                            rung.rows().get("orders"),
                            rung.runs().stream()
                                    .map(run -> seconds(run.recording()))
                                    .toList()));
        }
    }

    /** What was measured, so that another model can be tried on it without an hour of measuring. */
    private static void keep(Variant variant, String kind, Measurement measured) throws Exception {
        String values = measured.values().stream().map(String::valueOf).collect(Collectors.joining(" "));
        Files.writeString(
                Path.of("target/estimate-runs.csv"),
                variant.name() + "," + kind + "," + (long) measured.rows() + "," + values + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static double seconds(Recording recording) {
        Recording.Statement statement =
                Objects.requireNonNull(recording.migration()).statements().get(0);
        return (statement.endMs() - statement.startMs() - statement.lockWaitMs()) / 1e3;
    }

    /**
     * Runs at the target's own size, in seconds. Some are before the ladder and some after it: a shared machine is faster in one
     * quarter of an hour than in the next.
     */
    private List<Double> measured(Scenario scenario, Variant variant, Target target, int runs) throws Exception {
        Rehearsal rehearsal = Planner.quiet(scenario, variant, "target", target.rows(), SEED);
        List<Double> seconds = new ArrayList<>();
        try (Rehearser rehearser = Rehearser.open(new Plan(List.of(rehearsal)), "benchmark", false, Progress.SILENT)) {
            rehearser.check();
            for (int run = 1; run <= runs; run++) {
                Path own = Files.createTempDirectory(folder, variant.name() + "-at-" + target.largest() + "-");
                seconds.add(seconds(rehearser.measure(rehearsal, own).recording()));
            }
        }
        return seconds;
    }

    private static String inWords(String name, double rows, StatementEstimate statement, Measurement runs) {
        double measured = runs.central();
        String truth = inWords(measured) + " (" + inWords(Collections.min(runs.values())) + " to "
                + inWords(Collections.max(runs.values())) + ")";
        Extrapolation said = statement.duration();
        String begin = "| " + name + " | " + Figures.count((long) rows) + " | ";
        if (said == null) {
            return begin + "UNKNOWN | – | " + truth + " | – | – | – |\n";
        }
        boolean within = measured >= said.central() * 0.75 && measured <= said.upper();
        return begin + inWords(said.central()) + " | " + inWords(said.upper()) + " | " + truth + " | "
                + error(said.central(), measured)
                + (Math.abs(said.central() / measured - 1) > bar(name, rows) ? " **missed**" : "") + " | "
                + (within ? "yes" : "**missed**") + " | "
                + inWords(said.straightLine()) + ", " + error(said.straightLine(), measured) + " |\n";
    }

    private static double bar(String name, double rows) {
        return rows > 10 * TOP || name.equals("foreign-key") || name.equals("update") ? 0.2 : 0.15;
    }

    private static String inWords(double seconds) {
        return Figures.duration(seconds * 1e3);
    }

    private static String error(double said, double measured) {
        return String.format(Locale.ROOT, "%+.1f %%", (said / measured - 1) * 100);
    }
}
