package dev.pgrehearse.server;

import dev.pgrehearse.process.ProcessProblem;
import dev.pgrehearse.process.SupervisedProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A server's main process, as a child of the supervisor. */
final class EmbeddedPostmaster implements Postmaster {
    /** Of a log, only the end is of interest here. */
    private static final long LOG_END_BYTES = 64 * 1024L;

    private final SupervisedProcess process;
    private final Path directory;
    private final Path output;
    private final long logStart;

    /**
     * A process that was just launched.
     *
     * @param logStart the size of the log before that, in bytes
     */
    EmbeddedPostmaster(SupervisedProcess process, Path directory, Path output, long logStart) {
        this.process = process;
        this.directory = directory;
        this.output = output;
        this.logStart = logStart;
    }

    static long logSize(Path directory) {
        return logFile(directory).toFile().length();
    }

    private static Path logFile(Path directory) {
        return directory.resolve("log").resolve("postgresql.json");
    }

    @Override
    public CompletableFuture<Integer> exit() {
        return process.exit();
    }

    @Override
    public void signal(String signal) {
        try {
            process.signal(signal);
        } catch (ProcessProblem e) {
            // The supervisor is gone, so the process is ended already: `exit` tells it, with the reason.
            if (!process.exit().isDone()) {
                throw e;
            }
        }
    }

    @Override
    public String output() {
        return end(output, 0) + "\n" + end(logFile(directory), logStart);
    }

    private static String end(Path file, long from) {
        if (!Files.exists(file)) {
            return "";
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            log.seek(Math.max(from, log.length() - LOG_END_BYTES));
            byte[] bytes = new byte[(int) Math.max(0, log.length() - log.getFilePointer())];
            log.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + file + " cannot be read: " + e.getMessage() + ")";
        }
    }

    @Override
    public OptionalLong pid() {
        return OptionalLong.of(process.pid());
    }

    @Override
    public String settle(boolean sync) {
        if (sync) {
            ShortCommand.Answer synced = EmbeddedServerHost.sync(directory);
            if (!synced.succeeded()) {
                return "it could not be synced to disk: " + synced.output();
            }
        }
        return ControlFile.complaint(directory);
    }

    @Override
    public void forget() {
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new ServerProblem(
                    "The server's output file cannot be deleted: " + e,
                    "The server has ended.",
                    "Nothing to do: it goes with the run's directory.",
                    e);
        }
    }
}
