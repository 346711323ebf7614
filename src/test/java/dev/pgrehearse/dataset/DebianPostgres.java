package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A PostgreSQL of the machine's own packages, with a load's settings, in a directory of its own.
 *
 * <p>{@code -Dpgrehearse.test.postgres=DIR} names another folder of binaries.
 */
final class DebianPostgres implements AutoCloseable {
    private static final Path BINARIES =
            Path.of(System.getProperty("pgrehearse.test.postgres", "/usr/lib/postgresql/15/bin"));
    private static final String ACCOUNT = "postgres";

    private final Path directory;
    private final ConnectionDetails superuser;
    private final Password appPassword = Password.random();

    private DebianPostgres(Path directory, ConnectionDetails superuser) {
        this.directory = directory;
        this.superuser = superuser;
    }

    static DebianPostgres start() throws IOException, InterruptedException, SQLException {
        Path directory = Files.createTempDirectory("pgrehearse-dataset");
        Password password = Password.random();
        Path passwordFile = directory.resolve("password");
        Files.writeString(passwordFile, password.reveal());
        if (isRoot()) {
            run(List.of("chown", "-R", ACCOUNT, directory.toString()));
        }
        Path data = directory.resolve("data");
        run(asAccount(List.of(
                BINARIES.resolve("initdb").toString(),
                "--pgdata=" + data,
                "--username=admin",
                "--auth=scram-sha-256",
                "--pwfile=" + passwordFile,
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync")));
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.writeString(data.resolve("postgresql.auto.conf"), """
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = '%s'
                wal_level = minimal
                max_wal_senders = 0
                max_wal_size = 4GB
                checkpoint_timeout = 1h
                autovacuum = off
                fsync = off
                shared_buffers = 256MB
                maintenance_work_mem = 128MB
                """.formatted(port, directory));
        run(asAccount(List.of(
                BINARIES.resolve("pg_ctl").toString(),
                "start",
                "-w",
                "--pgdata=" + data,
                "--log=" + directory.resolve("log"))));
        DebianPostgres server =
                new DebianPostgres(directory, new ConnectionDetails("127.0.0.1", port, "postgres", "admin", password));
        try (Connection connection = server.superuser.open("test");
                Statement statement = connection.createStatement()) {
            statement.execute("create role app login password '" + server.appPassword.reveal() + "'");
        }
        return server;
    }

    /** A superuser in a fresh, empty database. */
    ConnectionDetails createDatabase(String name) throws SQLException {
        try (Connection connection = superuser.open("test");
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + Identifiers.quoted(name));
        }
        return superuser.withDatabase(name);
    }

    ConnectionDetails app(ConnectionDetails database) {
        return database.withUser("app", appPassword);
    }

    @Override
    public void close() {
        try {
            run(asAccount(List.of(
                    BINARIES.resolve("pg_ctl").toString(),
                    "stop",
                    "-m",
                    "immediate",
                    "--pgdata=" + directory.resolve("data"))));
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> asAccount(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (isRoot()) {
            whole.addAll(List.of("runuser", "-u", ACCOUNT, "--"));
        }
        whole.addAll(command);
        return whole;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("pgrehearse", "output");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + Files.readString(output, StandardCharsets.UTF_8));
            }
        } finally {
            Files.delete(output);
        }
    }
}
