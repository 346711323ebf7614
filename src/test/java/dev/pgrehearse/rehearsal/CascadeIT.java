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
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.ResponseParts;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Verdict;
import dev.pgrehearse.workload.PgBouncer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * End to end: the same lock of three seconds, after which a service whose clients try again at will stays down, and one whose
 * clients have a budget comes back. Capacity is made of {@code pg_sleep}, so that it is the same on any machine.
 */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("alone")
@Tag("thorough")
class CascadeIT {
    @TempDir
    static Path folder;

    private static final Map<String, Recording> RECORDINGS = new HashMap<>();
    private static final Map<String, Verdict> VERDICTS = new HashMap<>();

    @BeforeAll
    static void rehearse() throws Exception {
        List<String> variants = new ArrayList<>(List.of("retried", "budgeted"));
        if (PgBouncer.program().isPresent()) {
            variants.add("bounced");
        }
        Plan plan = Planner.plan(
                ScenarioReader.read(Path.of("src/test/resources/dev/pgrehearse/rehearsal/cascade"), Overrides.NONE),
                new Choices(variants, null, 1, 42, 1));
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            rehearser.check();
            for (Rehearsal rehearsal : plan.rehearsals()) {
                Path own = Files.createDirectories(folder.resolve(rehearsal.id()));
                Recording recording = rehearser.rehearse(rehearsal, own);
                RECORDINGS.put(rehearsal.id(), recording);
                VERDICTS.put(
                        rehearsal.id(),
                        Judge.judge(recording, rehearsal.variant().conditions().limits(), Expectation.NO_GO));
            }
        }
    }

    private static Recording of(String variant) {
        Recording recording = Objects.requireNonNull(RECORDINGS.get(variant));
        assertThat(recording.fault()).isNull();
        return recording;
    }

    private static List<String> rules(String variant) {
        return Objects.requireNonNull(VERDICTS.get(variant)).findings().stream()
                .map(Finding::rule)
                .toList();
    }

    @Test
    void retriesWithoutABudgetKeepTheSystemDownAfterTheLockHasGone() {
        Recording recording = of("retried");

        assertThat(recording.recovery().calmAtMs()).isNull();
        Recording.LastSeen seen = Objects.requireNonNull(recording.recovery().lastSeen());
        // Each request is tried four times within 4 × 500 ms and three pauses, all of it within the last 10 s.
        assertThat((double) seen.tries() / seen.offered()).isCloseTo(4, within(0.4));
        assertThat(seen.ok()).isLessThan(seen.ended() / 2);
        assertThat(seen.forNobodyShare()).as("workers serve who has gone").isGreaterThan(0.5);
        assertThat(seen.lockWaits()).isZero();

        assertThat(rules("retried")).contains("metastable").doesNotContain("no-recovery");
        Finding finding = Objects.requireNonNull(VERDICTS.get("retried")).findings().stream()
                .filter(each -> each.rule().equals("metastable"))
                .findFirst()
                .orElseThrow();
        assertThat(finding.effect()).contains("Retries: ").contains("The queue: ");
    }

    @Test
    void aBudgetLetsItComeBack() {
        assertThat(of("budgeted").recovery().calmAtMs()).isNotNull();
        assertThat(rules("budgeted")).doesNotContain("metastable", "no-recovery");
        assertThat(of("budgeted").events()).extracting(Recording.Event::kind).contains("calm-again");
    }

    @Test
    void triesAreCountedApartFromRequests() {
        for (String variant : List.of("retried", "budgeted")) {
            Recording.Requests requests = Objects.requireNonNull(of(variant).requests());
            assertThat(requests.outcomes().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(requests.offered());
            assertThat(requests.attempts()).isGreaterThan(requests.offered());
        }
    }

    /** Also of requests that paused before a further try when the load ended. */
    @Test
    void whatResponsesTookAddsUpOverAllTries() {
        for (String variant : List.of("retried", "budgeted")) {
            assertThat(of(variant).responseParts()).isNotEmpty();
            for (ResponseParts each : of(variant).responseParts()) {
                for (ResponseParts.Parts parts : List.of(each.all(), each.slowest())) {
                    double[] all = Stream.of(
                                    parts.betweenTries(),
                                    parts.arrivalQueue(),
                                    parts.pool(),
                                    Objects.requireNonNull(parts.locks()),
                                    parts.rest())
                            .mapToDouble(ResponseParts.Part::totalMs)
                            .toArray();
                    assertThat(Arrays.stream(all).min().orElseThrow())
                            .as("%s of %s", each, variant)
                            .isNotNegative();
                    assertThat(Arrays.stream(all).sum())
                            .isCloseTo(parts.response().totalMs(), within(0.001));
                }
            }
        }
        // A client waits 500 ms for a try: what is more in the queue is of earlier ones.
        ResponseParts.Parts recovery = of("retried").responseParts().stream()
                .filter(each -> each.phase().equals(Recording.Phase.RECOVERY))
                .findFirst()
                .orElseThrow()
                .all();
        assertThat(recovery.arrivalQueue().meanMs()).isGreaterThan(500);
        assertThat(recovery.betweenTries().meanMs()).isPositive();
    }

    @Test
    void waitsBehindPgBouncerAreTheApplications() {
        Assumptions.assumeTrue(PgBouncer.program().isPresent(), "pgbouncer is not installed here");
        Recording recording = of("bounced");
        Recording.Statement lock =
                Objects.requireNonNull(recording.migration()).statements().get(1);

        assertThat(lock.blocking().sessionsPeak())
                .as("all of PgBouncer's connections")
                .isEqualTo(8);
        assertThat(lock.blocking().requests()).isGreaterThanOrEqualTo(8);
        assertThat(recording.lockWaits())
                .filteredOn(wait -> wait.behind().equals("statement 2"))
                .isNotEmpty()
                .allSatisfy(wait -> assertThat(wait.operation()).isEqualTo("(through PgBouncer)"));
        Finding blocked = Objects.requireNonNull(VERDICTS.get("bounced")).findings().stream()
                .filter(each -> each.rule().equals("reads-blocked"))
                .findFirst()
                .orElseThrow();
        assertThat(blocked.measured())
                .as("the longest wait, and not only the lock")
                .isGreaterThan(2_500);
        assertThat(blocked.effect()).doesNotContain("No request of this workload met the lock");
        assertThat(recording.doubts())
                .extracting(Recording.Doubt::id)
                .doesNotContain("index-scans-late", "requests-lost");
        assertThat(Objects.requireNonNull(VERDICTS.get("bounced")).verdict()).isEqualTo(Ruling.NO_GO);
        assertThat(rules("bounced")).contains("reads-blocked");
        Map<Outcome, Long> outcomes =
                Objects.requireNonNull(recording.requests()).outcomes();
        assertThat(outcomes.get(Outcome.SQL_ERROR)).isZero();
        assertThat(outcomes.get(Outcome.CONNECTION_LOST)).isZero();
    }

    @Test
    void recordingsAreAsTheirSchemaSays() throws Exception {
        for (Recording recording : RECORDINGS.values()) {
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(Files.readString(Path.of("docs/recording.schema.json")))
                            .validate(RecordingJson.mapper().valueToTree(recording)))
                    .isEmpty();
        }
    }
}
