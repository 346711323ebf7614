package dev.pgrehearse.cli;

import dev.pgrehearse.process.Leaks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The program as the launcher starts it: the shaded jar, in a process of its own. */
final class Program implements AutoCloseable {
    /** For a program that hangs: a test then fails instead of hanging too. */
    private static final long HANGS_SECONDS = 900;

    private final Process process;
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> err = new CopyOnWriteArrayList<>();
    private final List<Thread> readers = new ArrayList<>();

    private Program(Process process) {
        this.process = process;
        readers.add(read(process.getInputStream(), out));
        readers.add(read(process.getErrorStream(), err));
    }

    /** How it ended and what it printed. */
    record Ended(int code, List<String> out, List<String> err) {
        String error() {
            return String.join("\n", err);
        }

        String output() {
            return String.join("\n", out);
        }
    }

    static Path jar() {
        return Path.of(System.getProperty("pgrehearse.jar", "target/pgrehearse.jar"))
                .toAbsolutePath();
    }

    static Program start(Path directory, String... arguments) {
        return start(directory, Map.of(), arguments);
    }

    static Program start(Path directory, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx384m",
                "-jar",
                jar().toString()));
        command.addAll(Arrays.asList(arguments));
        return of(directory, environment, command);
    }

    static Program of(Path directory, Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putIfAbsent("PGREHEARSE_CACHE", Leaks.cache().toString());
        builder.environment().putAll(all);
        try {
            return new Program(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs it to its end. */
    static Ended run(Path directory, String... arguments) throws Exception {
        return run(directory, Map.of(), arguments);
    }

    static Ended run(Path directory, Map<String, String> environment, String... arguments) throws Exception {
        try (Program program = start(directory, environment, arguments)) {
            return program.end();
        }
    }

    private Thread read(InputStream stream, List<String> lines) {
        Thread thread = new Thread(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.add(line);
                    synchronized (this) {
                        notifyAll();
                    }
                }
            } catch (IOException e) {
                lines.add("(cut off: " + e.getMessage() + ")");
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Waits until it has told, with {@code --json}, that a task has begun. */
    Program awaitTask(String task) throws InterruptedException {
        return awaitTask(task, HANGS_SECONDS);
    }

    /** The same, for a program that may take longer until then. */
    Program awaitTask(String task, long boundSeconds) throws InterruptedException {
        return await("the task " + task, line -> line.contains("\"STARTED\",\"task\":\"" + task), boundSeconds);
    }

    /** Waits for a line on standard output. */
    Program await(String what, Predicate<String> wanted) throws InterruptedException {
        return await(what, wanted, HANGS_SECONDS);
    }

    private synchronized Program await(String what, Predicate<String> wanted, long boundSeconds)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(boundSeconds);
        while (out.stream().noneMatch(wanted)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                // Nobody has it yet who could close it.
                close();
                throw new AssertionError("did not get to " + what + "; it said " + out + "\n" + err);
            }
            wait(200);
        }
        return this;
    }

    /** Waits until it has ended. */
    Ended end() throws InterruptedException {
        return end(HANGS_SECONDS);
    }

    /** Waits until a program that may take longer has ended. */
    Ended end(long boundSeconds) throws InterruptedException {
        if (!process.waitFor(boundSeconds, TimeUnit.SECONDS)) {
            throw new AssertionError("has not ended; it said " + out + "\n" + err);
        }
        for (Thread reader : readers) {
            reader.join();
        }
        return new Ended(process.exitValue(), List.copyOf(out), List.copyOf(err));
    }

    /** Sends a signal to this one process. */
    Program signal(String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        return this;
    }

    /** The supervisor that it has started. */
    ProcessHandle supervisor() {
        return child("SupervisorMain", process.toHandle()).orElseThrow();
    }

    /** The main process of the server that runs now: a child of the supervisor, or of what it became. */
    ProcessHandle postmaster() {
        return child("/bin/postgres", supervisor()).orElseThrow();
    }

    private static Optional<ProcessHandle> child(String word, ProcessHandle parent) {
        return parent.children()
                .filter(process -> commandLine(process).contains(word))
                .findFirst();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
