package dev.pgrehearse.process;

import dev.pgrehearse.process.Ending.Child;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Starts child processes so that they, and whatever else is held, are gone within 10 s after the tool is gone, also
 * after {@code kill -9} of the tool at any moment.
 *
 * <p>The work is done by a second, small JVM ({@link SupervisorMain}) in a session of its own, which reads a pipe from
 * this one: the kernel closes that pipe however this process ends. Commands are not acknowledged, because what is in
 * the pipe is read even when the writer is dead.
 *
 * <p>When the supervisor itself dies, all that it held is ended from here at once, every {@link SupervisedProcess#exit}
 * fails with a {@link ProcessProblem}, and so does every further call. Thread-safe.
 */
public final class Supervisor implements AutoCloseable {
    private static final long CLOSE_BOUND_SECONDS = 15;

    private final Process process;
    private final Lines lines;
    private final AtomicLong nextId = new AtomicLong();
    private final Map<Long, CompletableFuture<Long>> starting = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Integer>> exits = new ConcurrentHashMap<>();
    private final Map<Long, Child> running = new ConcurrentHashMap<>();
    private final Map<Long, String> gentleSignals = new ConcurrentHashMap<>();
    private final Set<Remains> held = new LinkedHashSet<>();
    private final List<String> troubles = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    private final Thread reader;
    private volatile boolean closing;

    private Supervisor(Process process) {
        this.process = process;
        this.lines = new Lines(process.getInputStream(), process.getOutputStream());
        this.reader = new Thread(this::readNotices, "supervisor notices");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts the supervisor, without waiting for it.
     *
     * @throws ProcessProblem if it cannot be started
     */
    public static Supervisor start() {
        ProcessBuilder builder = new ProcessBuilder(command());
        // It would print "Picked up …" to the user's terminal, and might carry a debugger's port.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.redirectError(Redirect.INHERIT);
        try {
            return new Supervisor(builder.start());
        } catch (IOException e) {
            throw new ProcessProblem(
                    "The supervisor process cannot be started (" + e.getMessage()
                            + "). Nothing was started. Check memory and the limit on processes.",
                    e);
        }
    }

    private static List<String> command() {
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xlog:disable",
                "-cp",
                System.getProperty("java.class.path"),
                SupervisorMain.class.getName());
        List<String> command = new ArrayList<>();
        if (isOnPath("setsid")) {
            command.add("setsid");
            command.addAll(java);
        } else {
            // Without a session of its own, a terminal's Ctrl-C reaches it; ignored signals stay ignored after exec.
            command.addAll(List.of("sh", "-c", "trap '' INT TERM HUP; exec \"$@\"", "sh"));
            command.addAll(java);
        }
        return command;
    }

    private static boolean isOnPath(String program) {
        String path = System.getenv("PATH");
        for (String directory : path == null ? new String[0] : path.split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Starts a child process and waits until it runs.
     *
     * @throws ProcessProblem if the program cannot be started, or the supervisor is gone
     */
    public SupervisedProcess launch(Launch launch) throws InterruptedException {
        long id = nextId.incrementAndGet();
        CompletableFuture<Long> pid = new CompletableFuture<>();
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        gentleSignals.put(id, launch.gentleSignal());
        starting.put(id, pid);
        exits.put(id, exit);
        tell(new Command.Start(id, launch));
        failIfLost();
        try {
            return new SupervisedProcess(this, id, pid.get(), exit);
        } catch (ExecutionException e) {
            exits.remove(id);
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ProcessProblem(
                    "`" + launch.command().get(0) + "` cannot be started: " + cause.getMessage(), cause);
        }
    }

    /** Holds something that is about to be made, so that it is removed when the tool is gone. */
    public void hold(Remains remains) {
        synchronized (held) {
            held.add(remains);
        }
        tell(new Command.Hold(remains));
    }

    /** Forgets something that has been removed. */
    public void release(Remains remains) {
        synchronized (held) {
            held.remove(remains);
        }
        tell(new Command.Release(remains));
    }

    /** What is held now. */
    public List<Remains> held() {
        synchronized (held) {
            return List.copyOf(held);
        }
    }

    /** What the supervisor could not do so far, a sentence each. */
    public List<String> troubles() {
        return List.copyOf(troubles);
    }

    /** Completes with what happened when the supervisor is gone without having been closed. */
    public CompletableFuture<String> lost() {
        return lost.copy();
    }

    /** The supervisor's own process id. */
    public long pid() {
        return process.pid();
    }

    /**
     * Ends all children, removes all that is held, and waits for it.
     *
     * @throws ProcessProblem if that did not end in time
     */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        if (!lost.isDone()) {
            tellQuietly(new Command.Close());
        }
        closing = true;
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone already; the reader has seen it and ended everything from here.
            troubles.add("The pipe to the supervisor was closed already: " + e.getMessage());
        }
        try {
            if (!process.waitFor(CLOSE_BOUND_SECONDS, TimeUnit.SECONDS)) {
                throw new ProcessProblem("The supervisor (process " + process.pid() + ") has not ended within "
                        + CLOSE_BOUND_SECONDS + " s. It goes on removing what is left: " + held());
            }
            reader.join(TimeUnit.SECONDS.toMillis(CLOSE_BOUND_SECONDS));
        } catch (InterruptedException e) {
            // It ends everything by itself, whether we wait or not.
            Thread.currentThread().interrupt();
        }
    }

    void signal(long id, String signal, boolean tree) {
        tell(new Command.Signal(id, signal, tree));
    }

    private void tell(Command command) {
        failIfLost();
        try {
            lines.write(Command.class, command);
        } catch (IOException e) {
            throw new ProcessProblem(lostMessage(), e);
        }
    }

    private void tellQuietly(Command command) {
        try {
            lines.write(Command.class, command);
        } catch (IOException e) {
            troubles.add(lostMessage());
        }
    }

    private void failIfLost() {
        if (lost.isDone()) {
            throw new ProcessProblem(lost.join());
        }
        if (closing) {
            throw new ProcessProblem("The supervisor is closed: nothing can be started or held any more.");
        }
    }

    private String lostMessage() {
        return "The supervisor process " + process.pid() + " is gone; something outside ended it. All servers of this"
                + " run have been stopped and its directories and containers removed. Run again.";
    }

    private void readNotices() {
        String why = null;
        try {
            for (Notice notice = lines.read(Notice.class); notice != null; notice = lines.read(Notice.class)) {
                hear(notice);
            }
        } catch (IOException e) {
            why = e.getMessage();
        }
        if (!closing) {
            endAlone(why);
        }
        ProcessProblem gone = new ProcessProblem(closing ? "The supervisor is closed." : lostMessage());
        starting.values().forEach(pid -> pid.completeExceptionally(gone));
        exits.values().forEach(exit -> exit.completeExceptionally(gone));
    }

    private void hear(Notice notice) {
        if (notice instanceof Notice.Started started) {
            String gentle = gentleSignals.get(started.id());
            ProcessHandle.of(started.pid())
                    .ifPresent(
                            handle -> running.put(started.id(), new Child(handle, gentle == null ? "TERM" : gentle)));
            CompletableFuture<Long> pid = starting.remove(started.id());
            if (pid != null) {
                pid.complete(started.pid());
            }
        } else if (notice instanceof Notice.NotStarted failed) {
            CompletableFuture<Long> pid = starting.remove(failed.id());
            if (pid != null) {
                pid.completeExceptionally(new IOException(failed.why()));
            }
        } else if (notice instanceof Notice.Exited exited) {
            running.remove(exited.id());
            gentleSignals.remove(exited.id());
            CompletableFuture<Integer> exit = exits.remove(exited.id());
            if (exit != null) {
                // On another thread: what hangs on it may launch something, and this thread reads the answer.
                CompletableFuture<Integer> unused = exit.completeAsync(exited::status);
            }
        } else if (notice instanceof Notice.Trouble trouble) {
            troubles.add(trouble.text());
        }
    }

    /** The supervisor is gone: what it would have done is done here, before anybody hears of it. */
    private void endAlone(@Nullable String why) {
        process.destroyForcibly();
        troubles.addAll(new Ending(true).end(List.copyOf(running.values()), held()));
        lost.complete(lostMessage() + (why == null ? "" : " (" + why + ")"));
    }
}
