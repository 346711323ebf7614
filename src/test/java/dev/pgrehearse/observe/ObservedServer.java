package dev.pgrehearse.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** A real server for the observer's tests, in a folder of its own, under the account postgres when the tests run as root. */
final class ObservedServer implements AutoCloseable {
    static final String USER = "rehearsed";
    private static final Path INSTALLED_15 = Path.of("/usr/lib/postgresql/15/bin");

    private final Path folder;
    private final Path binaries;
    private final int port;

    private ObservedServer(Path folder, Path binaries, int port) {
        this.folder = folder;
        this.binaries = binaries;
        this.port = port;
    }

    static boolean isInstalled15() {
        return Files.isExecutable(INSTALLED_15.resolve("postgres"));
    }

    static ObservedServer start15() throws Exception {
        return start(folder(), INSTALLED_15);
    }

    static ObservedServer start18() throws Exception {
        Path folder = folder();
        unpack(folder.resolve("pg"));
        return start(folder, folder.resolve("pg/bin"));
    }

    ConnectionDetails superuser() {
        return new ConnectionDetails("127.0.0.1", port, "postgres", "postgres", new Password("none"));
    }

    Connection open(String name) throws SQLException {
        return superuser().withUser(USER, new Password("none")).open(name);
    }

    /** Through the simple query protocol, in which no portal outlives its statement. */
    Connection openSimple(String name) throws SQLException {
        return superuser().withUser(USER, new Password("none")).open(name, Map.of("preferQueryMode", "simple"));
    }

    long postmasterPid() throws IOException {
        return Long.parseLong(
                Files.readAllLines(folder.resolve("data/postmaster.pid")).get(0).strip());
    }

    @Override
    public void close() throws IOException {
        command(binaries.resolve("pg_ctl"), "-D", folder.resolve("data"), "-m", "immediate", "-w", "stop");
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static ObservedServer start(Path folder, Path binaries) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        ObservedServer server = new ObservedServer(folder, binaries, port);
        Path data = folder.resolve("data");
        server.command(
                binaries.resolve("initdb"),
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync");
        Files.writeString(data.resolve("postgresql.auto.conf"), """
                port = %d
                listen_addresses = '127.0.0.1'
                unix_socket_directories = '%s'
                max_connections = 260
                fsync = off
                shared_buffers = 64MB
                shared_preload_libraries = 'pg_stat_statements'
                logging_collector = on
                log_destination = 'jsonlog'
                log_lock_waits = on
                deadlock_timeout = 1s
                log_timezone = 'Asia/Kolkata'
                autovacuum = off
                """.formatted(port, folder), UTF_8);
        server.command(binaries.resolve("pg_ctl"), "-D", data, "-w", "-l", folder.resolve("start.log"), "start");
        try (Connection connection = server.superuser().open("setup");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE EXTENSION pg_stat_statements");
            statement.execute("CREATE ROLE " + USER + " LOGIN");
            statement.execute("GRANT ALL ON SCHEMA public TO " + USER);
        }
        return server;
    }

    private static Path folder() throws IOException {
        Path folder = Files.createTempDirectory(
                "observed-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (isRoot()) {
            var account = folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres");
            Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setOwner(account);
        }
        return folder;
    }

    private void command(Object... words) throws IOException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        for (Object word : words) {
            command.add(word.toString());
        }
        // Into a file: the server inherits it, and a pipe would stay open as long as the server runs.
        File output = folder.resolve("commands.log").toFile();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
                .start();
        int code = process.onExit().join().exitValue();
        if (code != 0) {
            throw new IOException(command + " ended with " + code + ": " + Files.readString(output.toPath()));
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void unpack(Path target) throws IOException {
        try (InputStream resource = ObservedServer.class.getResourceAsStream("/postgres-linux-x86_64.txz");
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(resource))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = target.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(file.getParent());
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(tar, file);
                    Files.setPosixFilePermissions(
                            file,
                            PosixFilePermissions.fromString((entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }
}
