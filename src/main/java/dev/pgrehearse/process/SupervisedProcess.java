package dev.pgrehearse.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running child of the supervisor. Thread-safe. */
public final class SupervisedProcess {
    private final Supervisor supervisor;
    private final long id;
    private final long pid;
    private final CompletableFuture<Integer> exit;

    SupervisedProcess(Supervisor supervisor, long id, long pid, CompletableFuture<Integer> exit) {
        this.supervisor = supervisor;
        this.id = id;
        this.pid = pid;
        this.exit = exit;
    }

    public long pid() {
        return pid;
    }

    /**
     * Completes when the process ends, with its exit status (128 + n after signal n); exceptionally with a
     * {@link ProcessProblem} when the supervisor is gone.
     */
    public CompletableFuture<Integer> exit() {
        return exit.copy();
    }

    /** Sends a signal, by its name without SIG; nothing happens when the process has ended already. */
    public void signal(String signal) {
        supervisor.signal(id, signal, false);
    }

    /** Waits for the end. */
    public int awaitExit() throws InterruptedException {
        try {
            return exit.get();
        } catch (ExecutionException e) {
            throw lost(e);
        }
    }

    /**
     * Sends {@code signal} and waits; after {@code patience} the process is killed, with all that descends from it.
     *
     * @return its exit status: 137 when it had to be killed
     */
    public int stop(String signal, Duration patience) throws InterruptedException {
        signal(signal);
        try {
            return exit.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            supervisor.signal(id, "KILL", true);
            return awaitExit();
        } catch (ExecutionException e) {
            throw lost(e);
        }
    }

    private static ProcessProblem lost(ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new ProcessProblem(String.valueOf(cause.getMessage()), cause);
    }
}
