package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Leaks;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One run, its lines of JSON, what it keeps, and what is made of its recordings afterwards without any server. */
@ExtendWith(Leaks.NothingLeftBehind.class)
class SavedRunsIT {
    private static final String PROPOSED_PORT = "54320";

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path temporary;

    private static Path out;
    private static Program.Ended ended;

    /** Two rehearsals of a migration from the command line, kept. */
    @BeforeAll
    static void run() throws Exception {
        SmallScenario.in(temporary);
        out = temporary.resolve("out");
        ended = Program.run(
                temporary,
                "run",
                "small",
                "--migration",
                "small/quick.sql",
                "--repeat",
                "2",
                "--keep",
                "--json",
                "--out",
                "out");
    }

    @AfterAll
    static void removeKept() throws Exception {
        DirectoryTree.delete(Leaks.cache().resolve("kept"));
    }

    private static JsonNode verdict(Path run, String id) throws Exception {
        return JSON.readTree(run.resolve(id).resolve("verdict.json").toFile());
    }

    private static JsonNode result() throws Exception {
        return JSON.readTree(ended.out().get(ended.out().size() - 1));
    }

    @Test
    void everyLineIsJsonAndTheLastIsTheResult() throws Exception {
        assertThat(ended.out())
                .allSatisfy(line ->
                        assertThat(JSON.readTree(line).path("kind").isTextual()).isTrue());
        assertThat(result().path("kind").asText()).isEqualTo("RESULT");
        assertThat(result().path("exitCode").asInt()).isEqualTo(ended.code());
        assertThat(result().path("folder").asText()).isEqualTo("out");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void repeatsAreNumberedAndTheMigrationOfTheCommandLineIsGiven() throws Exception {
        assertThat(result().path("verdicts").fieldNames()).toIterable().containsExactly("given-1", "given-2");
        for (String id : List.of("given-1", "given-2")) {
            JsonNode recording =
                    JSON.readTree(out.resolve(id).resolve("recording.json").toFile());
            assertThat(recording.at("/scenario/variant").asText()).isEqualTo("given");
            assertThat(recording.at("/migration/statements/0/sql").asText()).contains("add column notes");
            assertThat(recording.at("/dataset/fromGolden").asBoolean()).isEqualTo(id.equals("given-2"));
        }
    }

    @Test
    void whatIsKeptCanBeStartedAsSaid() throws Exception {
        JsonNode kept = result().path("kept").get(1);
        assertThat(kept.path("id").asText()).isEqualTo("given-2");
        // The port that is proposed may be another's here, where tests run side by side.
        String port = freePort();
        String start = kept.path("start").asText().replace(PROPOSED_PORT, port);
        assertThat(kept.path("start").asText()).contains(PROPOSED_PORT);
        assertThat(shell(start.replace(" start", " -w start"))).as(start).isZero();
        try {
            String look = kept.path("connect").asText().replace(PROPOSED_PORT, port);
            assertThat(shell(look + " -c 'select notes from orders limit 1'"))
                    .as(look)
                    .isZero();
        } finally {
            assertThat(shell(start.replaceFirst(" -l .* start$", " -m immediate stop")))
                    .isZero();
        }
        assertThat(shell(kept.path("remove").asText())).isZero();
        assertThat(Path.of(kept.path("location").asText())).doesNotExist();
    }

    private static String freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return Integer.toString(any.getLocalPort());
        }
    }

    private static int shell(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
    }

    @Test
    void judgedAgainItIsTheSameAndUnderOtherLimitsAnother() throws Exception {
        Path copy = temporary.resolve("judged");
        assertThat(shell("cp -r '" + out + "' '" + copy + "'")).isZero();
        // Neither a server nor the binaries can be had here.
        Map<String, String> nothing = Map.of("PGREHEARSE_CACHE", "/proc/none", "PATH", "/nowhere");
        for (String command : List.of("judge", "report")) {
            Program.Ended again = Program.run(temporary, nothing, command, copy.toString());
            assertThat(again.code()).as(again.error()).isEqualTo(command.equals("report") ? 0 : ended.code());
            for (String id : List.of("given-1", "given-2")) {
                assertThat(verdict(copy, id)).isEqualTo(verdict(out, id));
            }
        }
        Program.Ended stricter = Program.run(
                temporary,
                nothing,
                "judge",
                copy.toString(),
                "--scenario",
                withVariantGiven(),
                "--set",
                "limits.duration=0.001ms");
        assertThat(stricter.code()).as(stricter.error()).isEqualTo(1);
        assertThat(verdict(copy, "given-1").path("verdict").asText()).isEqualTo("NO-GO");
        assertThat(verdict(copy, "given-1").path("findings").toString()).contains("over-duration");
        assertThat(stricter.output()).doesNotContain("\u001b");
    }

    /** {@code script} gives it a terminal. */
    @Test
    void coloursAreForTerminalsAndNotForWhoeverDoesNotWantThem() throws Exception {
        assumeThat(Path.of("/usr/bin/script")).as("script, of util-linux").exists();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                List.of("script", "-qec", java + " -jar " + Program.jar() + " report " + out, "/dev/null");
        try (Program coloured = Program.of(temporary, Map.of("TERM", "xterm"), command);
                Program plain = Program.of(temporary, Map.of("TERM", "xterm", "NO_COLOR", "1"), command)) {
            assertThat(coloured.end().output()).contains("GO").contains("\u001b[");
            assertThat(plain.end().output()).contains("GO").doesNotContain("\u001b[");
        }
        assertThat(Program.run(temporary, "report", out.toString()).output())
                .contains("GO")
                .doesNotContain("\u001b");
    }

    private static String withVariantGiven() throws Exception {
        Path scenario = temporary.resolve("small").resolve("given.yaml");
        Files.writeString(
                scenario,
                Files.readString(temporary.resolve("small").resolve("scenario.yaml"))
                        .replace("quick:", "given:"));
        return scenario.toString();
    }

    @Test
    void oneRehearsalIsNoRun() throws Exception {
        Program.Ended wrong = Program.run(temporary, "judge", "out/given-1");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.error()).contains("is one rehearsal of a run", "judge out");
    }

    @Test
    void aDryRunStartsNothing() throws Exception {
        // With this cache nothing could be started.
        Map<String, String> nothing = Map.of("PGREHEARSE_CACHE", "/proc/none");
        Program.Ended table = Program.run(temporary, nothing, "run", "small", "--dry-run", "--repeat", "2");
        assertThat(table.code()).as(table.error()).isZero();
        assertThat(table.output()).contains("quick-1", "broken-2", "Nothing was started.");
        assertThat(table.out().get(0)).matches("REHEARSAL +SIZE +EXPECTED +AT LEAST +DISK ABOUT +ROWS");
        assertThat(table.out().get(1)).matches("quick-1 .* orders 1\u00a0000");
        Program.Ended lines = Program.run(temporary, nothing, "run", "small", "--dry-run", "--json");
        assertThat(lines.out()).hasSize(3);
        assertThat(JSON.readTree(lines.out().get(0)).path("rows").path("orders").asInt())
                .isEqualTo(1000);
        assertThat(temporary.resolve("reports")).doesNotExist();
    }

    @Test
    void quietSaysNothingButTheVerdict() throws Exception {
        Program.Ended quiet = Program.run(temporary, "validate", "small", "--quiet");
        assertThat(quiet.code()).as(quiet.error()).isZero();
        assertThat(quiet.out()).isEmpty();
        assertThat(quiet.err()).isEmpty();
    }

    @Test
    void everyCommandHelps() throws Exception {
        for (String command : List.of("run", "validate", "judge", "report")) {
            Program.Ended help = Program.run(temporary, command, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.output())
                    .contains("Usage: pgrehearse " + command, "Examples:", "  pgrehearse " + command + " ");
        }
    }
}
