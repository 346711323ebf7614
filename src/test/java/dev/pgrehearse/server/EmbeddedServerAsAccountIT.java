package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As root where user namespaces are denied: under an unprivileged account. */
@Tag("thorough")
final class EmbeddedServerAsAccountIT extends ServerContract {
    @Override
    ServerSpec spec() {
        return new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of());
    }

    @Override
    void prepare() {
        Assumptions.assumeTrue(
                System.getProperty("user.name").equals("root"), "only root needs another account for the server");
        System.setProperty(ServerAccount.SWITCH, "account");
    }

    @AfterAll
    static void unset() {
        System.clearProperty(ServerAccount.SWITCH);
    }

    @Test
    void theServerRunsUnderAnUnprivilegedAccount() throws Exception {
        DataDirectory directory = host().copy(golden());
        try (RunningServer server = host().start(directory, Map.of())) {
            Path process = Path.of("/proc", Long.toString(server.postmasterPid().orElseThrow()));
            assertThat(Files.getAttribute(process, "unix:uid")).isNotEqualTo(0);
            assertThat(Files.getAttribute(Path.of(directory.location()), "unix:uid"))
                    .isEqualTo(Files.getAttribute(process, "unix:uid"));
            server.stop();
        }
        host().remove(directory);
    }

    @Test
    void aDeniedNamespaceLeadsToTheAccount(@TempDir Path bin) throws Exception {
        Path unshare = Files.writeString(
                bin.resolve("unshare"), "#!/bin/sh\necho 'unshare: Operation not permitted' >&2\nexit 1\n");
        Files.setPosixFilePermissions(unshare, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process tool = KilledTool.start(Map.of("PATH", bin + ":" + System.getenv("PATH")), "EMBEDDED");
        try (BufferedReader out = KilledTool.output(tool)) {
            Map<String, String> told = KilledTool.awaitMoment(out, "busy");
            assertThat(Files.getAttribute(Path.of("/proc", told.get("running")), "unix:uid"))
                    .isNotEqualTo(0);
            ProcessHandle supervisor =
                    ProcessHandle.of(Long.parseLong(told.get("supervisor"))).orElseThrow();

            tool.destroyForcibly().waitFor();

            supervisor.onExit().get(10, TimeUnit.SECONDS);
        } finally {
            tool.destroyForcibly();
        }
    }

    @Test
    void aCacheThatTheAccountCannotEnterIsAnError(@TempDir Path closed) throws Exception {
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        try (Supervisor supervisor = Supervisor.start()) {
            System.setProperty(CacheDirectory.SWITCH, closed.resolve("cache").toString());
            assertThatThrownBy(() -> ServerHost.open(spec(), supervisor))
                    .isInstanceOf(ServerProblem.class)
                    .hasMessageContaining("cannot be run by the account")
                    .hasMessageContaining(CacheDirectory.SWITCH);
        } finally {
            Leaks.useOwnCache();
        }
    }
}
