package dev.pgrehearse.process;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Sends signals that Java itself cannot send. */
public final class Signals {
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9]*");
    private static final long BOUND_SECONDS = 5;

    private Signals() {}

    /**
     * Sends {@code signal} to one process; a process that is gone is no error.
     *
     * @param signal its name without SIG, such as {@code INT}
     */
    public static void send(long pid, String signal) throws IOException {
        if (!NAME.matcher(signal).matches() || pid <= 1) {
            throw new IllegalArgumentException("no signal " + signal + " for process " + pid);
        }
        // The shell's own kill: procps may be missing in a small image, a shell is not.
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid)
                .redirectInput(Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        try {
            if (!kill.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
                kill.destroyForcibly();
                throw new IOException("`kill -" + signal + " " + pid + "` did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (kill.exitValue() != 0
                && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
            throw new IOException("process " + pid + " takes no signal " + signal + " from us");
        }
    }
}
