package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL in containers of an image that the scenario names: the official ones, those derived from them, or any with
 * a user {@code postgres} and PostgreSQL's programs on its PATH or where Debian puts them.
 *
 * <p>The image's own entrypoint is not used: it would start the server on another configuration, and take the password
 * from its environment. The postmaster is the container's first process. A data directory is a named volume, mounted
 * where no image keeps anything, so it does not matter where the image's version puts PGDATA.
 */
final class ContainerServerHost implements ServerHost {
    static final String MOUNT = "/var/lib/pgrehearse";
    static final String DATA = MOUNT + "/data";

    private static final String KIND = "container";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int PORT_INSIDE = 5432;

    /** Debian's packages keep the programs out of PATH; the highest version there is. */
    private static final String FIND_PROGRAMS = "set -e\n"
            + "command -v initdb >/dev/null 2>&1 || PATH=\"$PATH:$(ls -d /usr/lib/postgresql/*/bin | sort -V"
            + " | tail -n 1)\"\n";

    private static final String LIST_FILES = """
            set -e
            cd /source/data
            LC_ALL=C ls -lRn --full-time . | sha256sum | cut -d ' ' -f 1
            du -sk . | cut -f 1
            """;

    private final Containers containers;
    private final Supervisor supervisor;
    private static final int OLDEST = 13;

    private final int major;
    private @Nullable RunDirectory run;
    private final List<RunningServer> servers = new ArrayList<>();
    private final Set<String> volumes = new LinkedHashSet<>();

    private ContainerServerHost(Containers containers, Supervisor supervisor, int major) {
        this.containers = containers;
        this.supervisor = supervisor;
        this.major = major;
    }

    static ContainerServerHost open(ServerSpec spec, Supervisor supervisor) {
        String image = spec.image();
        if (image == null) {
            throw new ServerProblem(
                    "server.kind is container, and server.image is missing.",
                    "Nothing was started.",
                    "Name an image, such as `image: postgres:18`.");
        }
        Containers containers = Containers.of(image, supervisor);
        Containers.Finished version =
                containers.run("postgres", Map.of(), List.of(), FIND_PROGRAMS + "postgres --version");
        if (version.status() != 0) {
            throw new ServerProblem(
                    "The image " + image + " has no PostgreSQL that a user 'postgres' can run: "
                            + version.output().strip(),
                    "Nothing was started.",
                    "Name an image made from the official postgres one in server.image.");
        }
        // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
        int major = Integer.parseInt(
                version.output().strip().replaceFirst("^[^)]*\\) ", "").replaceFirst("(?s)[^0-9].*", ""));
        if (spec.version() != 0 && spec.version() != major) {
            throw new ServerProblem(
                    "The image " + image + " holds PostgreSQL " + major + ", and the scenario wants " + spec.version()
                            + ".",
                    "Nothing was started.",
                    "Correct server.version or server.image.");
        }
        checkAge(image, major);
        return new ContainerServerHost(containers, supervisor, major);
    }

    /** What is asked of the server is not there before: {@code leader_pid}, WAL of a statement, views of progress. */
    static void checkAge(String image, int major) {
        if (major < OLDEST) {
            throw new ServerProblem(
                    "The image " + image + " holds PostgreSQL " + major
                            + ": what a migration does there cannot be measured.",
                    "Nothing was started.",
                    "Name an image of PostgreSQL " + OLDEST + " or newer in server.image.");
        }
    }

