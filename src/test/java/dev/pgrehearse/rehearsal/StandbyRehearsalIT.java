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
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Severity;
import dev.pgrehearse.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** End to end: a lock of three seconds on the primary, and reads on the standby. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("alone")
@Tag("thorough")
class StandbyRehearsalIT {
    /** How a lock of 3 s may come out where its ends are replayed a little later, and are seen to 20 ms. */
    private static final double TOLERANCE_MS = 300;

    @TempDir
    Path folder;

    @Test
    void readsOnTheStandbyWaitForTheMigrationsLock() throws Exception {
        Rehearsal rehearsal = plan("locked").rehearsals().get(0);
        Recording recording = rehearse(plan("locked"));

        assertThat(recording.fault()).isNull();
        StandbyFacts standby = Objects.requireNonNull(recording.standby());
        assertThat(standby.operations()).containsExactly("read_order");
        assertThat(standby.settings()).containsEntry("max_standby_streaming_delay", "5s");
        Recording.Statement lock =
                Objects.requireNonNull(recording.migration()).statements().get(1);
        double held = lock.locks().stream()
                .filter(each -> each.relation().equals("orders"))
                .mapToDouble(Recording.Lock::heldMs)
                .findFirst()
                .orElseThrow();
        assertThat(held).isGreaterThan(2_990);
        StandbyFacts.Blocked blocked = standby.blocked().stream()
                .filter(each -> each.relation().equals("orders"))
                .findFirst()
                .orElseThrow();
        assertThat(blocked.statement()).isEqualTo(2);
        assertThat(blocked.longestMs()).isCloseTo(held, within(TOLERANCE_MS));
        assertThat(blocked.operations()).containsExactly("read_order");
        // Both instances' pools for the standby are full of reads that wait; those of the primary are not.
        assertThat(blocked.waits()).isEqualTo(8);
        Map<String, Recording.PoolFacts> pools =
                recording.pools().stream().collect(Collectors.toMap(Recording.PoolFacts::instance, pool -> pool));
        assertThat(pools).containsOnlyKeys("app-1", "app-1 standby", "app-2", "app-2 standby");
        assertThat(pools.get("app-1 standby").activePeak()).isEqualTo(4);
        assertThat(pools.get("app-1 standby").longestExhaustedMs()).isGreaterThan(1_000);
        assertThat(pools.get("app-1").longestExhaustedMs()).isLessThan(1_000);
        // Nobody was behind on the primary: the table is read on the standby alone.
        assertThat(recording.lockWaits()).noneMatch(wait -> wait.operation().equals("read_order"));
        assertThat(Objects.requireNonNull(recording.timeline()).series())
                .containsKeys(StandbyFacts.LAG_MS, StandbyFacts.LAG_BYTES, StandbyFacts.BLOCKED, "standbyPoolActive");
        assertThat(standby.lagPeakMs()).isNotNull();
        assertThat(standby.conflicts()).isNotNull().containsEntry("lock", 0L);
        assertThat(recording.doubts()).extracting(Recording.Doubt::id).contains("standby-shares-machine");

        Verdict verdict =
                Judge.judge(recording, rehearsal.variant().conditions().limits(), rehearsal.expected());
        assertThat(verdict.findings())
                .filteredOn(finding -> finding.rule().equals("standby-reads-blocked"))
                .singleElement()
                .returns(Severity.NO_GO, Finding::severity)
                .returns(2, Finding::statement);
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/recording.schema.json")))
                        .validate(RecordingJson.mapper().valueToTree(recording)))
                .isEmpty();
    }

    @Test
    void aStandbyThatDiesIsNamedAndEndsTheRehearsal() throws Exception {
        Plan plan = plan("long");
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            rehearser.check();
            CompletableFuture<Recording> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return rehearser.rehearse(plan.rehearsals().get(0), folder);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            while (!running.isDone() && !journal().contains("\"migrationBegan\"")) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            assertThat(standby()).isPresent();
            standby().get().destroyForcibly();

            Recording recording = running.get();

            assertThat(recording.complete()).isFalse();
            assertThat(recording.fault()).contains("The standby ended by itself");
            assertThat(recording.events()).extracting(Recording.Event::kind).contains("server-died");
        }
    }

    @Test
    void whatWritesIsNoOperationForAStandby() throws Exception {
        Plan plan = Planner.plan(
                ScenarioReader.read(Path.of("src/test/resources/dev/pgrehearse/rehearsal/standby"), Overrides.NONE),
                new Choices(List.of("writing", "refused"), null, 1, 42, 1));
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            assertThatThrownBy(rehearser::check)
                    .isInstanceOfSatisfying(
                            RehearsalMistakes.class,
                            mistakes -> assertThat(mistakes)
                                    .hasMessageContaining("read_order")
                                    .hasMessageContaining("cannot execute UPDATE in a read-only transaction")
                                    .hasMessageContaining("on: standby")
                                    .hasMessageContaining("max_standby_streaming_delay"));
        }
    }

    @Test
    void whatAFunctionWritesIsFoundBeforeTheLoad() throws Exception {
        Recording recording = rehearse(plan("sneaking"));

        assertThat(recording.fault()).contains("read_order", "on: standby", "read-only transaction");
        assertThat(recording.requests()).isNull();
    }

    private String journal() throws IOException {
        Path journal = folder.resolve("journal.ndjson");
        return Files.exists(journal) ? Files.readString(journal) : "";
    }

    /** The standby's main process: the server whose directory says that it follows another one. */
    private static Optional<ProcessHandle> standby() {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        List<String> command =
                                List.of(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                                        .split("\0"));
                        int option = command.indexOf("-D");
                        return option >= 0
                                && option + 1 < command.size()
                                && command.get(option + 1)
                                        .startsWith(Leaks.cache().toString())
                                && Files.exists(Path.of(command.get(option + 1), "standby.signal"));
                    } catch (IOException gone) {
                        return false;
                    }
                })
                .findFirst();
    }

    private static Plan plan(String variant) throws Exception {
        return Planner.plan(
                ScenarioReader.read(Path.of("src/test/resources/dev/pgrehearse/rehearsal/standby"), Overrides.NONE),
                new Choices(List.of(variant), null, 1, 42, 1));
    }

    private Recording rehearse(Plan plan) throws Exception {
        try (Rehearser rehearser = Rehearser.open(plan, "test", false, Progress.SILENT)) {
            rehearser.check();
            return rehearser.rehearse(plan.rehearsals().get(0), folder);
        }
    }
}
