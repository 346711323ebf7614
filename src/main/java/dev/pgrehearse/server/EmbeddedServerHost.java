package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Launch;
import dev.pgrehearse.process.ProcessProblem;
import dev.pgrehearse.process.SupervisedProcess;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** PostgreSQL from the binaries in the tool's own jar. Good for locks and shapes; only indicative for seconds. */
final class EmbeddedServerHost implements ServerHost {
    private static final String KIND = "embedded";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String SHELVED = "data";

    private final Supervisor supervisor;
    private final Account account;
    private final Binaries binaries;
    private final int major;
    private final RunDirectory run;
    private final List<RunningServer> servers = new ArrayList<>();
    private int directories;
    private int starts;

    private EmbeddedServerHost(Supervisor supervisor, Account account, Binaries binaries, int major, RunDirectory run) {
        this.supervisor = supervisor;
        this.account = account;
        this.binaries = binaries;
        this.major = major;
        this.run = run;
    }

    static EmbeddedServerHost open(ServerSpec spec, Supervisor supervisor) {
        Account account = ServerAccount.choose();
        Path cache = CacheDirectory.find();
        Binaries binaries = Binaries.unpacked(cache, supervisor);
        int major = binaries.majorVersion(account);
        if (spec.version() != 0 && spec.version() != major) {
            throw new ServerProblem(
                    "The embedded PostgreSQL is version " + major + ", and the scenario wants " + spec.version() + ".",
                    "Nothing was started.",
                    "Let the scenario say `version: " + major + "`, or `kind: container` with an image of version "
                            + spec.version() + ".");
        }
        return new EmbeddedServerHost(
                supervisor, account, binaries, major, RunDirectory.make(cache, supervisor, account));
    }

    /** Syncs the file system that holds the directory. */
    static ShortCommand.Answer sync(Path directory) {
        return ShortCommand.run(List.of("sync", "-f", directory.toString()));
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public DataDirectory initialise() {
        Path path = nextDirectory();
        DataDirectory directory =
                new DataDirectory(path.toString(), Password.random(), Password.random(), "builtin C.UTF-8", List.of());
        try {
            initdb(path, directory.superuserPassword());
            Files.writeString(path.resolve("pg_hba.conf"), ClusterFiles.HBA);
            Files.writeString(path.resolve("postgresql.conf"), ClusterFiles.INCLUDE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw failed("A fresh cluster cannot be made: " + e, e);
        }
        return DatabaseSetup.in(directory, this);
    }

    private void initdb(Path path, Password password) throws IOException {
        Path passwordFile = run.path().resolve(path.getFileName() + ".password");
        Files.createFile(
                passwordFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            account.take(passwordFile);
            Files.writeString(passwordFile, password.reveal());
            // The built-in provider needs no locale of the operating system, and sorts the same everywhere. The first
            // start's end syncs the directory, so initdb need not.
            runToEnd(account.command(List.of(
                    binaries.program("initdb"),
                    "--pgdata=" + path,
                    "--username=" + DataDirectory.SUPERUSER,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions",
                    "--no-sync")));
        } finally {
            Files.delete(passwordFile);
        }
    }

    @Override
    public int major() {
        return major;
    }

    @Override
    public Path scratch() {
        return run.path();
    }

    @Override
    public DataDirectory adopt(Path source, boolean scratch) {
        ForeignDirectory.check(source, major);
        Path path = nextDirectory();
        if (scratch) {
            move(source, path);
        } else {
            runToEnd(List.of("cp", "-a", "--reflink=auto", source.toString(), path.toString()));
        }
        DataDirectory directory =
                new DataDirectory(path.toString(), Password.random(), Password.random(), "as backed up", List.of());
        try {
            PhysicalFiles.adopt(path);
            Path settings = path.resolve(ServerSettings.FILE_NAME);
            Files.writeString(settings, ServerSettings.inSingleUserMode());
            if (account.owner() != null) {
                runToEnd(List.of("chown", "-R", account.owner().getName(), path.toString()));
            } else if (!account.prefix().isEmpty()) {
                // In its user namespace the server is root's alias: files of others would be nobody's there.
                runToEnd(List.of("chown", "-R", "0:0", path.toString()));
            }
            takeOver(directory, path);
        } catch (IOException e) {
            throw failed("The data directory " + source + " cannot be made ours: " + e.getMessage(), e);
        }
        return DatabaseSetup.preloading(directory, binaries.hasExtension("pg_stat_statements"));
    }

    private static void move(Path source, Path path) {
        try {
            Files.move(source, path);
        } catch (IOException e) {
            throw failed("The data directory " + source + " cannot be moved: " + e, e);
        }
    }

    /** Recovers it if need be, and makes our roles, in single-user mode: nobody can connect meanwhile. */
    private void takeOver(DataDirectory directory, Path path) throws IOException {
        Path statements = run.path().resolve(path.getFileName() + ".takeover");
        Path output = run.path().resolve(path.getFileName() + ".takeover.output");
        Files.createFile(
                statements, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            account.take(statements);
            Files.writeString(statements, TakenOver.statements(directory.superuserPassword(), directory.appPassword()));
            List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" < " + statements, "sh"));
            command.addAll(account.command(
                    List.of(binaries.program("postgres"), "--single", "-D", path.toString(), "postgres")));
            int status = launch(command, output, "TERM").awaitExit();
            String said = Files.readString(output);
            String complaint = TakenOver.complaint(said);
            if (status != 0 || !complaint.isEmpty()) {
                throw ForeignDirectory.refused(complaint.isEmpty() ? ServerLog.tail(said) : complaint);
            }
        } catch (ProcessProblem e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Recovering a data directory", e);
        } finally {
            Files.deleteIfExists(statements);
            Files.deleteIfExists(output);
        }
        String unclean = ControlFile.complaint(path);
        if (!unclean.isEmpty()) {
            throw ForeignDirectory.refused(unclean);
        }
    }

