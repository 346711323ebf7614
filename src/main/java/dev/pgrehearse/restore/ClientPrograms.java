package dev.pgrehearse.restore;

import dev.pgrehearse.server.ServerProblem;
import dev.pgrehearse.server.ShortCommand;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** PostgreSQL's client programs on this machine: those of the packages, and those on the PATH. */
public final class ClientPrograms {
    /** Where packages put each version's programs: Debian, the PGDG's RPMs, Homebrew, Postgres.app. */
    private static final List<String> PLACES = List.of(
            "/usr/lib/postgresql/*/bin",
            "/usr/pgsql-*/bin",
            "/opt/homebrew/opt/postgresql@*/bin",
            "/opt/homebrew/opt/libpq/bin",
            "/usr/local/opt/postgresql@*/bin",
            "/usr/local/opt/libpq/bin",
            "/Applications/Postgres.app/Contents/Versions/*/bin");

    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)(?:\\.(\\d+))?");

    /** The first minor version of each major one whose {@code psql} knows {@code \restrict}. */
    private static final Map<Integer, Integer> FIRST_WITH_RESTRICT = Map.of(13, 22, 14, 19, 15, 14, 16, 10, 17, 6);

    private static final int ALWAYS_WITH_RESTRICT = 18;

    private final List<Path> directories;

    private ClientPrograms(List<Path> directories) {
        this.directories = directories;
    }

    /**
     * One program.
     *
     * @param path absolute
     */
    public record Program(String name, Path path, int major, int minor) {
        /** Its name and version. */
        public String inWords() {
            return name + " " + major + "." + minor;
        }

        boolean knowsRestrict() {
            Integer first = FIRST_WITH_RESTRICT.get(major);
            return major >= ALWAYS_WITH_RESTRICT || (first != null && minor >= first);
        }
    }

    /** Those of this machine. */
    public static ClientPrograms here() {
        Set<Path> directories = new LinkedHashSet<>();
        // Before the PATH, where Debian has a wrapper that chooses a version by rules of its own.
        PLACES.forEach(place -> directories.addAll(matching(place)));
        String path = System.getenv("PATH");
        for (String directory : path == null ? new String[0] : path.split(":", -1)) {
            if (directory.startsWith("/")) {
                directories.add(Path.of(directory));
            }
        }
        return in(List.copyOf(directories));
    }

    /** Those in some directories alone. */
    static ClientPrograms in(List<Path> directories) {
        return new ClientPrograms(directories);
    }

    private static List<Path> matching(String place) {
        List<Path> found = List.of(Path.of("/"));
        for (String part : place.substring(1).split("/", -1)) {
            List<Path> deeper = new ArrayList<>();
            for (Path directory : found) {
                if (!part.contains("*")) {
                    deeper.add(directory.resolve(part));
                } else {
                    deeper.addAll(entries(directory, part));
                }
            }
            found = deeper;
        }
        return found.stream().filter(Files::isDirectory).toList();
    }

    private static List<Path> entries(Path directory, String pattern) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
            entries.forEach(found::add);
            return found;
        } catch (IOException unreadable) {
            // A place that is not there, or that this account may not look into, has no programs for it.
            return List.of();
        }
    }

    /** {@code pg_restore} of the newest version that is at least this one. */
    Program pgRestore(int oldest, String source) {
        return newest("pg_restore", oldest, program -> program.major() >= oldest, source);
    }

    /** The newest {@code pg_dump} that can dump a server of this major version: one at least as new. Empty without one. */
    public Optional<Program> pgDump(int server) {
        return all("pg_dump").stream()
                .filter(program -> program.major() >= server)
                .max(Comparator.comparingInt(Program::major).thenComparingInt(Program::minor));
    }

    /** The newest {@code psql}; one that knows {@code \restrict} when that is needed. */
    Program psql(boolean restricted, String source) {
        return newest(
                "psql",
                restricted ? ALWAYS_WITH_RESTRICT : 0,
                program -> !restricted || program.knowsRestrict(),
                source);
    }

    private Program newest(String name, int oldest, Predicate<Program> suitable, String source) {
        List<Program> found = all(name);
        return found.stream()
                .filter(suitable)
                .max(Comparator.comparingInt(Program::major).thenComparingInt(Program::minor))
                .orElseThrow(() -> missing(name, oldest, found, source));
    }

    private List<Program> all(String name) {
        List<Program> programs = new ArrayList<>();
        for (Path directory : directories) {
            Path path = directory.resolve(name);
            if (Files.isExecutable(path)) {
                ShortCommand.Answer answer = ShortCommand.run(List.of(path.toString(), "--version"));
                Matcher version = VERSION.matcher(answer.output());
                if (answer.succeeded() && version.find()) {
                    programs.add(new Program(
                            name,
                            path,
                            Integer.parseInt(version.group(1)),
                            version.group(2) == null ? 0 : Integer.parseInt(version.group(2))));
                }
            }
        }
        // The first of equals, which max would not give.
        Collections.reverse(programs);
        return programs;
    }

    private static ServerProblem missing(String name, int oldest, List<Program> found, String source) {
        String wanted = oldest == 0 ? name : name + " " + oldest + " or newer";
        String there = found.isEmpty()
                ? "There is none on the PATH or where packages put it"
                : "There is only "
                        + found.stream()
                                .map(program -> program.inWords() + " (" + program.path() + ")")
                                .distinct()
                                .collect(Collectors.joining(", "));
        String version = oldest == 0 ? "" : Integer.toString(oldest);
        return new ServerProblem(
                wanted + " is needed to read " + source + ". " + there + ".",
                "Nothing was restored.",
                version.isEmpty()
                        ? "Install it: `apt-get install postgresql-client` (Debian, Ubuntu) or `dnf install postgresql`"
                                + " (Fedora, RHEL)."
                        : "Install it from the PostgreSQL project's own packages (https://www.postgresql.org/download/): `apt-get"
                                + " install postgresql-client-" + version
                                + "` (Debian, Ubuntu) or `dnf install postgresql"
                                + version + "` (Fedora, RHEL).");
    }
}
