package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One of PostgreSQL's own client programs, from the PATH or from Debian's newest installation.
 *
 * @param passwordFile a file for {@code PGPASSFILE}
 */
public record ClientProgram(Path program, Path passwordFile) {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final Pattern CPU = Pattern.compile("(?m)^cpu ([0-9.]+) ([0-9.]+)$");

    /**
     * Looks for one.
     *
     * @param name such as {@code pgbench}
     * @param folder gets a file with the password, which only this user can read
     * @throws IllegalStateException when there is none; its message says what to install
     */
    public static ClientProgram find(String name, Path folder, ConnectionDetails where) throws IOException {
        List<Path> places = new ArrayList<>();
        for (String directory : System.getenv("PATH").split(":", -1)) {
            places.add(Path.of(directory, name));
        }
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> majors = Files.list(DEBIAN)) {
                majors.sorted(Comparator.comparing(Path::toString).reversed())
                        .forEach(major -> places.add(major.resolve("bin").resolve(name)));
            }
        }
        Path found = places.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "The benchmark needs " + name + ", which is neither on the PATH nor in " + DEBIAN
                                + ". On Debian: apt-get install postgresql-15 postgresql-client-15"));
        Path passwords = folder.resolve(name + ".pgpass");
        Files.createFile(passwords, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                passwords,
                String.join(
                                ":",
                                where.host(),
                                Integer.toString(where.port()),
                                "*",
                                where.user(),
                                where.password().reveal())
                        + "\n");
        return new ClientProgram(found, passwords);
    }

    /** Such as {@code pgbench (PostgreSQL) 15.18}. */
    public String version() throws IOException, InterruptedException {
        return ended(new ProcessBuilder(program.toString(), "--version")).strip();
    }

    /**
     * Runs it to its end.
     *
     * @return all that it printed
     * @throws IOException when it ends with an error
     */
    public String run(ConnectionDetails where, String... arguments) throws IOException, InterruptedException {
        return run(List.of(), where, arguments);
    }

    /** What a run printed, and the processor time that it took. */
    public record Timed(String output, double cpuSeconds) {}

    /** The same, by a shell that tells how much processor time the program took. */
    public Timed runTimed(ConnectionDetails where, String... arguments) throws IOException, InterruptedException {
        String output = run(List.of("bash", "-c", "TIMEFORMAT='cpu %U %S'; time \"$0\" \"$@\""), where, arguments);
        Matcher cpu = CPU.matcher(output);
        if (!cpu.find()) {
            throw new IOException("the shell did not tell the processor time: " + output);
        }
        return new Timed(output, Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2)));
    }

    private String run(List<String> shell, ConnectionDetails where, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(shell);
        command.add(program.toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PGHOST", where.host());
        builder.environment().put("PGPORT", Integer.toString(where.port()));
        builder.environment().put("PGUSER", where.user());
        builder.environment().put("PGDATABASE", where.database());
        builder.environment().put("PGPASSFILE", passwordFile.toString());
        builder.environment().put("PGSSLMODE", "disable");
        builder.environment().put("PGCLIENTENCODING", "UTF8");
        builder.environment().put("LC_ALL", "C");
        return ended(builder);
    }

    private static String ended(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(builder.command().get(0) + " failed: " + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
