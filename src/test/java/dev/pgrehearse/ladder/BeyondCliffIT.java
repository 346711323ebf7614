package dev.pgrehearse.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.cli.SmallScenario;
import dev.pgrehearse.estimate.Cliff;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.KeysAlone;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.rehearsal.Measured;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.scenario.Variant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A target above a sort's cliff that no rung is above, held against what PostgreSQL then does there; of durations nothing is
 * asserted.
 */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("thorough")
class BeyondCliffIT {
    private static final long SEED = 7;
    private static final double BLOCK = 8192;

    /** 4 MB hold 104 857 entries of 40 bytes: the top rung of 50 000 rows is below, the target of 400 000 above. */
    private static final long TARGET = 400_000;

    @TempDir
    Path folder;

    private Scenario scenario() throws Exception {
        SmallScenario.in(folder)
                .write("indexed.sql", "create index orders_total on orders (total_cents);")
                .with("scenario.yaml", "    slow:\n", "    indexed:\n      sql: indexed.sql\n    slow:\n")
                // Hardly a value twice: B-trees keep duplicates once, and there would be ever more of them.
                .with("scenario.yaml", "to: 250_000", "to: 9_000_000_000")
                .with(
                        "scenario.yaml",
                        "max_connections: 60",
                        "max_connections: 60, maintenance_work_mem: 4MB, max_parallel_maintenance_workers: 0");
        return ScenarioReader.read(folder.resolve("small"), Overrides.NONE);
    }

    private static Site site(Scenario scenario, Variant variant, Path folder) {
        return new Site(scenario, variant, SEED, folder, "test", Progress.SILENT);
    }

    @Test
    void aSortThatNoRungSpillsIsEstimatedFromRungsWithLessMemory() throws Exception {
        Scenario scenario = scenario();
        Variant variant = scenario.variants().stream()
                .filter(each -> each.name().equals("indexed"))
                .findFirst()
                .orElseThrow();
        Target target = new Target(Map.of("orders", TARGET), Set.of("orders"));
        LadderClimb climb = new LadderClimb(
                site(scenario, variant, folder.resolve("out")),
                target,
                new LadderPlan(List.of(1 / 32.0, 1 / 16.0, 1 / 8.0)),
                new LadderClimb.Limits(Duration.ofHours(1), 1));
        climb.climb();
        assertThat(climb.obstacle()).isEmpty();
        assertThat(climb.rungs())
                .hasSize(3)
                .allSatisfy(rung -> assertThat(temporaryBytes(rung.runs().get(0).recording()))
                        .as("below the cliff")
                        .isZero());
        StatementEstimate estimate = Estimator.estimate(
                        new Estimator.Question(scenario.name(), variant.name(), target.rows(), target.named(), null),
                        climb.rungs(),
                        climb.shrunk(),
                        climb.keys(),
                        null,
                        null)
                .statements()
                .get(0);

        // Runs of so few rows may be too noisy for a duration; what is beyond the cliff is known.
        assertThat(estimate.unknown()).allSatisfy(why -> assertThat(why).contains("do not agree"));
        assertThat(estimate.cliffs()).singleElement().satisfies(cliff -> {
            assertThat(cliff.kind()).isEqualTo(Cliff.Kind.SORT);
            assertThat(cliff.setting()).isEqualTo("maintenance_work_mem");
            assertThat(cliff.rows()).isBetween(104_857.0, 104_858.0);
        });
        StatementEstimate.Shrunk shrunk = Objects.requireNonNull(estimate.shrunk());
        assertThat(shrunk.inWords()).startsWith("from a ladder with maintenance_work_mem shrunk from 4.0\u00a0MB to ");
        assertThat(shrunk.rungs()).hasSize(3);
        assertThat(estimate.rungs()).as("with the settings as they are").hasSize(3);
        Recording top = Objects.requireNonNull(climb.shrunk())
                .rungs()
                .get(2)
                .runs()
                .get(0)
                .recording();
        assertThat(Objects.requireNonNull(top.server()).settings())
                .hasEntrySatisfying(
                        "maintenance_work_mem", setting -> assertThat(setting).isNotEqualTo("4MB"));
        assertThat(temporaryBytes(top)).isPositive();

        if (estimate.known()) {
            itsSortWasMeasuredAtTheTargetWithTheSettingsAsTheyAre(estimate);
        }
        Measured measured = measured(scenario, variant, target);
        double temporary = temporaryBytes(measured.recording());
        double index = measured.facts().indexes().stream()
                .filter(made -> made.name().equals("orders_total"))
                .mapToDouble(SizeFacts.IndexWidth::sizeBytes)
                .sum();
        assertWithin(0.15, estimate.space().temporaryBytes(), temporary);
        assertWithin(0.15, estimate.space().fileBytes(), index);
        assertThat(Objects.requireNonNull(estimate.space().diskBytes()).upper())
                .isGreaterThanOrEqualTo(temporary + index);
    }

