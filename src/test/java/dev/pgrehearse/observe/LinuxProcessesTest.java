package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinuxProcessesTest {
    private static final int CHILDREN = 40;

    @Test
    void aServersProcessesAreItsChildrenAndNobodyElse() throws Exception {
        Process parent = new ProcessBuilder(
                        "sh", "-c", "for i in $(seq " + CHILDREN + "); do sleep 300 & echo $!; done; wait")
                .start();
        List<Long> children = List.of();
        try (BufferedReader said = parent.inputReader()) {
            children = IntStream.range(0, CHILDREN).mapToObj(i -> line(said)).toList();
            LinuxProcesses processes = new LinuxProcesses(OptionalLong.of(parent.pid()));

            assertThat(children)
                    .allSatisfy(child ->
                            assertThat(processes.backendNanos(child.intValue())).isPresent());
            assertThat(processes.backendNanos((int) ProcessHandle.current().pid()))
                    .isEmpty();
            assertThat(processes.serverNanos()).isPresent();
            List<Long> asked = LinuxProcesses.asked(parent.pid());
            assertThat(asked).containsAll(children);
            // A kernel without such a list is asked the other way.
            assertThat(LinuxProcesses.listed(parent.pid()))
                    .satisfiesAnyOf(
                            listed -> assertThat(Set.copyOf(listed)).isEqualTo(Set.copyOf(asked)),
                            listed -> assertThat(Path.of("/proc/thread-self/children"))
                                    .doesNotExist());
        } finally {
            parent.destroyForcibly();
            children.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).forEach(ProcessHandle::destroyForcibly);
            parent.waitFor();
        }
    }

    private static Long line(BufferedReader said) {
        try {
            return Long.valueOf(said.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