    @Override
    public DataDirectory copy(DataDirectory source) {
        Path from = Path.of(source.location());
        String complaint = ControlFile.complaint(from);
        if (!complaint.isEmpty()) {
            throw new ServerProblem(
                    "The data directory " + from + " cannot be copied: " + complaint + ".",
                    "Nothing was copied.",
                    "Stop its server first; if it crashed, make the dataset again.");
        }
        Path to = nextDirectory();
        runToEnd(List.of("cp", "-a", "--reflink=auto", from.toString(), to.toString()));
        try {
            DirectoryTree.delete(to.resolve("log"));
        } catch (IOException e) {
            throw failed("The copied server log cannot be deleted: " + e, e);
        }
        ShortCommand.Answer synced = sync(to);
        if (!synced.succeeded()) {
            throw failed("The copy " + to + " cannot be synced to disk: " + synced.output(), null);
        }
        return source.at(to.toString());
    }

    @Override
    public String identity() {
        return KIND + " " + binaries.home().getFileName() + " of " + account.description();
    }

    @Override
    public Contents contents(DataDirectory directory) {
        try {
            return FileList.of(Path.of(directory.location())).contents();
        } catch (IOException e) {
            throw failed("The data directory " + directory.location() + " cannot be read: " + e, e);
        }
    }