    private Recording recording(String run) throws Exception {
        return RecordingJson.read(
                Files.readString(folder.resolve("out").resolve(run).resolve("recording.json")));
    }

    private static double seconds(Recording recording) {
        List<Recording.Statement> ran = Estimator.statements(recording);
        assertThat(ran).hasSize(1);
        return Estimator.seconds(ran.get(0));
    }

    private static double heapBytes(Recording recording) {
        return Objects.requireNonNull(recording.dataset()).tables().stream()
                .filter(table -> table.name().equals("orders"))
                .mapToDouble(Recording.TableFacts::heapBytes)
                .sum();
    }

    private void itsSortWasMeasuredAtTheTargetWithTheSettingsAsTheyAre(StatementEstimate estimate) throws Exception {
        KeysAlone.Builds builds = Objects.requireNonNull(estimate.keys());
        assertThat(builds.indexes()).isEqualTo(1);
        assertThat(builds.top().rows()).isEqualTo(50_000);
        assertThat(builds.target().rows()).isEqualTo(TARGET);
        assertThat(builds.whole().values()).hasSizeBetween(3, 9);
        if (builds.whole().values().size() > 5) {
            assertThat(firstFive(builds.whole()).isNoisy()
                            || firstFive(builds.top()).isNoisy())
                    .as("more pairs where they differ")
                    .isTrue();
        }
        for (int pair = 0; pair < builds.whole().values().size(); pair++) {
            // The first run of each is none of a pair.
            int run = pair + 2;
            Recording whole = recording("indexed-beside-keys-of-1-run-" + run);
            Recording alone = recording("indexed-keys-of-1-50000-run-" + run);
            assertThat(builds.whole().values().get(pair)).isEqualTo(seconds(whole));
            assertThat(builds.top().values().get(pair)).isEqualTo(seconds(alone));
            assertThat(heapBytes(whole)).as("all columns").isGreaterThan(heapBytes(alone));
            assertThat(Objects.requireNonNull(whole.server()).settings())
                    .as("shrunk as at the rungs")
                    .isEqualTo(Objects.requireNonNull(alone.server()).settings())
                    .hasEntrySatisfying(
                            "maintenance_work_mem",
                            setting -> assertThat(setting).isNotEqualTo("4MB"));
        }
        assertThat(estimate.notes()).anySatisfy(note -> assertThat(note).contains("over its columns alone took"));
        Recording there = recording("indexed-keys-of-1-400000-run-1");
        assertThat(Objects.requireNonNull(there.server()).settings()).containsEntry("maintenance_work_mem", "4MB");
        assertThat(temporaryBytes(there)).isPositive();
        assertThat(Objects.requireNonNull(there.dataset()).tables())
                .singleElement()
                .satisfies(table -> assertThat(table.heapBytes())
                        .as("a number alone, of a table that has a key and a text besides")
                        .isLessThan(TARGET * 44));
    }

    private static Measurement firstFive(Measurement measurement) {
        return new Measurement(measurement.rows(), measurement.values().subList(0, 5));
    }

    private static void assertWithin(double share, Extrapolation said, double measured) {
        assertThat(said).isNotNull();
        assertThat(said.central() / measured)
                .as("%s against %s measured", said, measured)
                .isBetween(1 - share, 1 + share);
    }

    private static double temporaryBytes(Recording recording) {
        Recording.Statement statement =
                Objects.requireNonNull(recording.migration()).statements().get(0);
        return BLOCK
                * Objects.requireNonNull(
                                Objects.requireNonNull(statement.cost()).counters())
                        .temporaryBlocksWritten();
    }

    private Measured measured(Scenario scenario, Variant variant, Target target) throws Exception {
        Rehearsal rehearsal = Planner.quiet(scenario, variant, "target", target.rows(), SEED);
        try (Rehearser rehearser = Rehearser.open(new Plan(List.of(rehearsal)), "test", false, Progress.SILENT)) {
            rehearser.check();
            return rehearser.measure(rehearsal, Files.createDirectories(folder.resolve("measured")));
        }
    }
}
