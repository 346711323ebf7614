package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** An installed PostgreSQL (15 unless the property pgrehearse.test.binaries names others) with an empty data directory, for tests; gone when closed. */
final class ScratchServer implements AutoCloseable {
    private static final Path BINARIES =
            Path.of(System.getProperty("pgrehearse.test.binaries", "/usr/lib/postgresql/15/bin"));
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final Path directory;
    private final int port;
    private final AtomicInteger databases = new AtomicInteger();

    private ScratchServer(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    static ScratchServer start(String... settings) {
        try {
            Path directory = Files.createTempDirectory("pgrehearse-migration-");
            if (ROOT) {
                run(List.of("chown", "postgres", directory.toString()));
            }
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            ScratchServer server = new ScratchServer(directory, port);
            run(asPostgres("initdb", "-D", server.data(), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"));
            StringBuilder options = new StringBuilder("-p " + port + " -c listen_addresses=127.0.0.1"
                    + " -c unix_socket_directories= -c fsync=off -c autovacuum=off -c max_connections=30");
            for (String setting : settings) {
                options.append(" -c ").append(setting);
            }
            run(asPostgres(
                    "pg_ctl",
                    "-D",
                    server.data(),
                    "-l",
                    server.log().toString(),
                    "-o",
                    options.toString(),
                    "-w",
                    "start"));
            return server;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A connection to a new, empty database. */
    ConnectionDetails newDatabase() throws SQLException {
        String name = "scratch" + databases.incrementAndGet();
        execute(database("postgres"), "CREATE DATABASE " + name);
        return database(name);
    }

    ConnectionDetails database(String name) {
        return new ConnectionDetails("127.0.0.1", port, name, "postgres", new Password(""));
    }

    static void execute(ConnectionDetails where, String... statements) throws SQLException {
        try (Connection connection = where.open("test");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static String value(ConnectionDetails where, String query) throws SQLException {
        try (Connection connection = where.open("test");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            assert row.next();
            return String.valueOf(row.getString(1));
        }
    }

    Path log() {
        return directory.resolve("log");
    }

    /** Ends the server at once, as a crash does: nobody gets an answer any more. */
    void crash() throws IOException {
        run(asPostgres("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop"));
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(directory.resolve("data/postmaster.pid"))) {
            crash();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<String> asPostgres(String binary, String... arguments) {
        List<String> command = new ArrayList<>();
        if (ROOT) {
            command.addAll(List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"));
        }
        command.add(BINARIES.resolve(binary).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static void run(List<String> command) throws IOException {
        Path output = Files.createTempFile("pgrehearse-", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (process.waitFor() != 0) {
                throw new IOException(command + " failed: " + Files.readString(output));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running " + command, interrupted);
        } finally {
            Files.delete(output);
        }
    }
}
