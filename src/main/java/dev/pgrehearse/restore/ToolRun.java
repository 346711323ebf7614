package dev.pgrehearse.restore;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.process.Launch;
import dev.pgrehearse.process.SupervisedProcess;
import dev.pgrehearse.process.Supervisor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs as children of the supervisor, in the run's own directory, and watches meanwhile. A password is in a file
 * of mode 0600 there, never among the arguments or in an environment.
 */
final class ToolRun {
    /** Of a user who works with another server: the program must not go there. */
    private static final List<String> FORGOTTEN = List.of(
            "PGHOST",
            "PGHOSTADDR",
            "PGPORT",
            "PGDATABASE",
            "PGUSER",
            "PGPASSWORD",
            "PGSERVICE",
            "PGSERVICEFILE",
            "PGOPTIONS",
            "PGREQUIREAUTH",
            "PGTARGETSESSIONATTRS",
            "PGCLIENTENCODING");

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long WATCH_MILLIS = 1000;

    /** What a failing program prints may be as long as its statements are; the beginning says what went wrong first. */
    private static final long MOST_OUTPUT_BYTES = 32L << 20;

    private final Supervisor supervisor;
    private final Path scratch;

    ToolRun(Supervisor supervisor, Path scratch) {
        this.supervisor = supervisor;
        this.scratch = scratch;
    }

    /** How a program ended, and the beginning of what it printed. */
    record Ended(int status, String output) {}

    /** Looks after something while a program runs. */
    @FunctionalInterface
    interface Watch {
        /**
         * Asked about once a second.
         *
         * @return why the program has to be stopped; null when it need not
         */
        @Nullable
        String lookAfter();
    }

    /**
     * Runs a client program of PostgreSQL that connects to a server.
     *
     * @param role whose rights it uses, after it has connected
     */
    Ended connected(List<String> command, ConnectionDetails details, String role, Watch watch)
            throws IOException, DatasetException, InterruptedException {
        Path passwords = scratch.resolve(UUID.randomUUID() + ".pgpass");
        Files.createFile(passwords, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            // Random letters and digits: nothing to escape.
            Files.writeString(passwords, "*:*:*:*:" + details.password().reveal() + "\n");
            Map<String, String> environment = new HashMap<>();
            environment.put("PGPASSFILE", passwords.toString());
            environment.put("PGSSLMODE", "disable");
            environment.put("PGGSSENCMODE", "disable");
            environment.put("PGAPPNAME", "pgrehearse dataset");
            List<String> whole = new ArrayList<>(List.of("env"));
            FORGOTTEN.forEach(name -> whole.addAll(List.of("-u", name)));
            whole.add("PGOPTIONS=-c role=" + role
                    + " -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
                    + " -c default_transaction_read_only=off");
            whole.add(command.get(0));
            whole.addAll(List.of(
                    "--host=" + details.host(),
                    "--port=" + details.port(),
                    "--username=" + details.user(),
                    "--dbname=" + details.database(),
                    "--no-password"));
            whole.addAll(command.subList(1, command.size()));
            return run(whole, environment, watch);
        } finally {
            Files.deleteIfExists(passwords);
        }
    }

    /** Runs a program that needs no server. */
    Ended alone(List<String> command, Watch watch) throws IOException, DatasetException, InterruptedException {
        return run(command, Map.of(), watch);
    }

    private Ended run(List<String> command, Map<String, String> environment, Watch watch)
            throws IOException, DatasetException, InterruptedException {
        Path output = scratch.resolve(UUID.randomUUID() + ".output");
        Map<String, String> all = new HashMap<>(environment);
        // Its messages are read.
        all.put("LC_ALL", "C");
        try {
            SupervisedProcess process =
                    supervisor.launch(new Launch(command, all, scratch.toString(), output.toString(), "TERM"));
            return new Ended(await(process, watch), beginning(output));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static int await(SupervisedProcess process, Watch watch) throws DatasetException, InterruptedException {
        while (true) {
            try {
                return process.exit().get(WATCH_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException stillRunning) {
                String reason = watch.lookAfter();
                if (reason != null) {
                    process.stop("TERM", PATIENCE);
                    throw new DatasetException(reason, new IOException("the restore was stopped"));
                }
            } catch (ExecutionException lost) {
                return process.awaitExit();
            } catch (InterruptedException interrupted) {
                // Without the flag, since stopping waits too.
                process.stop("TERM", PATIENCE);
                throw interrupted;
            }
        }
    }

    private static String beginning(Path output) throws IOException {
        if (Files.notExists(output)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(file.length(), MOST_OUTPUT_BYTES)];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
