package dev.pgrehearse.restore;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.RestoredTables;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.Restored;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.ForeignDirectory;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes over a data directory, or what a command makes of a backup. Nothing in it is vacuumed, analysed or counted: its
 * dead rows, its visibility map and its statistics are what it was chosen for.
 */
final class PhysicalRestore implements Restore {
    private static final String DATABASES =
            "select datname from pg_catalog.pg_database where datallowconn and not datistemplate order by datname";

    private final RestoreSpec.Source source;
    private final RestoreSpec spec;
    private final ServerHost host;
    private final ToolRun tools;
    private final Progress progress;

    private PhysicalRestore(
            RestoreSpec.Source source, RestoreSpec spec, ServerHost host, ToolRun tools, Progress progress) {
        this.source = source;
        this.spec = spec;
        this.host = host;
        this.tools = tools;
        this.progress = progress;
    }

    static PhysicalRestore of(
            RestoreSpec.Source source, RestoreSpec spec, ServerHost host, ToolRun tools, Progress progress)
            throws RestoreMistake {
        if (source instanceof RestoreSpec.Physical physical && Files.isDirectory(physical.path())) {
            try {
                ForeignDirectory.check(physical.path(), host.major());
            } catch (ForeignDirectory foreign) {
                throw new RestoreMistake(foreign.whatFailed() + " " + foreign.nextStep());
            }
        }
        return new PhysicalRestore(source, spec, host, tools, progress);
    }

    @Override
    public String digest() throws IOException {
        Path mask = spec.mask();
        return SourceDigest.text(
                sourceDigest() + "\n" + database() + "\n" + (mask == null ? "" : Files.readString(mask)));
    }

    private String sourceDigest() throws IOException {
        return source instanceof RestoreSpec.Physical physical
                ? new SourceDigest(progress).of(physical.path())
                : SourceDigest.text(source.toString());
    }

    private @Nullable String database() {
        if (source instanceof RestoreSpec.Physical physical) {
            return physical.database();
        }
        return source instanceof RestoreSpec.Filled filled ? filled.database() : null;
    }

    @Override
    public boolean hasSchemaApart() {
        return false;
    }

    @Override
    public void schema(RunningServer server) {
        throw new UnsupportedOperationException("a physical backup has no schema apart from its data");
    }

    @Override
    public RestoredData make(Map<String, String> settings)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        long start = System.nanoTime();
        String task = "restoring " + source.inWords();
        progress.report(ProgressEvent.started(task, 0, null));
        DataDirectory directory = adopted();
        List<Doubt> doubts;
        String version;
        try (RunningServer server = host.start(directory, settings)) {
            takeDatabase(server.superuser());
            new Privileges(server.superuser()).joinOwners();
            Masking.of(spec, server, progress);
            doubts = CollationVersions.doubts(server.superuser());
            version = server.facts().version();
            server.stop();
        }
        progress.report(ProgressEvent.finished(task));
        double seconds = (System.nanoTime() - start) / 1e9;
        DatasetFacts facts = new DatasetFacts(
                "restored",
                false,
                seconds,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                counted(directory, settings),
                new Restored(
                        source.inWords(),
                        source instanceof RestoreSpec.Filled ? "what a command restored" : "a physical backup",
                        sourceDigest(),
                        version,
                        source instanceof RestoreSpec.Filled ? "the command" : "a copy",
                        List.of(),
                        List.of()));
        return new RestoredData(directory, version, facts, doubts);
    }

    private DataDirectory adopted() throws RestoreMistake, DatasetException, IOException, InterruptedException {
        try {
            if (source instanceof RestoreSpec.Physical physical && Files.isDirectory(physical.path())) {
                return host.adopt(physical.path(), false);
            }
            Path folder = Files.createDirectory(
                    host.scratch().resolve("restored-" + UUID.randomUUID()),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path data = source instanceof RestoreSpec.Physical physical
                    ? new TarFile(physical.path()).unpack(folder)
                    : fill((RestoreSpec.Filled) source, folder);
            DataDirectory adopted = host.adopt(data, true);
            DirectoryTree.delete(folder);
            return adopted;
        } catch (ForeignDirectory foreign) {
            throw new RestoreMistake(foreign.whatFailed() + " " + foreign.nextStep());
        }
    }

    private Path fill(RestoreSpec.Filled filled, Path folder)
            throws DatasetException, IOException, InterruptedException {
        Path data = Files.createDirectory(
                folder.resolve("data"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String command = filled.shell()
                .replace(RestoreSpec.DIRECTORY, "'" + data.toString().replace("'", "'\\''") + "'");
        ToolRun.Ended ended = tools.alone(List.of("sh", "-c", command), new RoomWatch(host));
        if (ended.status() != 0) {
            throw new DatasetException(
                    "The command that restores ended with status " + ended.status()
                            + ". Nothing of what it made is kept",
                    new IOException(
                            ended.output().isBlank()
                                    ? "it printed nothing"
                                    : ended.output().strip()));
        }
        return data;
    }

    /** Gives the database that is rehearsed on its name here. */
    private void takeDatabase(ConnectionDetails superuser) throws RestoreMistake, SQLException {
        ConnectionDetails maintenance = superuser.withDatabase("postgres");
        String chosen = chosen(names(maintenance));
        if (chosen.equals(DataDirectory.DATABASE)) {
            return;
        }
        boolean itself = chosen.equals(maintenance.database());
        try (Connection connection =
                        (itself ? superuser.withDatabase("template1") : maintenance).open("pgrehearse dataset");
                Statement statement = connection.createStatement()) {
            statement.execute("alter database " + Quoted.identifier(chosen) + " rename to " + DataDirectory.DATABASE);
            if (itself) {
                statement.execute("create database postgres template template0");
            }
        }
    }

    private String chosen(List<String> names) throws RestoreMistake {
        String wanted = database();
        if (wanted != null) {
            if (!names.contains(wanted)) {
                throw new RestoreMistake(
                        "no database `" + wanted + "` in " + source.inWords() + "; it has " + String.join(", ", names));
            }
            return wanted;
        }
        List<String> candidates = names.size() == 1
                ? names
                : names.stream().filter(name -> !name.equals("postgres")).toList();
        if (candidates.size() != 1) {
            throw new RestoreMistake(source.inWords() + " has the databases " + String.join(", ", names)
                    + "; expected: `database: …` beside it, which says on which of them to rehearse");
        }
        return candidates.get(0);
    }

    private static List<String> names(ConnectionDetails maintenance) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = maintenance.open("pgrehearse dataset");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(DATABASES)) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    /** On a copy: whoever reads a page may remove dead rows from it. */
    private List<TableFacts> counted(DataDirectory directory, Map<String, String> settings)
            throws SQLException, DatasetException, InterruptedException {
        DataDirectory copy = host.copy(directory);
        List<TableFacts> facts;
        try (RunningServer server = host.start(copy, settings)) {
            facts = new RestoredTables(progress).count(server.superuser(), server.app());
            server.stop();
        }
        host.remove(copy);
        return facts;
    }
}
