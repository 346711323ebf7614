package dev.pgrehearse.server;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that answers at once: asked before anything is held, so it needs no supervisor. */
public final class ShortCommand {
    private static final long BOUND_SECONDS = 20;

    /** How it ended: its status and all that it printed; status -1 when it could not be started or did not end. */
    public record Answer(int status, String output) {
        public boolean succeeded() {
            return status == 0;
        }
    }

    private ShortCommand() {}

    /** Runs it, for at most {@value #BOUND_SECONDS} s. */
    public static Answer run(List<String> command) {
        return run(command, BOUND_SECONDS);
    }

    /** Runs one that copies: it ends with its work, or with the tool that reads what it prints. */
    static Answer unbounded(List<String> command) {
        return run(command, Long.MAX_VALUE);
    }

    private static Answer run(List<String> command, long boundSeconds) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .start();
            try {
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                if (!process.waitFor(boundSeconds, TimeUnit.SECONDS)) {
                    return new Answer(-1, "it does not end");
                }
                return new Answer(process.exitValue(), output);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return new Answer(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Asking " + command.get(0), e);
        }
    }
}
