package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.plan.Choices;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Stops;
import dev.pgrehearse.verdict.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** End to end: a stop at half of another variant's time, its cleaning under load, and a back-fill that is waited for. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("alone")
class StoppedIT {
    private static final Path SCENARIO = Path.of("src/test/resources/dev/pgrehearse/rehearsal/steps");

    @TempDir
    static Path folder;

    private static final Map<String, Recording> RECORDINGS = new HashMap<>();
    private static final Map<String, Verdict> VERDICTS = new HashMap<>();

    @BeforeAll
    static void rehearse() throws Exception {
        Plan plan = plan(ScenarioReader.read(SCENARIO, Overrides.NONE));
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            rehearser.check();
            for (Rehearsal rehearsal : plan.rehearsals()) {
                Recording recording = OnTime.rehearse(rehearser, rehearsal, folder);
                RECORDINGS.put(rehearsal.id(), recording);
                VERDICTS.put(
                        rehearsal.id(),
                        Judge.judge(recording, rehearsal.variant().conditions().limits(), Expectation.GO));
            }
        }
    }

    private static Plan plan(Scenario scenario) throws Exception {
        return Planner.plan(scenario, new Choices(List.of(), null, 1, 42, 1));
    }

    private static Recording.MigrationFacts migration(String variant) {
        Recording recording = Objects.requireNonNull(RECORDINGS.get(variant));
        assertThat(recording.fault()).isNull();
        return Objects.requireNonNull(recording.migration());
    }

    @Test
    void theStopComesAtItsShareOfTheOtherVariantsTime() {
        Recording.MigrationFacts stopped = migration("stopped");
        Recording.Stop stop = Objects.requireNonNull(stopped.stop());

        double after = stop.atMs() - stopped.statements().get(0).startMs();
        assertThat(after).isCloseTo(migration("as-written").durationMs() / 2, within(200.0));
        assertThat(stopped.outcome()).isEqualTo("stopped");
        assertThat(stopped.durationMs()).isCloseTo(after + stop.endedMs(), within(0.001));
        assertThat(stopped.statements())
                .extracting(Recording.Statement::outcome)
                .containsExactly("stopped", "ok");
    }

    @Test
    void whatItLeftIsReadAtTheStopAndCleanedUnderTheLoad() {
        Recording.MigrationFacts stopped = migration("stopped");
        Recording.Stop stop = Objects.requireNonNull(stopped.stop());
        Recording.Statement drop = stopped.statements().get(1);

        assertThat(Objects.requireNonNull(stop.leftovers()).invalidIndexes()).containsExactly("orders.status");
        assertThat(drop.file()).isEqualTo("cleaning");
        assertThat(drop.sql()).isEqualTo("DROP INDEX CONCURRENTLY IF EXISTS \"public\".\"orders.status\"");
        assertThat(drop.index()).isEqualTo(stop.cleaningFrom()).isEqualTo(2);
        assertThat(Objects.requireNonNull(stop.cleaningMs())).isCloseTo(drop.endMs() - drop.startMs(), within(0.001));
        // The snapshot that it waits for is gone 5 s after the migration's start
        assertThat(drop.endMs() - stopped.statements().get(0).startMs()).isGreaterThan(4_500);
        Recording recording = Objects.requireNonNull(RECORDINGS.get("stopped"));
        assertThat(recording.leftovers()).isEqualTo(Recording.Leftovers.NONE);
        assertThat(Objects.requireNonNull(recording.recovery().calmAtMs())).isGreaterThanOrEqualTo(stop.atMs());
    }

    @Test
    void aStopThatTheScenarioAsksForIsNoFailure() {
        Verdict verdict = Objects.requireNonNull(VERDICTS.get("stopped"));

        assertThat(verdict.findings())
                .extracting(Finding::rule)
                .doesNotContain("migration-failed", "invalid-index-left");
        assertThat(verdict.uncertainties()).isEmpty();
        assertThat(Stops.inWords(Objects.requireNonNull(RECORDINGS.get("stopped"))))
                .hasSize(5)
                .anyMatch(words -> words.equals("It had left: INVALID indexes orders.status."));
    }

    @Test
    void aBackfillIsOneStatementThatIsChargedWithItsRows() {
        Recording.Statement backfill = migration("batched").statements().get(0);

        assertThat(migration("batched").statements()).hasSize(1);
        assertThat(backfill.file()).isEqualTo("scenario.yaml");
        assertThat(backfill.line()).isEqualTo(31);
        Recording.Batches batches = Objects.requireNonNull(backfill.batches());
        assertThat(batches.count()).isEqualTo(2);
        assertThat(batches.rows()).isEqualTo(4_000);
        assertThat(batches.longestMs()).isGreaterThanOrEqualTo(1_000);
        assertThat(backfill.blocking().requests()).isPositive();
        assertThat(backfill.blocking().operations()).containsExactly("pay_order");
        assertThat(backfill.blocking().longestMs()).isLessThanOrEqualTo(batches.longestMs() + 100);
    }

    @Test
    void aStopAtAShareOfAFailureIsAFault() {
        assertThat(Objects.requireNonNull(RECORDINGS.get("after-broken")).fault())
                .contains("at 10% of broken", "its migration ended as failed", "`expected:` in place of `of:`");
    }

    @Test
    void recordingsMatchTheirSchema() throws Exception {
        String schema = Files.readString(Path.of("docs/recording.schema.json"));
        for (Recording recording : RECORDINGS.values()) {
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(schema)
                            .validate(RecordingJson.mapper().readTree(RecordingJson.write(recording))))
                    .isEmpty();
        }
    }

    @Test
    void mistakesInABackfillAreFoundOnTheEmptyServer() throws Exception {
        Overrides wrong = new Overrides(
                List.of(Overrides.Assignment.parse("migration.variants.batched.steps=["
                        + " { backfill: { table: bare, set: a = 1 } },"
                        + " { backfill: { table: nosuch, set: a = 1 } },"
                        + " { backfill: { table: orders, set: 'note == = 1', where: 'id > (' } },"
                        + " { sql: concurrently.sql }, { backfill: { table: made_before, set: a = 1 } } ]")),
                List.of(),
                null);
        Plan plan = plan(ScenarioReader.read(SCENARIO, wrong));
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            assertThatThrownBy(rehearser::check)
                    .isInstanceOfSatisfying(
                            RehearsalMistakes.class,
                            mistakes -> assertThat(mistakes.mistakes())
                                    .hasSize(4)
                                    .anyMatch(each -> each.contains("steps.0.backfill.table")
                                            && each.contains("`bare` has no primary key"))
                                    .anyMatch(each -> each.contains("steps.1.backfill.table")
                                            && each.contains("`nosuch` does not exist"))
                                    .anyMatch(each -> each.contains("steps.2.backfill.set")
                                            && each.contains("    note == = 1\n         ^\n")
                                            && each.contains("syntax error at or near \"==\""))
                                    .anyMatch(each -> each.contains("steps.2.backfill.where")
                                            && each.contains("    id > (\n          ^\n")));
        }
    }
}