    @Override
    public DataDirectory shelve(DataDirectory directory, Path making, Path place) {
        Path from = Path.of(directory.location());
        try {
            Files.move(from, making.resolve(SHELVED), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed("The data directory " + from + " cannot be moved to " + making + ": " + e, e);
        }
        return directory.at(place.resolve(SHELVED).toString());
    }

    @Override
    public void letOutlive(DataDirectory shelved) {
        // With its folder's name it has left this run's directory: nothing of ours removes it.
    }

    @Override
    public Optional<Room> room() {
        try {
            return Optional.of(new Room(
                    CacheDirectory.find().toString(),
                    Files.getFileStore(run.path()).getUsableSpace()));
        } catch (IOException e) {
            throw failed("The free disk at " + run.path() + " cannot be told: " + e, e);
        }
    }

    @Override
    public Kept keep(DataDirectory directory, String name) {
        Path path = Path.of(directory.location());
        try {
            StandbyFiles.forget(path);
            KeptFiles files =
                    KeptFiles.make(CacheDirectory.find(), name, directory.superuserPassword(), directory.appPassword());
            Files.move(path, files.directory(), StandardCopyOption.ATOMIC_MOVE);
            String start = String.join(
                    " ",
                    account.command(List.of(
                            binaries.program("pg_ctl"),
                            "-D",
                            files.directory().toString(),
                            "-l",
                            files.directory().resolve("startup.log").toString(),
                            "-o",
                            "'-p " + KeptFiles.PORT + "'",
                            "start")));
            return new Kept(
                    files.directory().toString(),
                    start,
                    files.connect(),
                    "rm -r " + files.directory() + " " + files.passwords());
        } catch (IOException e) {
            throw failed("The data directory " + path + " cannot be kept: " + e, e);
        }
    }

    @Override
    public void remove(DataDirectory directory) {
        Path path = Path.of(directory.location());
        if (!path.startsWith(run.path())) {
            throw new IllegalArgumentException(path + " is none of this run's directories");
        }
        if (Files.exists(path.resolve("postmaster.pid")) && servers.stream().anyMatch(server -> uses(server, path))) {
            throw new ServerProblem(
                    "The data directory " + path + " is in use.", "It was not removed.", "Stop its server first.");
        }
        try {
            DirectoryTree.delete(path);
        } catch (IOException e) {
            throw failed("The data directory " + path + " cannot be removed: " + e, e);
        }
    }

    private static boolean uses(RunningServer server, Path path) {
        return server.postmasterPid().stream()
                .mapToObj(ProcessHandle::of)
                .flatMap(Optional::stream)
                .filter(ProcessHandle::isAlive)
                .anyMatch(process -> process.info()
                        .arguments()
                        .map(arguments -> List.of(arguments).contains(path.toString()))
                        .orElse(true));
    }

    @Override
    public RunningServer start(DataDirectory directory, Map<String, String> settings) {
        return start(directory, settings, Map.of());
    }

    /** The same with settings that the tool needs for this one server. */
    RunningServer start(DataDirectory directory, Map<String, String> settings, Map<String, String> needed) {
        RunningServer server = FreePort.retried(() -> startOnce(directory, settings, needed));
        servers.add(server);
        return server;
    }

    @Override
    public Replicated startReplicated(
            DataDirectory directory, Map<String, String> settings, Map<String, String> ofStandby) {
        return new EmbeddedReplication(this, account).start(directory, settings, ofStandby);
    }

    private RunningServer startOnce(DataDirectory directory, Map<String, String> wanted, Map<String, String> needed) {
        int port = FreePort.find();
        Path path = Path.of(directory.location());
        ServerSettings settings = ServerSettings.of(major, directory.preloadLibraries(), LOOPBACK, port, wanted)
                .with(needed);
        Path output = run.path().resolve(path.getFileName() + "." + ++starts + ".output");
        try {
            Files.writeString(path.resolve(ServerSettings.FILE_NAME), settings.text());
            account.take(path.resolve(ServerSettings.FILE_NAME));
        } catch (IOException e) {
            throw failed("The server's settings cannot be written: " + e, e);
        }
        long logStart = EmbeddedPostmaster.logSize(path);
        SupervisedProcess process =
                launch(account.command(List.of(binaries.program("postgres"), "-D", path.toString())), output, "QUIT");
        Postmaster postmaster = new EmbeddedPostmaster(process, path, output, logStart);
        ConnectionDetails superuser = new ConnectionDetails(
                LOOPBACK, port, DataDirectory.DATABASE, DataDirectory.SUPERUSER, directory.superuserPassword());
        return StartedServer.awaited(KIND, directory, settings, superuser, postmaster, path.toString());
    }

    private Path nextDirectory() {
        return run.path().resolve("data-" + ++directories);
    }

    private void runToEnd(List<String> command) {
        Path output = run.path().resolve("command-" + ++starts + ".output");
        SupervisedProcess process = launch(command, output, "TERM");
        try {
            int status = process.awaitExit();
            if (status != 0) {
                throw failed(
                        "`" + String.join(" ", command) + "` ended with status " + status + ":\n"
                                + ServerLog.tail(Files.readString(output)),
                        null);
            }
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw failed("The output of " + command.get(0) + " cannot be read: " + e, e);
        } catch (ProcessProblem e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Running " + command.get(0), e);
        }
    }

    private SupervisedProcess launch(List<String> command, Path output, String gentleSignal) {
        try {
            return supervisor.launch(
                    new Launch(command, Map.of(), run.path().toString(), output.toString(), gentleSignal));
        } catch (ProcessProblem e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Starting " + command.get(0), e);
        }
    }

    private static ServerProblem failed(String what, @Nullable Throwable cause) {
        return new ServerProblem(
                what,
                "What was begun is removed when the run ends.",
                "Look at the message above: often the disk is full.",
                cause);
    }

    @Override
    public void close() {
        servers.forEach(RunningServer::close);
        servers.clear();
        run.close();
    }
}
