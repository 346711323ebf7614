package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.process.Leaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever ends a run early: what was recorded is saved and says so, and nothing else is left within 10 s. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("thorough")
class FaultsIT {
    /** After so long nobody waits any more; how long it takes is the machine's, whose disk others use, too. */
    private static final long CLEAN_WITHIN_SECONDS = 60;

    @TempDir
    Path temporary;

    private Path out;

    @BeforeEach
    void prepare() throws Exception {
        SmallScenario.in(temporary);
        out = temporary.resolve("out");
    }

    private Program run(String variant) {
        return Program.start(temporary, "run", "small", "--json", "--variant", variant, "--out", out.toString());
    }

    private JsonNode recording(String id) throws Exception {
        return new ObjectMapper()
                .readTree(out.resolve(id).resolve("recording.json").toFile());
    }

    private void assertIncomplete(String id, String fault) throws Exception {
        JsonNode recording = recording(id);
        assertThat(recording.path("complete").isBoolean()).isTrue();
        assertThat(recording.path("complete").booleanValue()).isFalse();
        assertThat(recording.path("fault").asText()).contains(fault);
        assertThat(out.resolve("report.html")).isNotEmptyFile();
        assertThat(out.resolve("report.md")).content().contains("UNKNOWN");
        assertThat(out.resolve("junit.xml")).isNotEmptyFile();
        assertThat(new ObjectMapper().readTree(out.resolve("run.json").toFile()).toString())
                .contains("UNKNOWN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "migration"})
    void aServerThatDiesEndsTheRun(String phase) throws Exception {
        Program.Ended ended;
        try (Program program = run("slow").awaitTask("slow: " + phase)) {
            assertThat(program.postmaster().destroyForcibly()).isTrue();
            ended = program.end();
        }
        assertThat(ended.code()).as(ended.error()).isEqualTo(4);
        assertIncomplete("slow", "The server ended by itself with status 137");
        assertThat(ended.output()).contains("\"exitCode\":4");
        // What failed for want of a server is nothing that the migration did.
        JsonNode verdict = new ObjectMapper()
                .readTree(out.resolve("slow").resolve("verdict.json").toFile());
        assertThat(verdict.path("verdict").asText()).isEqualTo("UNKNOWN");
        assertThat(recording("slow").at("/requests/outcomes/connection_lost").asInt())
                .isZero();
        assertThat(recording("slow").path("events").toString()).contains("server-died");
    }

    @Test
    void aMigrationThatFailsIsANoGo() throws Exception {
        Program.Ended ended = Program.run(
                temporary,
                "run",
                "small",
                "--json",
                "--variant",
                "broken",
                "--set",
                "migration.variants.broken.expect=GO",
                "--out",
                out.toString());
        assertThat(ended.code()).as(ended.error()).isEqualTo(1);
        JsonNode statement =
                recording("broken").path("migration").path("statements").get(0);
        assertThat(statement.path("sqlState").asText()).isEqualTo("23514");
        assertThat(statement.path("file").asText()).isEqualTo("broken.sql");
        assertThat(statement.path("line").asInt()).isEqualTo(2);
        assertThat(recording("broken").path("complete").booleanValue()).isTrue();
        JsonNode verdict = new ObjectMapper()
                .readTree(out.resolve("broken").resolve("verdict.json").toFile());
        assertThat(verdict.path("verdict").asText()).isEqualTo("NO-GO");
        assertThat(verdict.path("findings").toString()).contains("23514");
    }

    @ParameterizedTest
    @CsvSource({"INT,loading orders", "TERM,slow: warmup", "INT,slow: migration"})
    void aSignalSavesWhatWasRecorded(String signal, String task) throws Exception {
        Program.Ended ended;
        try (Program program = run("slow").awaitTask(task)) {
            ProcessHandle supervisor = program.supervisor();
            // Twice, as people do.
            program.signal(signal).signal(signal);
            supervisor.onExit().get(CLEAN_WITHIN_SECONDS, TimeUnit.SECONDS);
            ended = program.end();
        }
        assertThat(ended.code()).as(ended.error()).isEqualTo(130);
        assertIncomplete("slow", "interrupted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"checking on an empty server", "making the schema", "slow: warmup", "slow: migration"})
    void afterSigkillNothingIsLeftAndTheJournalIsReadable(String task) throws Exception {
        Set<String> before = Leaks.now();
        try (Program program = run("slow").awaitTask(task)) {
            ProcessHandle supervisor = program.supervisor();
            program.signal("KILL");
            program.end();
            supervisor.onExit().get(CLEAN_WITHIN_SECONDS, TimeUnit.SECONDS);
        }
        Set<String> left = Leaks.now();
        left.removeAll(before);
        assertThat(left).isEmpty();

        Program.Ended judged = Program.run(temporary, "judge", out.toString());
        if (task.startsWith("slow")) {
            assertThat(judged.code()).as(judged.error()).isEqualTo(4);
            assertIncomplete("slow", "");
        } else {
            assertThat(judged.code()).as(judged.error()).isEqualTo(2);
            assertThat(judged.error()).contains("holds no rehearsal");
        }
    }

    @Test
    void withoutAContainerEngineTheNextStepIsTold() throws Exception {
        Program.Ended ended = Program.run(
                temporary,
                Map.of("DOCKER_HOST", "tcp://127.0.0.1:1"),
                "run",
                "small",
                "--server",
                "container",
                "--set",
                "server.image=postgres:15",
                "--out",
                out.toString());
        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.error())
                .contains("No container engine answers.", "Nothing was started.", "DOCKER_HOST", "kind: embedded");
        assertThat(out).doesNotExist();
    }

    @Test
    void anImageThatIsMissingIsNamed() throws Exception {
        assumeThat(Path.of("/var/run/docker.sock")).as("a container engine").exists();
        Program.Ended ended = Program.run(
                temporary,
                "run",
                "small",
                "--server",
                "container",
                "--set",
                "server.image=127.0.0.1:1/pgrehearse/none:1",
                "--out",
                out.toString());
        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.error()).contains("127.0.0.1:1/pgrehearse/none:1", "docker pull", "Nothing was started.");
        assertThat(out).doesNotExist();
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws Exception {
        Program.Ended ended = Program.run(temporary, "run", "small", "--out", "/proc/none/here");
        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.error()).contains("/proc/none/here", "Nothing was started", "--out");
    }

    @Test
    void aFullDiskUnderTheJournalEndsTheRun() throws Exception {
        Path small = Files.createDirectory(temporary.resolve("full"));
        assumeThat(command("mount", "-t", "tmpfs", "-o", "size=64k", "none", small.toString()))
                .as("a small file system can be mounted")
                .isZero();
        try {
            Program.Ended ended = Program.run(
                    temporary,
                    "run",
                    "small",
                    "--variant",
                    "slow",
                    "--set",
                    "workload.rate=400/s",
                    "--out",
                    small.resolve("out").toString());
            assertThat(ended.code()).as(ended.error()).isEqualTo(4);
            assertThat(ended.error()).contains("No space left on device");
        } finally {
            assertThat(command("umount", small.toString())).isZero();
        }
    }

    private static int command(String... words) throws Exception {
        return new ProcessBuilder(List.of(words)).start().waitFor();
    }
}
