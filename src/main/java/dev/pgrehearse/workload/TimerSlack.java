package dev.pgrehearse.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How late Linux may wake a thread, so as to wake several at once: 50 µs unless the thread says otherwise.
 *
 * <p>Source: Linux, {@code Documentation/filesystems/proc.rst}, {@code timerslack_ns}; PR_SET_TIMERSLACK in {@code prctl(2)}.
 */
final class TimerSlack {
    private static final Path PROC = Path.of("/proc");
    private static final String SHORTEST_NANOS = "1";

    private TimerSlack() {}

    /**
     * Asks that the calling thread be woken without such delay, from now on. It costs nothing while it sleeps, other than a wait that
     * spins. Where there is no Linux, or it does not allow that, the thread comes as late as before, which is measured
     * anyway ({@link Lateness}).
     *
     * @return whether it was granted
     */
    static boolean shortenForThisThread() {
        try {
            // Such as 4711/task/4712: a thread's own directory is listed nowhere, but it is there.
            Path thread = Files.readSymbolicLink(PROC.resolve("thread-self")).getFileName();
            Files.writeString(PROC.resolve(thread).resolve("timerslack_ns"), SHORTEST_NANOS);
            return true;
        } catch (IOException | UnsupportedOperationException notHere) {
            return false;
        }
    }
}
