package dev.pgrehearse.process;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a test can leave behind: processes, run directories, containers, volumes.
 *
 * <p>Each process that runs tests has a cache directory of its own, which goes with it: tests that run side by side do not
 * see each other's servers.
 */
public final class Leaks {
    private static final String CACHE_SWITCH = "PGREHEARSE_CACHE";
    private static final String LABEL = "dev.pgrehearse.cache";

    private static final Path CACHE = ownCache();

    private Leaks() {}

    private static Path ownCache() {
        Path cache = Path.of(
                System.getProperty("java.io.tmpdir"),
                "pgrehearse-test-cache-" + ProcessHandle.current().pid());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                DirectoryTree.delete(cache);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
        return cache;
    }

    /** The cache directory of this process's tests. */
    public static Path cache() {
        return CACHE;
    }

    /** Lets the hosts that this JVM opens use {@link #cache}. */
    public static void useOwnCache() {
        System.setProperty(CACHE_SWITCH, cache().toString());
    }

    /** All that is there now, a line each. */
    public static Set<String> now() {
        Set<String> found = new TreeSet<>();
        ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .forEach(process -> found.add("child process " + process.pid() + " "
                        + process.info().commandLine().orElse("")));
        serverProcesses(found);
        runDirectories(found);
        containers(found);
        return found;
    }

    private static void serverProcesses(Set<String> found) {
        ProcessHandle.allProcesses().forEach(process -> {
            try {
                String commandLine = new String(
                                Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline")),
                                StandardCharsets.UTF_8)
                        .replace('\0', ' ');
                if (commandLine.contains(cache() + "/runs/")) {
                    found.add("server process " + process.pid() + " " + commandLine);
                }
            } catch (IOException e) {
                // It ended while we looked: no leak.
                return;
            }
        });
    }

    private static void runDirectories(Set<String> found) {
        Path runs = cache().resolve("runs");
        if (!Files.isDirectory(runs)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(runs)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().equals("lock")) {
                    found.add("run directory " + entry);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void containers(Set<String> found) {
        if (!Files.exists(Path.of("/var/run/docker.sock")) && System.getenv("DOCKER_HOST") == null) {
            return;
        }
        try {
            DockerClient client = ContainerEngine.connect();
            String label = LABEL + "=" + cache();
            client.listContainersCmd()
                    .withShowAll(true)
                    .withFilter("label", List.of(label))
                    .exec()
                    .forEach(container -> found.add("container " + String.join(",", container.getNames())));
            client.listVolumesCmd()
                    .withFilter("label", List.of(label))
                    .exec()
                    .getVolumes()
                    .forEach(volume -> found.add("volume " + volume.getName()));
        } catch (EngineMissing e) {
            // Then it has no containers of ours either.
            return;
        }
    }

    /** Fails a test class that leaves something which was not there before it. */
    public static final class NothingLeftBehind implements BeforeAllCallback, AfterAllCallback {
        private Set<String> before = Set.of();

        @Override
        public void beforeAll(ExtensionContext context) {
            useOwnCache();
            before = now();
        }

        @Override
        public void afterAll(ExtensionContext context) throws IOException {
            // Kept on purpose, but not beyond the class that needed it.
            DirectoryTree.delete(cache().resolve("datasets"));
            Set<String> left = now();
            left.removeAll(before);
            Assertions.assertThat(left)
                    .as("left behind by " + context.getDisplayName())
                    .isEmpty();
        }
    }
}