    /** Shell: ends with status 1 and a reason unless the data directory was cleanly stopped. */
    static String cleanOrExit(String data) {
        return FIND_PROGRAMS + "if [ -e " + data + "/postmaster.pid ]; then"
                + " echo 'a server uses it, or crashed (postmaster.pid is there)'; exit 1; fi\n"
                + "LC_ALL=C pg_controldata " + data + " | grep -q 'cluster state: *shut down$'"
                + " || { echo 'its control file says that it was not shut down'; exit 1; }\n";
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public DataDirectory initialise() {
        String volume = newVolume();
        DataDirectory directory = new DataDirectory(
                volume,
                Password.random(),
                Password.random(),
                hasBuiltinProvider() ? "builtin C.UTF-8" : "libc C.UTF-8",
                List.of());
        // Two steps, since a file that is copied in belongs to root, and initdb must not run as root.
        Containers.Finished prepared = containers.run(
                "root",
                Map.of(volume, MOUNT),
                List.of(
                        new Containers.FileInside(
                                "/tmp",
                                "password",
                                directory.superuserPassword().reveal(),
                                0600),
                        new Containers.FileInside("/tmp", "pg_hba.conf", ClusterFiles.HBA, 0644)),
                "set -e\nmkdir " + DATA + "\ncp /tmp/password /tmp/pg_hba.conf " + MOUNT + "/\nchmod 0700 " + DATA
                        + "\nchown -R postgres " + MOUNT + "\n");
        check(prepared, "prepare a volume");
        String locale = hasBuiltinProvider()
                ? " --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
                : " --locale=C.UTF-8";
        Containers.Finished made = containers.run(
                "postgres",
                Map.of(volume, MOUNT),
                List.of(),
                FIND_PROGRAMS + "initdb -D " + DATA + " -U " + DataDirectory.SUPERUSER + " --pwfile=" + MOUNT
                        + "/password --auth=scram-sha-256 -E UTF8" + locale + " --no-sync\n"
                        + "rm " + MOUNT + "/password\nmv " + MOUNT + "/pg_hba.conf " + DATA + "/pg_hba.conf\n"
                        + "printf '%s\\n' \"include '" + ServerSettings.FILE_NAME + "'\" >> " + DATA
                        + "/postgresql.conf\n");
        check(made, "make a fresh cluster");
        return DatabaseSetup.in(directory, this);
    }

    private boolean hasBuiltinProvider() {
        return major >= 17;
    }

    @Override
    public int major() {
        return major;
    }

    @Override
    public Path scratch() {
        RunDirectory mine = run;
        if (mine == null) {
            mine = RunDirectory.make(CacheDirectory.find(), supervisor, Account.OURS);
            run = mine;
        }
        return mine.path();
    }

    @Override
    public DataDirectory adopt(Path source, boolean scratch) {
        ForeignDirectory.check(source, major);
        Path prepared = scratch ? source : scratch().resolve("adopted");
        String volume = newVolume();
        DataDirectory directory =
                new DataDirectory(volume, Password.random(), Password.random(), "as backed up", List.of());
        try {
            if (!scratch) {
                ShortCommand.Answer copied = ShortCommand.unbounded(
                        List.of("cp", "-a", "--reflink=auto", source.toString(), prepared.toString()));
                if (!copied.succeeded()) {
                    throw new IOException(copied.output());
                }
            }
            PhysicalFiles.adopt(prepared);
            Files.writeString(prepared.resolve(ServerSettings.FILE_NAME), ServerSettings.inSingleUserMode());
            // The directory of this machine is mounted, so the engine has to be this machine's.
            check(
                    containers.run(
                            "root",
                            Map.of(volume, MOUNT, prepared.toString(), "/source"),
                            List.of(),
                            "set -e\nmkdir " + DATA + "\ncp -a /source/. " + DATA + "/\nchmod 0700 " + DATA
                                    + "\nchown -R postgres " + MOUNT + "\n"),
                    "copy the data directory " + source + " into a volume");
            DirectoryTree.delete(prepared);
        } catch (IOException e) {
            throw new ServerProblem(
                    "The data directory " + source + " cannot be made ours: " + e.getMessage(),
                    "What was copied of it is removed when the run ends.",
                    "Look at the message above: often the disk is full.",
                    e);
        }
        return DatabaseSetup.preloading(directory, takeOver(directory));
    }

    /** Recovers it and makes our roles; says whether the image has pg_stat_statements. */
    private boolean takeOver(DataDirectory directory) {
        Containers.Finished taken = containers.run(
                "postgres",
                Map.of(directory.location(), MOUNT),
                List.of(new Containers.FileInside(
                        "/tmp",
                        "takeover",
                        TakenOver.statements(directory.superuserPassword(), directory.appPassword()),
                        0644)),
                FIND_PROGRAMS + "postgres --single -D " + DATA + " postgres < /tmp/takeover\n" + cleanOrExit(DATA)
                        + "ls \"$(pg_config --sharedir)\"/extension/pg_stat_statements.control "
                        + "/usr/share/postgresql/" + major + "/extension/pg_stat_statements.control || true\n");
        String complaint = TakenOver.complaint(taken.output());
        if (taken.status() != 0 || !complaint.isEmpty()) {
            throw ForeignDirectory.refused(complaint.isEmpty() ? ServerLog.tail(taken.output()) : complaint);
        }
        return taken.output().lines().anyMatch(line -> line.matches("/.*/pg_stat_statements\\.control"));
    }

    @Override
    public DataDirectory copy(DataDirectory source) {
        String volume = newVolume();
        Containers.Finished copied = containers.run(
                "root",
                Map.of(source.location(), "/source", volume, MOUNT),
                List.of(),
                cleanOrExit("/source/data")
                        + "cp -a --reflink=auto /source/data " + DATA + " 2>/dev/null || cp -a /source/data " + MOUNT
                        + "/\nrm -rf " + DATA + "/log\nchown --reference=/source " + MOUNT + "\n"
                        + "sync -f " + MOUNT + " 2>/dev/null || sync\n");
        if (copied.status() != 0) {
            removeVolume(volume);
            throw new ServerProblem(
                    "The data directory in the volume " + source.location() + " cannot be copied: "
                            + copied.output().strip(),
                    "Nothing was copied.",
                    "Stop its server first; if it crashed, make the dataset again; if the disk is full, make room.");
        }
        return source.at(volume);
    }

    @Override
    public String identity() {
        return KIND + " " + containers.imageId();
    }

    @Override
    public Contents contents(DataDirectory directory) {
        String volume = directory.location();
        // To mount a volume that is gone would make an empty one.
        if (!containers.hasVolume(volume)) {
            return Contents.NONE;
        }
        Containers.Finished listed = containers.run("root", Map.of(volume, "/source"), List.of(), LIST_FILES);
        String[] lines = listed.output().strip().split("\\s+", -1);
        if (listed.status() != 0 || lines.length != 2) {
            throw new ServerProblem(
                    "The files in the volume " + volume + " cannot be listed: "
                            + listed.output().strip(),
                    "Nothing was copied.",
                    "Look at the message above, and at the engine's log.");
        }
        return new Contents(lines[0], Long.parseLong(lines[1]) * 1024);
    }

    @Override
    public DataDirectory shelve(DataDirectory directory, Path making, Path place) {
        return directory;
    }

    @Override
    public void letOutlive(DataDirectory shelved) {
        containers.keepVolume(shelved.location());
        volumes.remove(shelved.location());
    }

    @Override
    public Optional<Room> room() {
        // The engine's own disk, wherever the engine is: volumes and containers lie side by side on it.
        Containers.Finished asked = containers.run("root", Map.of(), List.of(), "df -Pk /tmp | tail -n 1");
        String[] words = asked.output().strip().split("\\s+", -1);
        if (asked.status() != 0 || words.length < 4 || !words[3].matches("[0-9]+")) {
            return Optional.empty();
        }
        return Optional.of(new Room("the container engine's disk", Long.parseLong(words[3]) * 1024));
    }

    @Override
    public Kept keep(DataDirectory directory, String name) {
        String volume = directory.location();
        try {
            KeptFiles files =
                    KeptFiles.make(CacheDirectory.find(), name, directory.superuserPassword(), directory.appPassword());
            containers.keepVolume(volume);
            volumes.remove(volume);
            return new Kept(
                    "the volume " + volume,
                    "docker run --rm -d --name " + volume + " --user postgres --shm-size 1g -p 127.0.0.1:"
                            + KeptFiles.PORT + ":" + PORT_INSIDE + " -v " + volume + ":" + MOUNT
                            + " --entrypoint sh " + containers.image()
                            + " -c 'command -v postgres >/dev/null || PATH=\"$PATH:$(ls -d /usr/lib/postgresql/*/bin"
                            + " | sort -V | tail -n 1)\"; exec postgres -D " + DATA + "'",
                    files.connect(),
                    "docker rm -f " + volume + "; docker volume rm " + volume + "; rm " + files.passwords());
        } catch (IOException e) {
            throw new ServerProblem(
                    "The passwords of the volume " + volume + " cannot be kept: " + e,
                    "The volume is removed when the run ends.",
                    "Make room or rights in " + CacheDirectory.choose() + ".",
                    e);
        }
    }

    @Override
    public void remove(DataDirectory directory) {
        removeVolume(directory.location());
    }

    private String newVolume() {
        String volume = containers.newVolume();
        volumes.add(volume);
        return volume;
    }

    private void removeVolume(String volume) {
        containers.removeVolume(volume);
        volumes.remove(volume);
    }

    private static void check(Containers.Finished finished, String what) {
        if (finished.status() != 0) {
            throw new ServerProblem(
                    "A container could not " + what + ":\n" + ServerLog.tail(finished.output()),
                    "Containers and volumes of this run are removed when it ends.",
                    "Look at the message above: often the disk is full.");
        }
    }

    @Override
    public Replicated startReplicated(
            DataDirectory directory, Map<String, String> settings, Map<String, String> ofStandby) {
        throw new ServerProblem(
                "A server in a container has no standby here.",
                "Nothing was started.",
                "Let the scenario say `kind: embedded`, or leave `standby` out.");
    }

    @Override
    public RunningServer start(DataDirectory directory, Map<String, String> settings) {
        RunningServer server = FreePort.retried(() -> startOnce(directory, settings));
        servers.add(server);
        return server;
    }

    private RunningServer startOnce(DataDirectory directory, Map<String, String> wanted) {
        // All addresses of the container; outside it is published on 127.0.0.1 only.
        ServerSettings settings = ServerSettings.of(major, directory.preloadLibraries(), "*", PORT_INSIDE, wanted);
        String id = containers.createServer(
                Map.of(directory.location(), MOUNT), FIND_PROGRAMS + "exec postgres -D " + DATA);
        Postmaster postmaster;
        int port;
        try {
            containers.put(id, new Containers.FileInside(DATA, ServerSettings.FILE_NAME, settings.text(), 0644));
            containers.start(id);
            postmaster = new ContainerPostmaster(containers, id, directory.location());
            port = containers.publishedPort(id);
        } catch (ServerProblem e) {
            containers.remove(id);
            throw e;
        }
        ConnectionDetails superuser = new ConnectionDetails(
                LOOPBACK, port, DataDirectory.DATABASE, DataDirectory.SUPERUSER, directory.superuserPassword());
        return StartedServer.awaited(KIND, directory, settings, superuser, postmaster, DATA);
    }

    @Override
    public void close() {
        servers.forEach(RunningServer::close);
        servers.clear();
        List.copyOf(volumes).forEach(this::removeVolume);
        RunDirectory mine = run;
        if (mine != null) {
            run = null;
            mine.close();
        }
    }
}
