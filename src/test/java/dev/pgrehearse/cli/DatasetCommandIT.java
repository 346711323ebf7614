package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.recording.Recording;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Datasets that are kept: made once, found again, made again when they are not what they were, never half. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("thorough")
class DatasetCommandIT {
    private static final String LOADING = "loading orders";

    @TempDir
    private Path folder;

    private SmallScenario scenario;

    @BeforeEach
    void prepare() throws Exception {
        scenario = SmallScenario.in(folder);
    }

    /** A cache of its own, with the unpacked binaries of the others. */
    private Map<String, String> cache() throws IOException {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Path binaries = Files.createDirectories(Leaks.cache().resolve("binaries"));
        if (Files.notExists(cache.resolve("binaries"))) {
            Files.createSymbolicLink(cache.resolve("binaries"), binaries);
        }
        return Map.of("PGREHEARSE_CACHE", cache.toString());
    }

    private Program.Ended run(String... arguments) throws Exception {
        return Program.run(scenario.folder(), cache(), arguments);
    }

    private List<Path> shelf() throws IOException {
        Path datasets = folder.resolve("cache/datasets");
        if (!Files.isDirectory(datasets)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(datasets)) {
            return entries.filter(entry -> !entry.toString().endsWith(".lock")).toList();
        }
    }

    /** GO; or, where the machine itself held the load up, no verdict for that reason and for no other. */
    private void assertRehearsed(Program.Ended ended, String out) throws IOException {
        Path quick = folder.resolve(out).resolve("quick");
        JsonNode recording =
                new ObjectMapper().readTree(quick.resolve("recording.json").toFile());
        assertThat(recording.path("complete").booleanValue()).isTrue();
        assertThat(recording.at("/migration/outcome").asText()).isEqualTo("ok");
        List<String> late = StreamSupport.stream(recording.path("doubts").spliterator(), false)
                .filter(doubt -> doubt.path("id").asText().equals(Recording.Doubt.DRIVER_TOO_LATE))
                .map(doubt -> doubt.path("text").asText())
                .toList();
        JsonNode verdict =
                new ObjectMapper().readTree(quick.resolve("verdict.json").toFile());
        assertThat(verdict.path("verdict").asText()).as(ended.error()).isEqualTo(late.isEmpty() ? "GO" : "UNKNOWN");
        assertThat(verdict.path("uncertainties")).extracting(JsonNode::asText).isEqualTo(late);
        assertThat(ended.code()).as(ended.error()).isEqualTo(late.isEmpty() ? 0 : 3);
    }

    private void assertNothingRuns() throws IOException {
        try (Stream<Path> runs = Files.list(folder.resolve("cache/runs"))) {
            assertThat(runs.map(run -> run.getFileName().toString())).containsExactly("lock");
        }
    }

