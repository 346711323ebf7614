package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgrehearse.plan.Choices;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.PlanMistakes;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rehearsals on a dataset that was restored, from the scenario to the recording. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("thorough")
class RestoredIT {
    private static final Path DUMPS =
            Path.of("src/test/resources/dev/pgrehearse/restore").toAbsolutePath();
    private static final String SCENARIO = """
            name: restored
            server: { kind: embedded, settings: { shared_buffers: 64MB } }
            dataset: { restore: shop.dump }
            app: { workers: 5, pool: { maximumPoolSize: 2 } }
            workload:
              rate: 40/s
              operations:
                read_order: { weight: 1, sql: "select 1 / count(*) from sales.orders where id = :id", params: { id: { key: sales.orders.id } } }
                read_user: { weight: 1, sql: "select 1 / count(*) from users where email = :email", params: { email: { key: users.email } } }
            phases: { warmup: 1s, warmupBound: 1s, baseline: 2s, recoveryBound: 15s }
            migration:
              variants:
                add: { sql: add.sql }
            """;

    @TempDir
    private Path folder;

    @BeforeAll
    static void clientsAreThere() {
        boolean there = List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pg_restore")));
        Assumptions.assumeTrue(there, "no pg_restore here: install postgresql-client");
    }

    /** What another test has restored would not be restored again. */
    @BeforeEach
    void emptyShelf() throws IOException {
        DirectoryTree.delete(Leaks.cache().resolve("datasets"));
    }

    private Plan plan(String scenario, String dump, String script) throws Exception {
        Files.writeString(folder.resolve("scenario.yaml"), scenario);
        Files.writeString(folder.resolve("add.sql"), script);
        Files.copy(DUMPS.resolve(dump), folder.resolve("shop.dump"));
        Scenario read = ScenarioReader.read(folder, Overrides.NONE);
        return Planner.plan(read, new Choices(List.of(), null, 1, 42, 1));
    }

    /** An archive, whose schema is checked first, and SQL, whose statements are checked after it was restored. */
    @ParameterizedTest
    @ValueSource(strings = {"shop.dump", "shop.plain.sql"})
    void isRehearsedOnWithTheKeysOfItsRows(String dump) throws Exception {
        Plan plan = plan(SCENARIO, dump, "alter table sales.orders add column note text;");
        for (boolean fromGolden : new boolean[] {false, true}) {
            Recording recording;
            try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
                rehearser.check();
                Rehearsal rehearsal = plan.rehearsals().get(0);
                recording = rehearser.rehearse(
                        rehearsal, Files.createDirectories(folder.resolve("from-golden-" + fromGolden)));
            }
            assertThat(recording.fault()).isNull();
            DatasetFacts dataset = Objects.requireNonNull(recording.dataset());
            assertThat(dataset.source()).isEqualTo("restored");
            assertThat(dataset.fromGolden()).isEqualTo(fromGolden);
            assertThat(dataset.restored()).isNotNull();
            assertThat(dataset.tables())
                    .filteredOn(table -> table.name().equals("sales.orders"))
                    .extracting(TableFacts::rows)
                    .containsExactly(1_000L);
            assertThat(recording.doubts()).extracting(Doubt::id).contains("invalid-indexes-unknown");
            // A key that no row has would be a division by zero.
            Recording.Requests requests = Objects.requireNonNull(recording.requests());
            assertThat(requests.outcomes().getOrDefault(Outcome.OK, 0L)).isPositive();
            assertThat(requests.outcomes().getOrDefault(Outcome.SQL_ERROR, 0L)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop.dump", "shop.plain.sql"})
    void mistakesInStatementsAndKeysAreTold(String dump) throws Exception {
        String wrong = SCENARIO.replace("from users where", "from user_accounts where");
        Plan plan = plan(wrong, dump, "alter table nowhere add column;");
        assertThat(mistakes(plan).mistakes())
                .anySatisfy(mistake -> assertThat(mistake).contains("user_accounts"))
                .anySatisfy(mistake -> assertThat(mistake).contains("add.sql"));
    }

    @Test
    void aKeyOfNoColumnIsAMistake() throws Exception {
        Plan plan = plan(SCENARIO.replace("key: users.email", "key: users.mail"), "shop.dump", "select 1;");
        assertThat(mistakes(plan).mistakes())
                .singleElement()
                .asString()
                .contains("params.email.key", "no such column", "'email'");
    }

    private static RehearsalMistakes mistakes(Plan plan) throws IOException, InterruptedException {
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            return catchThrowableOfType(RehearsalMistakes.class, rehearser::check);
        }
    }

    @Test
    void rowsThatAreThereCannotBeScaled() throws Exception {
        Plan plan = plan(SCENARIO, "shop.dump", "select 1;");
        Scenario scenario = plan.rehearsals().get(0).scenario();
        PlanMistakes mistakes = catchThrowableOfType(
                PlanMistakes.class, () -> Planner.plan(scenario, new Choices(List.of(), null, 0.5, 42, 1)));
        assertThat(mistakes).hasMessageContaining("--scale 0.5").hasMessageContaining("restored");
    }
}
