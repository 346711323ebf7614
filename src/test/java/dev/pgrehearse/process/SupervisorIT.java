package dev.pgrehearse.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("alone")
final class SupervisorIT {
    @TempDir
    Path directory;

    private Launch shell(String script) {
        return new Launch(
                List.of("sh", "-c", script),
                Map.of("GREETING", "hello"),
                directory.toString(),
                directory.resolve("output").toString(),
                "TERM");
    }

    @Test
    void launchesWithEnvironmentDirectoryAndOutput() throws Exception {
        try (Supervisor supervisor = Supervisor.start()) {
            SupervisedProcess process = supervisor.launch(shell("echo $GREETING; pwd; echo oops >&2; exit 7"));

            assertThat(process.awaitExit()).isEqualTo(7);
            assertThat(Files.readString(directory.resolve("output")))
                    .isEqualTo("hello\n" + directory.toRealPath() + "\noops\n");
        }
    }

    @Test
    void aMissingProgramIsAnError() {
        try (Supervisor supervisor = Supervisor.start()) {
            assertThatThrownBy(() ->
                            supervisor.launch(new Launch(List.of("/no/such/program"), Map.of(), null, null, "TERM")))
                    .isInstanceOf(ProcessProblem.class)
                    .hasMessageContaining("/no/such/program");
        }
    }

    @Test
    void stopKillsWhatDoesNotListen() throws Exception {
        try (Supervisor supervisor = Supervisor.start()) {
            SupervisedProcess deaf =
                    supervisor.launch(shell("trap '' TERM; touch deaf; while true; do sleep 0.1; done"));
            awaitFile(directory.resolve("deaf"));

            assertThat(deaf.stop("TERM", Duration.ofMillis(200))).isEqualTo(137);
        }
    }

    @Test
    void closingEndsChildrenAndTheirChildrenAndRemovesWhatIsHeld() throws Exception {
        Path held = Files.createDirectories(directory.resolve("held").resolve("deep"));
        long grandchild;
        try (Supervisor supervisor = Supervisor.start()) {
            supervisor.hold(new Remains.Directory(held.getParent().toString()));
            supervisor.launch(
                    shell("trap '' TERM; sleep 1000 & echo $! > pid.new; mv pid.new pid; while true; do wait; done"));
            awaitFile(directory.resolve("pid"));
            grandchild =
                    Long.parseLong(Files.readString(directory.resolve("pid")).strip());
            assertThat(ProcessHandle.of(grandchild)).isPresent();
        }

        assertThat(isRunning(grandchild)).isFalse();
        assertThat(held.getParent()).doesNotExist();
    }

    @Test
    void whatWasReleasedStays() throws Exception {
        Path released = Files.createDirectories(directory.resolve("released"));
        try (Supervisor supervisor = Supervisor.start()) {
            supervisor.hold(new Remains.Directory(released.toString()));
            supervisor.release(new Remains.Directory(released.toString()));
        }

        assertThat(released).exists();
    }

    @Test
    void livesInASessionOfItsOwn() throws Exception {
        try (Supervisor supervisor = Supervisor.start()) {
            supervisor.launch(shell("true")).awaitExit();

            assertThat(session(supervisor.pid()))
                    .isEqualTo(supervisor.pid())
                    .isNotEqualTo(session(ProcessHandle.current().pid()));
        }
    }

    @Test
    void itsDeathIsNoticedAndCleanedUp() throws Exception {
        try (Supervisor supervisor = Supervisor.start()) {
            SupervisedProcess child = endsEverythingAfter("KILL", supervisor);

            assertThatThrownBy(() -> supervisor.launch(shell("true")))
                    .isInstanceOf(ProcessProblem.class)
                    .hasMessageContaining("is gone");
            assertThatThrownBy(child::awaitExit).isInstanceOf(ProcessProblem.class);
        }
    }

    @Test
    void aTermMakesItEndEverything() throws Exception {
        try (Supervisor supervisor = Supervisor.start()) {
            endsEverythingAfter("TERM", supervisor);
        }
    }

    /** Gives the child that ran when the supervisor got the signal. */
    private SupervisedProcess endsEverythingAfter(String signal, Supervisor supervisor) throws Exception {
        Path held = Files.createDirectories(directory.resolve("held"));
        supervisor.hold(new Remains.Directory(held.toString()));
        SupervisedProcess child = supervisor.launch(shell("exec sleep 1000"));

        Signals.send(supervisor.pid(), signal);

        assertThat(supervisor.lost().get(30, TimeUnit.SECONDS)).contains("is gone");
        assertThat(isRunning(child.pid())).isFalse();
        assertThat(held).doesNotExist();
        return child;
    }

    private static long session(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
    }

    /** A zombie that nobody has waited for yet is no running process. */
    private static boolean isRunning(long pid) throws Exception {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        if (!Files.exists(stat)) {
            return false;
        }
        String text = Files.readString(stat);
        return text.charAt(text.lastIndexOf(')') + 2) != 'Z';
    }

    private static void awaitFile(Path file) {
        while (!Files.exists(file)) {
            Thread.onSpinWait();
        }
    }
}
