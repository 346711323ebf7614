package dev.pgrehearse.workload;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Launch;
import dev.pgrehearse.process.ProcessProblem;
import dev.pgrehearse.process.Remains;
import dev.pgrehearse.process.SupervisedProcess;
import dev.pgrehearse.process.Supervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A running PgBouncer between the application's pools and the server, on a free port of 127.0.0.1; wants the password of
 * the application's role. It is a child of the supervisor, so it never outlives the tool. Thread-safe.
 *
 * <p>A session behind it is not a backend: the process id that the driver is told is PgBouncer's invention, in
 * transaction mode the real one changes from one transaction to the next, and only {@code pg_backend_pid()} tells it.
 */
public final class PgBouncer implements AutoCloseable {
    private static final String PROGRAM = "pgbouncer";
    private static final String LOOPBACK = "127.0.0.1";

    /** Debian's package puts it where an ordinary user's PATH does not look. */
    private static final List<String> PLACES =
            List.of("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/bin");

    /** How often a start is tried whose port was taken meanwhile. */
    private static final int ATTEMPTS = 5;

    private static final Duration START_BOUND = Duration.ofSeconds(20);
    private static final long START_PAUSE_MILLIS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_OUTPUT_CHARACTERS = 2000;

    private final Supervisor supervisor;
    private final SupervisedProcess process;
    private final Path directory;
    private final ConnectionDetails clients;
    private final PgBouncerSettings settings;

    private PgBouncer(
            Supervisor supervisor,
            SupervisedProcess process,
            Path directory,
            ConnectionDetails clients,
            PgBouncerSettings settings) {
        this.supervisor = supervisor;
        this.process = process;
        this.directory = directory;
        this.clients = clients;
        this.settings = settings;
    }

