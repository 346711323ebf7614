package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.plan.Choices;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SqlErrors;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlans;
import dev.pgrehearse.recording.TableChange;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.IndexWorth;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Severity;
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

/** End to end: what was planted in the migrations is what the recording says that they changed. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("alone")
class ChangesIT {
    @TempDir
    static Path folder;

    private static final Map<String, Recording> RECORDINGS = new HashMap<>();
    private static final Map<String, List<Finding>> FINDINGS = new HashMap<>();

    @BeforeAll
    static void rehearse() throws Exception {
        Plan plan = Planner.plan(
                ScenarioReader.read(Path.of("src/test/resources/dev/pgrehearse/rehearsal/changes"), Overrides.NONE),
                new Choices(List.of(), null, 1, 42, 1));
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            rehearser.check();
            for (Rehearsal rehearsal : plan.rehearsals()) {
                Path own = Files.createDirectories(folder.resolve(rehearsal.id()));
                Recording recording = rehearser.rehearse(rehearsal, own);
                RECORDINGS.put(rehearsal.id(), recording);
                FINDINGS.put(
                        rehearsal.id(),
                        Judge.judge(recording, rehearsal.variant().conditions().limits(), Expectation.GO)
                                .findings());
            }
        }
    }

    @Test
    void anIndexThatTurnsASeqScanIntoAnIndexScanIsUsed() {
        IndexWorth worth = worth("orders_country_idx");
        assertThat(worth.users()).containsExactly("count_country");
        assertThat(worth.sentence())
                .startsWith("used by count_country: plan Aggregate > Seq Scan on orders → Aggregate > ");
        StatementPlans statement =
                plans("indexes", "count_country").statements().get(0);
        StatementPlan was = Objects.requireNonNull(statement.before());
        StatementPlan is = Objects.requireNonNull(statement.after());
        assertThat(was.indexes()).isEmpty();
        assertThat(is.indexes()).containsExactly("orders_country_idx");
        assertThat(is.cost()).isLessThan(was.cost() / 5);
        assertThat(statement.plansAfter()).extracting(StatementPlan::kind).containsOnly("generic", "custom");
        assertThat(worth.buildMs()).isPositive();
        assertThat(worth.walBytes()).isPositive();
        assertThat(worth.index().scans().recovery()).isPositive();
        assertThat(worth.index().scannedBy()).singleElement().satisfies(use -> {
            assertThat(use.operation()).isEqualTo("count_country");
            assertThat(use.requests()).isPositive();
            assertThat(use.scans()).as("one each").isEqualTo(use.requests());
        });
        assertThat(rules("indexes", "plan-worse", Severity.NO_GO)).isEmpty();
    }

    @Test
    void anIndexThatNobodyUsesIsToldSo() {
        IndexWorth worth = worth("orders_note_idx");
        assertThat(worth.users()).isEmpty();
        assertThat(worth.sentence()).startsWith("no operation of this workload uses it");
        assertThat(worth.index().scans().recovery()).isZero();
        assertThat(worth.index().scannedBy()).isEmpty();
    }

    /** Half of the updates set the column that the index is on, and each sets it to another value. */
    @Test
    void anIndexOnAColumnThatHalfOfTheUpdatesSetCostsHalfOfTheHotUpdates() {
        TableChange accounts = table("indexes", "accounts");
        assertThat(Objects.requireNonNull(accounts.updatesBefore())).isGreaterThan(200);
        assertThat(Objects.requireNonNull(accounts.hotShareBefore())).isGreaterThan(0.95);
        assertThat(Objects.requireNonNull(accounts.hotShareAfter())).isCloseTo(0.5, within(0.15));
        assertThat(worth("accounts_status_idx").writers()).contains("set_seen");
        Finding finding = rules("indexes", "hot-updates-lost", Severity.WARNING).get(0);
        assertThat(finding.title()).contains("accounts_status_idx");
        assertThat(finding.effect()).startsWith("set_status sets a column that is in it");
        assertThat(finding.statement()).isEqualTo(3);
    }

    @Test
    void aChangeOfTypeLosesStatisticsAndVisibility() {
        TableChange items = table("columns", "items");
        assertThat(items.rewritten()).isTrue();
        assertThat(items.statisticsLost()).containsExactly("amount");
        assertThat(items.statisticsMissing()).containsExactly("amount");
        assertThat(items.allVisibleBefore()).isEqualTo(1);
        assertThat(items.allVisibleAfter()).isZero();
        assertThat(rules("columns", "statistics-lost", Severity.WARNING))
                .extracting(Finding::title)
                .containsExactly("The planner lost its statistics of items: amount");
        assertThat(rules("columns", "vacuum-needed", Severity.WARNING)).hasSize(1);
        assertThat(table("columns", "orders").statisticsLost()).isEmpty();
        assertThat(table("columns", "orders").neverAnalyzed()).containsExactly("extra");
    }

    @Test
    void anOperationWhoseIndexIsDroppedHasAWorsePlan() {
        StatementPlans statement = plans("columns", "count_items").statements().get(0);
        assertThat(Objects.requireNonNull(statement.before()).indexes()).containsExactly("items_amount_idx");
        assertThat(Objects.requireNonNull(statement.after()).shape()).isEqualTo("Aggregate > Seq Scan on items");
        assertThat(IndexWorth.of(RECORDINGS.get("columns")))
                .extracting(IndexWorth::sentence)
                .singleElement()
                .asString()
                .startsWith("was used by count_items: plan Aggregate > ");
        assertThat(FINDINGS.get("columns"))
                .filteredOn(finding -> finding.rule().equals("plan-worse")
                        && finding.title().startsWith("count_items has a worse plan"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.safer())
                        .contains("`VACUUM (ANALYZE) items`")
                        .contains("items_amount_idx, which is gone"));
    }

    @Test
    void whatIsDroppedOrRenamedBreaksTheOperationsThatUseIt() {
        assertThat(failure("read_note")).isEqualTo("42703 column \"note\" does not exist");
        assertThat(failure("read_shop")).isEqualTo("42P01 relation \"shops\" does not exist");
        assertThat(RECORDINGS.get("columns").changes().operations().stream()
                        .filter(operation -> operation.statements().stream().anyMatch(StatementPlans::broken))
                        .map(OperationPlans::operation))
                .containsExactlyInAnyOrder("read_note", "read_shop");
        Finding finding = rules("columns", "operation-broken", Severity.NO_GO).get(0);
        assertThat(finding.title() + finding.effect())
                .contains("read_note is broken")
                .contains("read_shop is broken");
        assertThat(finding.statement()).isEqualTo(finding.title().startsWith("read_note") ? 3 : 4);
        assertThat(errors("read_note", "42703").byPhase().keySet())
                .contains("recovery")
                .doesNotContain("baseline");
        assertThat(errors("read_shop", "42P01").count()).isPositive();
    }

    /** Each of the pool's four connections holds the prepared statement at most, and meets the error once. */
    @Test
    void connectionsOfThePoolMeetTheirCachedPlanOnceEach() {
        SqlErrors errors = errors("read_order", "0A000");
        assertThat(errors.kind()).isEqualTo(SqlErrors.CACHED_PLAN);
        assertThat(errors.message()).isEqualTo("cached plan must not change result type");
        assertThat(errors.count()).isBetween(1L, 4L);
        assertThat(errors.byPhase()).doesNotContainKey("baseline");
        Finding finding = rules("columns", "cached-plan", Severity.WARNING).get(0);
        assertThat(finding.measured()).isEqualTo((double) errors.count());
        assertThat(finding.safer()).contains("autosave=conservative");
        assertThat(finding.effect()).contains("ALTER TABLE");
    }

    @Test
    void theRecordingMatchesItsSchema() throws Exception {
        var schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(Path.of("docs/recording.schema.json")));
        for (Recording recording : RECORDINGS.values()) {
            assertThat(recording.fault()).isNull();
            assertThat(schema.validate(RecordingJson.mapper().readTree(RecordingJson.write(recording))))
                    .isEmpty();
            assertThat(recording.doubts())
                    .extracting(Recording.Doubt::id)
                    .noneMatch(id -> id.startsWith("plans") || id.startsWith("visibility"));
        }
    }

    private static String failure(String operation) {
        var failure = Objects.requireNonNull(
                plans("columns", operation).statements().get(0).failureAfter());
        return failure.sqlState() + " " + failure.message();
    }

    private static SqlErrors errors(String operation, String state) {
        return RECORDINGS.get("columns").changes().errors().stream()
                .filter(errors -> errors.operation().equals(operation) && state.equals(errors.sqlState()))
                .findFirst()
                .orElseThrow();
    }

    private static OperationPlans plans(String variant, String operation) {
        return RECORDINGS.get(variant).changes().operations().stream()
                .filter(plans -> plans.operation().equals(operation))
                .findFirst()
                .orElseThrow();
    }

    private static TableChange table(String variant, String name) {
        return RECORDINGS.get(variant).changes().tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static IndexWorth worth(String index) {
        return IndexWorth.of(RECORDINGS.get("indexes")).stream()
                .filter(worth -> worth.index().name().equals(index))
                .findFirst()
                .orElseThrow();
    }

    private static List<Finding> rules(String variant, String rule, Severity severity) {
        return FINDINGS.get(variant).stream()
                .filter(finding -> finding.rule().equals(rule) && finding.severity() == severity)
                .toList();
    }
}
