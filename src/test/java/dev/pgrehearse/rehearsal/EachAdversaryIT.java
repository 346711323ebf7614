package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.plan.Choices;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Verdict;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One migration under each adversary of the standard set, and under one that cannot stand. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("thorough")
class EachAdversaryIT {
    private static final String SCENARIO = "src/test/resources/dev/pgrehearse/rehearsal/each";

    /** An adversary is planted 5 s before and stays 8 s. */
    private static final double LEFT_MS = 3000;

    /** The others of the set take as long again, and are sessions as other tests have them. */
    private static final Set<String> REHEARSED = Set.of("plain@dump", "plain@old-snapshot", "plain");

    @TempDir
    static Path folder;

    private static final Map<String, Recording> RECORDINGS = new LinkedHashMap<>();
    private static final Map<String, Verdict> VERDICTS = new LinkedHashMap<>();

    @BeforeAll
    static void rehearse() throws Exception {
        rehearse(Overrides.NONE);
        rehearse(new Overrides(
                List.of(
                        new Overrides.Assignment("name", "others"),
                        new Overrides.Assignment(
                                "adversaries",
                                "[ { autovacuum: { table: orders, toPreventWraparound: true, startsBefore: 8s, lasts: 11s"
                                        + " } }, { batchJob: { table: customers, every: 1s, startsBefore: 3s } } ]"),
                        new Overrides.Assignment("migration.variants.plain.expect", "NO-GO")),
                List.of(),
                null));
    }

    private static void rehearse(Overrides overrides) throws Exception {
        Scenario scenario = ScenarioReader.read(Path.of(SCENARIO), overrides);
        Plan plan = Planner.plan(scenario, new Choices(List.of(), null, 1, 42, 1));
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            rehearser.check();
            for (Rehearsal rehearsal : plan.rehearsals()) {
                if (!REHEARSED.contains(rehearsal.id())) {
                    continue;
                }
                Recording recording = OnTime.rehearse(rehearser, rehearsal, folder);
                RECORDINGS.put(rehearsal.id(), recording);
                VERDICTS.put(
                        rehearsal.id(),
                        Judge.judge(recording, rehearsal.variant().conditions().limits(), rehearsal.expected()));
            }
        }
    }

    @Test
    void eachOneIsARehearsalOfItsOwn() {
        assertThat(RECORDINGS.keySet()).isEqualTo(REHEARSED);
        assertThat(RECORDINGS.values())
                .allSatisfy(recording -> assertThat(recording.fault()).isNull());
    }

    @Test
    void theMigrationWaitsForWhatIsLeftOfTheDump() {
        Recording recording = RECORDINGS.get("plain@dump");

        assertThat(recording.adversaries()).singleElement().satisfies(planted -> {
            assertThat(planted.stood()).as(planted.proof()).isTrue();
            assertThat(planted.table()).isEqualTo("all tables");
        });
        // From when it asked to when the dump was gone, on a machine of any pace; and the dump stays as long as it was
        // told to.
        Recording.Statement waited = recording.migration().statements().get(0);
        double dumpEndedMs = recording.adversaries().get(0).endMs();
        assertThat(waited.lockWaitMs()).isCloseTo(dumpEndedMs - waited.startMs(), within(300.0));
        double migrationBeganMs = recording.phases().stream()
                .filter(phase -> phase.name().equals(Recording.Phase.MIGRATION))
                .findFirst()
                .orElseThrow()
                .startMs();
        assertThat(dumpEndedMs - migrationBeganMs).isGreaterThan(LEFT_MS - 300);
        assertThat(VERDICTS.get("plain@dump").verdict()).isEqualTo(Ruling.NO_GO);
        assertThat(VERDICTS.get("plain@dump").asExpected()).isTrue();
    }

    @Test
    void anOldSnapshotElsewhereIsNotInItsWay() {
        Recording recording = RECORDINGS.get("plain@old-snapshot");

        assertThat(recording.adversaries()).allMatch(Recording.AdversaryFacts::stood);
        assertThat(recording.migration().durationMs()).isLessThan(1000);
        assertThat(VERDICTS.get("plain@old-snapshot").verdict()).isEqualTo(Ruling.GO);
    }

    /** PostgreSQL does not cancel it: the migration waits until it leaves, 3 s after the start, and longer than 1 s. */
    @Test
    void theWaitBehindAnAutovacuumThatPreventsWraparoundIsCharged() {
        Recording recording = RECORDINGS.get("plain");

        assertThat(recording.adversaries())
                .filteredOn(planted -> planted.kind().equals("autovacuum"))
                .singleElement()
                .satisfies(planted -> {
                    assertThat(planted.stood()).as(planted.proof()).isTrue();
                    assertThat(planted.proof())
                            .contains("(to prevent wraparound)")
                            .contains("scanning heap");
                });
        assertThat(recording.migration().statements().get(0).lockWaitMs()).isGreaterThan(1500);
        assertThat(recording.lockWaits())
                .anySatisfy(wait -> assertThat(wait.behind()).isEqualTo("adversary autovacuum"));
    }

    @Test
    void runsOfABatchJobAreEvents() {
        assertThat(RECORDINGS.get("plain").events())
                .filteredOn(event -> event.kind().equals("batch-run"))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(event -> assertThat(event.text()).contains("The batch job on customers, run "));
        assertThat(RECORDINGS.get("plain").adversaries())
                .filteredOn(planted -> planted.kind().equals("batchJob"))
                .singleElement()
                .satisfies(planted -> assertThat(planted.stood()).isTrue());
    }
}
