package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Signals;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As the tool's own user, or as root in a user namespace where that is allowed. */
final class EmbeddedServerIT extends ServerContract {
    @Override
    ServerSpec spec() {
        return new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of());
    }

    @Test
    void runsWithoutAnyLocaleOfTheSystem() {
        assertThat(golden().locale()).isEqualTo("builtin C.UTF-8");
    }

    @Test
    void anotherVersionIsRefused() {
        try (Supervisor supervisor = Supervisor.start()) {
            assertThatThrownBy(() ->
                            ServerHost.open(new ServerSpec(ServerSpec.Kind.EMBEDDED, 13, null, Map.of()), supervisor))
                    .isInstanceOf(ServerProblem.class)
                    .hasMessageContaining("13")
                    .hasMessageContaining("kind: container");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"supervisor", "opened", "initialised", "copied", "busy"})
    void aKilledToolLeavesNothing(String moment) throws Exception {
        KilledTool.leavesNothing(moment, "EMBEDDED");
    }

    @Test
    void aKilledToolLeavesNothingOfAStandby() throws Exception {
        KilledTool.leavesNothing("streaming", "EMBEDDED", "", "standby");
    }

    @Test
    void whatToolAndSupervisorLeftIsSweptByTheNextRun() throws Exception {
        Set<String> before = Leaks.now();
        Process tool = KilledTool.start(Map.of(), "EMBEDDED");
        long server;
        try (BufferedReader out = KilledTool.output(tool)) {
            Map<String, String> told = KilledTool.awaitMoment(out, "busy");
            server = Long.parseLong(told.get("running"));
            ProcessHandle supervisor =
                    ProcessHandle.of(Long.parseLong(told.get("supervisor"))).orElseThrow();
            // Stopped first, so that it cannot see the tool's end before it is killed itself.
            Signals.send(supervisor.pid(), "STOP");
            tool.destroyForcibly().waitFor();
            supervisor.destroyForcibly();
            supervisor.onExit().get();
        }
        assertThat(ProcessHandle.of(server)).isPresent();
        assertThat(Leaks.now()).anyMatch(left -> left.startsWith("run directory"));

        try (Supervisor supervisor = Supervisor.start();
                ServerHost next = ServerHost.open(spec(), supervisor)) {
            assertThat(next.kind()).isEqualTo("embedded");
        }

        Set<String> left = Leaks.now();
        left.removeAll(before);
        assertThat(left).isEmpty();
    }

    @Test
    void aDirectoryThatCannotBeEnteredIsAnError() throws Exception {
        Path closed = Files.createTempFile("no-directory", "");
        String own = System.getProperty(CacheDirectory.SWITCH);
        try (Supervisor supervisor = Supervisor.start()) {
            System.setProperty(CacheDirectory.SWITCH, closed.resolve("cache").toString());
            assertThatThrownBy(() -> ServerHost.open(spec(), supervisor))
                    .isInstanceOf(ServerProblem.class)
                    .hasMessageContaining(CacheDirectory.SWITCH);
        } finally {
            System.setProperty(CacheDirectory.SWITCH, own);
            Files.delete(closed);
        }
    }
}