    /** The program on this machine; empty where it is not installed. */
    public static Optional<Path> program() {
        String path = System.getenv("PATH");
        return Stream.concat(Stream.of((path == null ? "" : path).split(":", -1)), PLACES.stream())
                .filter(place -> place.startsWith("/"))
                .map(place -> Path.of(place, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * The program on this machine.
     *
     * @throws ProcessProblem if it is not installed
     */
    public static Path require() {
        return program()
                .orElseThrow(() -> new ProcessProblem(
                        "PgBouncer is not installed on this machine (looked on the PATH and in " + PLACES
                                + "). Nothing was started. Install it: `apt-get install pgbouncer` (Debian, Ubuntu) or"
                                + " `dnf install pgbouncer` (Fedora, RHEL)."));
    }

    /**
     * Starts one and waits until it takes connections. It connects to the server only when a client wants it to.
     *
     * @param account an unprivileged one, since PgBouncer refuses to run as root
     * @param scratch a directory of this run that the account may enter and nobody else
     * @param server the server, as the application's role
     * @throws ProcessProblem if there is no PgBouncer here, or it does not start; with what it printed
     */
    public static PgBouncer start(
            Supervisor supervisor, Account account, Path scratch, ConnectionDetails server, PgBouncerSettings settings)
            throws InterruptedException {
        Path program = require();
        for (int attempt = 1; ; attempt++) {
            try {
                return startOnce(supervisor, account, program, scratch, server, settings);
            } catch (ProcessProblem problem) {
                if (attempt == ATTEMPTS || !String.valueOf(problem.getMessage()).contains("Address already in use")) {
                    throw problem;
                }
            }
        }
    }

    private static PgBouncer startOnce(
            Supervisor supervisor,
            Account account,
            Path program,
            Path scratch,
            ConnectionDetails server,
            PgBouncerSettings settings)
            throws InterruptedException {
        int port = freePort();
        Path directory = nextDirectory(scratch);
        supervisor.hold(new Remains.Directory(directory.toString()));
        Path output = directory.resolve("output");
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            account.take(directory);
            Path users = write(account, directory.resolve("userlist.txt"), users(server));
            Path file =
                    write(account, directory.resolve("pgbouncer.ini"), settings.file(LOOPBACK, port, users, server));
            SupervisedProcess process = supervisor.launch(new Launch(
                    account.command(List.of(program.toString(), file.toString())),
                    Map.of(),
                    directory.toString(),
                    output.toString(),
                    "TERM"));
            PgBouncer started = new PgBouncer(
                    supervisor,
                    process,
                    directory,
                    new ConnectionDetails(LOOPBACK, port, server.database(), server.user(), server.password()),
                    settings);
            try {
                started.awaitReady(output);
                return started;
            } catch (ProcessProblem | InterruptedException failure) {
                started.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw new ProcessProblem(
                    "PgBouncer's files cannot be written: " + failure + ". It was not started. Make room on the disk.",
                    failure);
        }
    }

    private static synchronized Path nextDirectory(Path scratch) {
        int number = 1;
        while (Files.exists(scratch.resolve(PROGRAM + "-" + number))) {
            number++;
        }
        return scratch.resolve(PROGRAM + "-" + number);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new ProcessProblem(
                    "No free TCP port on 127.0.0.1 (" + failure.getMessage()
                            + "). PgBouncer was not started. End other programs that hold ports.",
                    failure);
        }
    }

    private static Path write(Account account, Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        account.take(file);
        Files.writeString(file, text);
        return file;
    }

    /** In clear, since PgBouncer logs in at the server with it; the directory is nobody else's. */
    private static String users(ConnectionDetails server) {
        return quoted(server.user()) + " " + quoted(server.password().reveal()) + "\n";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private void awaitReady(Path output) throws InterruptedException {
        long bound = System.nanoTime() + START_BOUND.toNanos();
        CompletableFuture<Integer> exit = process.exit();
        while (true) {
            try {
                console().close();
                return;
            } catch (SQLException notYet) {
                if (System.nanoTime() > bound) {
                    throw new ProcessProblem(
                            "PgBouncer takes no connections within " + START_BOUND.toSeconds() + " s ("
                                    + notYet.getMessage() + "). It was stopped. It printed: " + printed(output),
                            notYet);
                }
            }
            try {
                int status = exit.get(START_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                throw new ProcessProblem("PgBouncer ended with status " + status
                        + " instead of starting. Nothing of it is left. It printed: " + printed(output));
            } catch (TimeoutException stillStarting) {
                // It is asked again.
            } catch (ExecutionException lost) {
                throw new ProcessProblem(String.valueOf(lost.getMessage()), lost);
            }
        }
    }

    private static String printed(Path output) {
        try {
            String text = Files.readString(output, StandardCharsets.UTF_8).strip();
            return text.substring(Math.max(0, text.length() - MOST_OUTPUT_CHARACTERS));
        } catch (IOException unreadable) {
            return "(nothing that could be read: " + unreadable.getMessage() + ")";
        }
    }

    /**
     * Its administration console: knows {@code SHOW} and nothing else, and speaks the simple protocol alone. By its version
     * pgjdbc takes it for an ancient server and would begin with a SET, but for any value of {@code replication}.
     */
    private Connection console() throws SQLException {
        return clients.withDatabase(PgBouncerSettings.CONSOLE)
                .open(
                        "pgrehearse",
                        Map.of(
                                "preferQueryMode", "simple",
                                "assumeMinServerVersion", "12",
                                "replication", "false"));
    }

    /** Where the application connects to instead of the server. */
    public ConnectionDetails clients() {
        return clients;
    }

    /** pgjdbc's properties by name that the application's pools need to work behind it. */
    public Map<String, String> driverProperties() {
        return settings.driverProperties();
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Its status when it ends, whoever ended it; a rehearsal whose PgBouncer ended by itself has to tell of it. */
    public CompletableFuture<Integer> exit() {
        return process.exit();
    }

    /** Its name and version, such as {@code PgBouncer 1.18.0}. */
    public String version() throws SQLException {
        return show("VERSION").get(0).values().iterator().next();
    }

    /** The pool of the application's role, as {@code SHOW POOLS} tells it; empty before the first client came. */
    public Optional<Pool> pool() throws SQLException {
        return show("POOLS").stream()
                .filter(row -> clients.database().equals(row.get("database"))
                        && clients.user().equals(row.get("user")))
                .findFirst()
                .map(Pool::of);
    }

    /**
     * A pool at one moment. See PgBouncer's documentation, {@code SHOW POOLS}.
     *
     * @param clientsActive clients that are linked to a server connection, or have nothing to ask
     * @param clientsWaiting clients that wait for a server connection
     * @param serversActive server connections that are linked to a client
     * @param serversIdle server connections that nobody uses ({@code sv_idle} and {@code sv_used})
     * @param longestWaitSeconds how long the client has waited that waits longest ({@code maxwait})
     */
    public record Pool(
            int clientsActive, int clientsWaiting, int serversActive, int serversIdle, int longestWaitSeconds) {
        private static Pool of(Map<String, String> row) {
            return new Pool(
                    number(row, "cl_active"),
                    number(row, "cl_waiting"),
                    number(row, "sv_active"),
                    number(row, "sv_idle") + number(row, "sv_used"),
                    number(row, "maxwait"));
        }

        private static int number(Map<String, String> row, String column) {
            String value = row.get(column);
            if (value == null) {
                throw new IllegalStateException("SHOW POOLS has no column " + column + ", only " + row.keySet());
            }
            return Integer.parseInt(value);
        }
    }

    private List<Map<String, String>> show(String what) throws SQLException {
        try (Connection console = console();
                Statement statement = console.createStatement();
                ResultSet result = statement.executeQuery("SHOW " + what)) {
            List<Map<String, String>> rows = new ArrayList<>();
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnName(i), String.valueOf(result.getString(i)));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** Stops it at once, awaits its end and removes its files; what clients had under way is cut off. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            process.stop("TERM", PATIENCE);
        } catch (InterruptedException again) {
            // Its files must not go while it runs; the supervisor kills it with the tool.
            Thread.currentThread().interrupt();
            return;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        try {
            DirectoryTree.delete(directory);
            supervisor.release(new Remains.Directory(directory.toString()));
        } catch (IOException failure) {
            throw new ProcessProblem(
                    "PgBouncer's directory " + directory + " cannot be removed (" + failure
                            + "). PgBouncer has ended; the supervisor tries again when the tool ends.",
                    failure);
        }
    }
}
