package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with a java and a Maven that only say what they were asked for. */
class LauncherIT {
    private static final List<String> TOOLS = List.of(
            "dirname", "readlink", "find", "head", "sed", "touch", "mkdir", "mv", "cp", "grep", "flock", "sleep");
    private static final String JAVA = """
            if [ "$1" = -version ]; then echo 'openjdk version "17.0.9" 2023-10-17' >&2; exit; fi
            echo "java $*"
            """;

    @TempDir
    Path temporary;

    private Path home;
    private Path bin;

    @BeforeEach
    void prepare() throws Exception {
        home = Files.createDirectories(temporary.resolve("home"));
        bin = Files.createDirectory(temporary.resolve("bin"));
        Files.createDirectories(home.resolve("src/main"));
        Files.writeString(home.resolve("src/main/Main.java"), "");
        Files.writeString(home.resolve("pom.xml"), "");
        Files.copy(Path.of("pgrehearse"), home.resolve("pgrehearse"));
        executable(home.resolve("pgrehearse"));
        for (String tool : TOOLS) {
            for (String directory : List.of("/usr/bin", "/bin")) {
                Path program = Path.of(directory, tool);
                if (Files.exists(program)) {
                    program(tool, "exec " + program + " \"$@\"");
                    break;
                }
            }
        }
        program("java", JAVA);
        program("javac", "exit 0");
        program("mvn", "echo built >>builds; mkdir -p target; echo jar >target/pgrehearse.jar");
    }

    private void program(String name, String script) throws IOException {
        Files.deleteIfExists(bin.resolve(name));
        Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n");
        executable(bin.resolve(name));
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Program start(Path launcher) {
        return Program.of(
                temporary, Map.of("PATH", bin.toString(), "JAVA_HOME", ""), List.of(launcher.toString(), "run", "a b"));
    }

    private Program.Ended launch() throws Exception {
        try (Program program = start(home.resolve("pgrehearse"))) {
            return program.end();
        }
    }

    private List<String> builds() throws IOException {
        Path builds = home.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
    }

    private void assertRefused(String word) throws Exception {
        Program.Ended ended = launch();
        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("pgrehearse: ")
                .contains(word);
    }

    @Test
    void buildsOnceAndStartsFromAnywhere() throws Exception {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), home.resolve("pgrehearse"));
        for (int i = 0; i < 2; i++) {
            try (Program program = start(link)) {
                Program.Ended ended = program.end();
                assertThat(ended.code()).as(ended.error()).isZero();
                assertThat(ended.output())
                        .endsWith("-jar " + home.toRealPath() + "/target/launcher/pgrehearse.jar run a b")
                        .contains("-Dpgrehearse.terminal=false", "-Dpicocli.ansi=false");
            }
        }
        assertThat(builds()).hasSize(1);
    }

    @Test
    void whatIsMissingIsToldInOneLine() throws Exception {
        program("java", JAVA.replace("17.0.9", "11.0.2"));
        assertRefused("java is version 11: a JDK 17 or newer");
        program("java", JAVA.replace("17.0.9", "1.8.0_392"));
        assertRefused("java is version 8: a JDK 17 or newer");
        Files.delete(bin.resolve("java"));
        assertRefused("no java found");
        program("java", JAVA);
        Files.delete(bin.resolve("javac"));
        assertRefused("no javac found");
        program("javac", "exit 0");
        Files.delete(bin.resolve("mvn"));
        assertRefused("no mvn found");
        assertThat(builds()).isEmpty();
    }

    @Test
    void aBuildThatFailedOrWasCutOffIsMadeAgain() throws Exception {
        program("mvn", "mkdir -p target; echo half >target/pgrehearse.jar; echo '[ERROR] no such symbol'; exit 1");
        Program.Ended failed = launch();
        assertThat(failed.code()).isEqualTo(4);
        assertThat(failed.error()).contains("[ERROR] no such symbol", "build.log");

        program("mvn", "mkdir -p target; echo half >target/pgrehearse.jar; kill -9 $PPID; sleep 0.1");
        try (Program cutOff = start(home.resolve("pgrehearse"))) {
            assertThat(cutOff.end().out()).isEmpty();
        }

        program("mvn", "echo built >>builds; mkdir -p target; echo jar >target/pgrehearse.jar");
        assertThat(launch().code()).isZero();
        assertThat(builds()).hasSize(1);
        assertThat(home.resolve("target/launcher/pgrehearse.jar")).content().isEqualTo("jar\n");
    }

    @Test
    void ofTwoAtOnceOneBuildsAndTheOtherWaits() throws Exception {
        assumeThat(bin.resolve("flock")).as("flock").exists();
        program(
                "mvn",
                "echo built >>builds; while [ ! -e go ]; do sleep 0.05; done;"
                        + " mkdir -p target; echo jar >target/pgrehearse.jar");
        try (Program one = start(home.resolve("pgrehearse"));
                Program other = start(home.resolve("pgrehearse"))) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (builds().isEmpty() && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            Files.createFile(home.resolve("go"));
            assertThat(one.end().code()).isZero();
            assertThat(other.end().code()).isZero();
        }
        assertThat(builds()).hasSize(1);
    }
}