    @Test
    void isMadeOnceAndFoundByRunsUntilItIsRemoved() throws Exception {
        assertThat(run("dataset", "list").output()).contains("No datasets are kept.");
        Program.Ended built = run("dataset", "build", ".");
        assertThat(built.code()).as(built.error()).isZero();
        assertThat(built.error()).contains(LOADING);
        assertThat(run("dataset", "build", ".").error()).doesNotContain(LOADING);

        Program.Ended rehearsed = run("run", ".", "--variant", "quick", "--out", "../rehearsed");
        assertRehearsed(rehearsed, "rehearsed");
        assertThat(rehearsed.error()).doesNotContain(LOADING);
        assertThat(Files.readString(folder.resolve("rehearsed/quick/recording.json")))
                .contains("\"fromGolden\" : true");

        String id = shelf().get(0).getFileName().toString();
        assertThat(run("dataset", "list").output()).contains(id, "small").containsPattern("orders 1.000\\b");
        Program.Ended wrong = run("dataset", "remove", "nosuch");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.error()).contains("`nosuch`", id);
        assertThat(run("dataset", "remove", id.substring(0, 6)).output()).contains("Removed " + id);
        assertThat(shelf()).isEmpty();
        assertNothingRuns();
    }

    @Test
    void otherDataAreAnotherDataset() throws Exception {
        assertThat(run("dataset", "build", ".").code()).isZero();
        assertThat(run("dataset", "build", ".", "--seed", "2").error()).contains(LOADING);
        assertThat(run("dataset", "build", ".", "--scale", "2").error()).contains(LOADING);
        assertThat(run("dataset", "build", ".", "--set", "server.settings.work_mem=8MB")
                        .error())
                .doesNotContain(LOADING);
        assertThat(shelf()).hasSize(3);
        assertThat(run("dataset", "remove", "--all").output().lines()).hasSize(3);
        assertThat(shelf()).isEmpty();
    }

    @Test
    void whatSomebodyWroteIntoIsMadeAgain() throws Exception {
        assertThat(run("dataset", "build", ".").code()).isZero();
        Path data = shelf().get(0).resolve("data");
        Files.writeString(data.resolve("postgresql.auto.conf"), "# changed\n", StandardOpenOption.APPEND);
        Program.Ended again = run("run", ".", "--variant", "quick", "--out", "../rehearsed");
        assertRehearsed(again, "rehearsed");
        assertThat(again.error()).contains("is not as it was left", LOADING);
        assertThat(Files.readString(data.resolve("postgresql.auto.conf"))).doesNotContain("# changed");
    }

    @Test
    void whatCannotBeReadIsMadeAgain() throws Exception {
        assertThat(run("dataset", "build", ".").code()).isZero();
        Files.writeString(shelf().get(0).resolve("dataset.json"), "{");
        assertThat(run("dataset", "build", ".").error()).contains(LOADING);
        assertThat(run("dataset", "build", ".").error()).doesNotContain(LOADING);
    }

    @Test
    void whatCannotBeReadIsListedAndCanBeRemoved() throws Exception {
        assertThat(run("dataset", "build", ".").code()).isZero();
        Path place = shelf().get(0);
        String id = place.getFileName().toString();
        Files.writeString(place.resolve("dataset.json"), "{");
        assertThat(run("dataset", "list").output()).contains(id + " cannot be read", "PGREHEARSE_KEEP=40GB sets");
        assertThat(run("dataset", "remove", id.substring(0, 6)).output())
                .contains("Removed " + id + ", which could not be read.");
        assertThat(shelf()).isEmpty();
    }

    @Test
    void beyondTheLimitTheOneUsedLongestAgoIsRemoved() throws Exception {
        Map<String, String> little = new HashMap<>(cache());
        little.put("PGREHEARSE_KEEP", "1MB");
        assertThat(Program.run(scenario.folder(), little, "dataset", "build", ".")
                        .code())
                .isZero();
        String first = shelf().get(0).getFileName().toString();
        Program.Ended second = Program.run(scenario.folder(), little, "dataset", "build", ".", "--seed", "2");
        assertThat(second.code()).as(second.error()).isZero();
        assertThat(second.error()).contains("Removed the kept dataset " + first, "PGREHEARSE_KEEP allows 0.00 GB");
        assertThat(shelf())
                .singleElement()
                .satisfies(place -> assertThat(place)
                        .doesNotHaveToString(
                                folder.resolve("cache/datasets").resolve(first).toString()));
        assertThat(Program.run(scenario.folder(), little, "dataset", "list").output())
                .contains("are kept, as PGREHEARSE_KEEP says.");
    }

    @Test
    void whoHasToWaitForAnotherRunSaysSo() throws Exception {
        assertThat(run("dataset", "build", ".").code()).isZero();
        String id = shelf().get(0).getFileName().toString();
        Path lock = folder.resolve("cache/datasets").resolve(id + ".lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            FileLock other = channel.lock();
            try (Program program = Program.start(
                    scenario.folder(), cache(), "run", ".", "--variant", "quick", "--out", "../waited", "--json")) {
                program.await("waiting", line -> line.contains("makes or removes the dataset " + id + ": waiting"));
                other.release();
                assertRehearsed(program.end(), "waited");
            }
        }
    }

    @Test
    void aToolThatIsKilledWhileLoadingLeavesNone() throws Exception {
        scenario.with("scenario.yaml", "orders: 1000", "orders: 2M");
        try (Program program = Program.start(
                scenario.folder(), cache(), "run", ".", "--variant", "quick", "--out", "../killed", "--json")) {
            ProcessHandle supervisor = program.awaitTask(LOADING).supervisor();
            program.signal("KILL").end();
            supervisor.onExit().get();
        }
        assertThat(shelf()).isEmpty();
        assertNothingRuns();
    }

    @Test
    void ofTwoRunsAtOnceOneLoadsAndBothRehearse() throws Exception {
        scenario.with("scenario.yaml", "orders: 1000", "orders: 300k");
        try (Program first = start("first");
                Program second = start("second")) {
            Program.Ended one = first.end();
            Program.Ended other = second.end();
            assertRehearsed(one, "first");
            assertRehearsed(other, "second");
            assertThat(Stream.of(one, other).filter(ended -> ended.error().contains(LOADING)))
                    .hasSize(1);
        }
        assertThat(shelf()).hasSize(1);
        assertNothingRuns();
    }

    private Program start(String name) throws Exception {
        return Program.start(scenario.folder(), cache(), "run", ".", "--variant", "quick", "--out", "../" + name);
    }

    @Test
    void whatARunCopiesCannotBeRemoved() throws Exception {
        scenario.with("scenario.yaml", "orders: 1000", "orders: 2M");
        try (Program program = Program.start(
                scenario.folder(), cache(), "run", ".", "--variant", "quick", "--out", "../used", "--json")) {
            program.awaitTask("copying the dataset").signal("STOP");
            Program.Ended refused = run("dataset", "remove", "--all");
            program.signal("CONT").signal("INT");
            program.end();
            assertThat(refused.code()).isEqualTo(4);
            assertThat(refused.error()).contains("a run is using it");
        }
        assertThat(run("dataset", "remove", "--all").code()).isZero();
        assertThat(shelf()).isEmpty();
    }
}
