package dev.pgrehearse.profiling;

import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.ServerVersion;
import dev.pgrehearse.process.Launch;
import dev.pgrehearse.process.Remains;
import dev.pgrehearse.process.SupervisedProcess;
import dev.pgrehearse.process.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs {@code pg_dump --schema-only}, the newest that is found. It is a supervised child with a password file of its own,
 * both of which are gone when the tool is. Used by one thread.
 */
final class PgDump {
    private static final Pattern VERSION = Pattern.compile("pg_dump \\(PostgreSQL\\) (\\d+).*", Pattern.DOTALL);
    private static final List<Path> INSTALLATIONS =
            List.of(Path.of("/usr/lib/postgresql"), Path.of("/usr/pgsql"), Path.of("/opt/homebrew/opt"));

    private final Session session;
    private final String searchPath;

    /** With the value of PATH. */
    PgDump(Session session, String searchPath) {
        this.session = session;
        this.searchPath = searchPath;
    }

    /** A program and its major version. */
    record Program(Path file, int major) {}

    /**
     * The dump, or why there is none.
     *
     * @param sql empty without one
     * @param missing why there is none, and what to do; empty with one
     */
    record Dump(String sql, String missing) {}

    /**
     * Dumps the schema.
     *
     * @param database to dump
     * @param user who connects
     * @throws ProfilingProblem when pg_dump fails
     */
    Dump dump(String database, String user) throws IOException, InterruptedException {
        ServerVersion server = session.version();
        Set<Path> files = files();
        if (files.isEmpty()) {
            return new Dump(
                    "",
                    "There is no pg_dump on the PATH nor under /usr/lib/postgresql, so the profile holds no schema"
                            + " as SQL. Install the client programs of PostgreSQL " + server.major()
                            + " or newer and take the profile again, or name a file in the scenario's dataset.schema.");
        }
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), "pgrehearse-profile-" + UUID.randomUUID());
        try (Supervisor supervisor = Supervisor.start()) {
            Remains remains = new Remains.Directory(directory.toAbsolutePath().toString());
            supervisor.hold(remains);
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            List<Program> programs = programs(files, supervisor, directory);
            Optional<Program> newest = programs.stream().max(Comparator.comparingInt(Program::major));
            if (newest.isEmpty() || newest.get().major() < server.major()) {
                return new Dump(
                        "",
                        "The newest pg_dump here is "
                                + newest.map(program -> program.file() + " of PostgreSQL " + program.major())
                                        .orElse("one that does not start")
                                + ", which cannot read a server of PostgreSQL " + server.major()
                                + ", so the profile holds no schema as SQL. Install the client programs of PostgreSQL "
                                + server.major()
                                + " or newer and take the profile again, or name a file in the scenario's dataset.schema.");
            }
            // Supervisor.close, which comes next, removes the directory with all that is in it.
            return new Dump(run(newest.get(), database, user, supervisor, directory), "");
        }
    }

    private String run(Program program, String database, String user, Supervisor supervisor, Path directory)
            throws IOException, InterruptedException {
        Path file = directory.resolve("schema.sql");
        Path messages = directory.resolve("messages");
        SupervisedProcess process = supervisor.launch(new Launch(
                List.of(
                        program.file().toString(),
                        "--schema-only",
                        "--no-owner",
                        "--no-privileges",
                        "--no-comments",
                        "--no-security-labels",
                        "--no-tablespaces",
                        "--no-password",
                        "--lock-wait-timeout=" + Session.LOCK_TIMEOUT,
                        "--encoding=UTF8",
                        // As arguments, since a service file would win over the environment. None of them is a secret.
                        "--host=" + session.host().getHost(),
                        "--port=" + session.host().getPort(),
                        "--username=" + user,
                        "--dbname=dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'",
                        "--file=" + file),
                environment(directory),
                directory.toString(),
                messages.toString(),
                "TERM"));
        int status = process.awaitExit();
        if (status != 0) {
            String said = Files.exists(messages) ? Files.readString(messages).strip() : "";
            throw new ProfilingProblem(program.file() + " ended with status " + status + ": " + said
                    + "\nNo profile was taken and nothing was written. "
                    + (said.contains("lock timeout") || said.contains("LOCK TABLE")
                            ? "A table was locked by another session for longer than " + Session.LOCK_TIMEOUT
                                    + ", or this role may not read it: pg_dump needs SELECT on every table (GRANT"
                                    + " pg_read_all_data TO the role). Then try again."
                            : "Mend that and try again."));
        }
        return Files.readString(file);
    }

    private Map<String, String> environment(Path directory) throws IOException {
        Target target = session.target();
        Map<String, String> environment = new HashMap<>(target.libpqEnvironment());
        environment.put("PGHOSTADDR", "");
        environment.put("PGCLIENTENCODING", "UTF8");
        // What names objects differently, or waits, is not left to the account's environment.
        environment.put("PGOPTIONS", "-c default_transaction_read_only=on");
        Password password = target.password();
        if (password != null) {
            Path file = Files.createFile(
                    directory.resolve("pgpass"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    file, "*:*:*:*:" + password.reveal().replace("\\", "\\\\").replace(":", "\\:") + "\n");
            environment.put("PGPASSFILE", file.toString());
        }
        return environment;
    }

    private Set<Path> files() throws IOException {
        Set<Path> files = new LinkedHashSet<>();
        for (String directory : searchPath.split(":", -1)) {
            if (!directory.isEmpty()) {
                add(files, Path.of(directory, "pg_dump"));
            }
        }
        for (Path installations : INSTALLATIONS) {
            if (Files.isDirectory(installations)) {
                try (Stream<Path> versions = Files.list(installations)) {
                    versions.sorted()
                            .forEach(
                                    version -> add(files, version.resolve("bin").resolve("pg_dump")));
                }
            }
        }
        return files;
    }

    private static void add(Set<Path> files, Path file) {
        if (Files.isExecutable(file) && Files.isRegularFile(file)) {
            files.add(file);
        }
    }

    private static List<Program> programs(Set<Path> files, Supervisor supervisor, Path directory)
            throws IOException, InterruptedException {
        List<Program> programs = new ArrayList<>();
        for (Path file : files) {
            Path output = directory.resolve("version" + programs.size() + "-" + files.size());
            Files.deleteIfExists(output);
            int status = supervisor
                    .launch(new Launch(
                            List.of(file.toString(), "--version"),
                            Map.of(),
                            directory.toString(),
                            output.toString(),
                            "TERM"))
                    .awaitExit();
            Matcher version =
                    VERSION.matcher(status == 0 ? Files.readString(output).strip() : "");
            if (version.matches()) {
                programs.add(new Program(file, Integer.parseInt(version.group(1))));
            }
        }
        return programs;
    }
}
