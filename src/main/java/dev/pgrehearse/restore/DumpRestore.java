package dev.pgrehearse.restore;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.RestoredTables;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.RestoreError;
import dev.pgrehearse.recording.Recording.Restored;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.restore.ClientPrograms.Program;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Restores what {@code pg_dump} made: an archive through {@code pg_restore}, plain SQL through {@code psql}. */
final class DumpRestore implements Restore {
    private static final int ERRORS_TOLD = 20;

    private final Dump dump;
    private final RestoreSpec spec;
    private final ServerHost host;
    private final ToolRun tools;
    private final Program program;
    private final Progress progress;
    private @Nullable DumpReading read;

    private DumpRestore(
            Dump dump, RestoreSpec spec, ServerHost host, ToolRun tools, Program program, Progress progress) {
        this.dump = dump;
        this.spec = spec;
        this.host = host;
        this.tools = tools;
        this.program = program;
        this.progress = progress;
    }

    static DumpRestore of(RestoreSpec.Dump source, RestoreSpec spec, ServerHost host, ToolRun tools, Progress progress)
            throws RestoreMistake, IOException {
        Dump dump = Dump.read(source.path());
        ArchiveHeader header = dump.header();
        if (header != null) {
            refuseNewer(source.inWords(), header.serverMajor(), host);
        }
        String what = source.inWords()
                + (header == null
                        ? ""
                        : " (" + dump.format().inWords() + ", version " + header.major() + "." + header.minor() + ")");
        ClientPrograms programs = ClientPrograms.here();
        Program program = header == null ? programs.psql(false, what) : programs.pgRestore(header.oldestReader(), what);
        return new DumpRestore(dump, spec, host, tools, program, progress);
    }

    private static void refuseNewer(String name, int major, ServerHost host) throws RestoreMistake {
        if (major > host.major()) {
            throw new RestoreMistake(name + " was dumped from PostgreSQL " + major + ", and the server is PostgreSQL "
                    + host.major() + "; expected: a server at least as new, such as `server: { kind: container, image:"
                    + " postgres:" + major + " }`");
        }
    }

    @Override
    public String digest() throws IOException {
        Path mask = spec.mask();
        return SourceDigest.text(
                new SourceDigest(progress).of(dump.path()) + "\n" + (mask == null ? "" : Files.readString(mask)));
    }

    @Override
    public boolean hasSchemaApart() {
        return dump.header() != null;
    }

    @Override
    public void schema(RunningServer server)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        makeReady(server);
        List<RestoreError> unused = asSuperuser(server, () -> pgRestore(server, List.of("--schema-only")));
    }

    @Override
    public RestoredData make(Map<String, String> settings)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        DataDirectory directory = host.initialise();
        try (RunningServer server = host.start(directory, settings)) {
            long start = System.nanoTime();
            List<String> roles = makeReady(server);
            String task = "restoring " + dump.path().getFileName();
            progress.report(ProgressEvent.started(task, 0, null));
            List<RestoreError> harmless =
                    asSuperuser(server, () -> hasSchemaApart() ? pgRestore(server, jobs()) : psql(server, task));
            new Privileges(server.superuser()).reassign(reading().owners());
            progress.report(ProgressEvent.finished(task));
            double seconds = (System.nanoTime() - start) / 1e9;
            List<TableFacts> tables = settled(server);
            String version = server.facts().version();
            server.stop();
            DatasetFacts facts = new DatasetFacts(
                    "restored",
                    false,
                    seconds,
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    tables,
                    new Restored(
                            spec.source().inWords(),
                            dump.format().inWords(),
                            new SourceDigest(progress).of(dump.path()),
                            madeOn(),
                            program.inWords(),
                            roles,
                            harmless));
            return new RestoredData(directory, version, facts, doubts(directory));
        }
    }

    /** Masked before anything else reads it. */
    private List<TableFacts> settled(RunningServer server)
            throws RestoreMistake, SQLException, DatasetException, InterruptedException {
        Masking.of(spec, server, progress);
        RestoredTables tables = new RestoredTables(progress);
        tables.settle(server.superuser(), server.app());
        return tables.count(server.superuser(), server.app());
    }

    /** Looks what the dump needs, and makes the roles that it names. */
    private List<String> makeReady(RunningServer server)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        DumpReading reading = reading();
        Privileges privileges = new Privileges(server.superuser());
        List<String> missing = privileges.missingExtensions(reading.extensions());
        if (!missing.isEmpty()) {
            throw new RestoreMistake(spec.source().inWords() + " needs extensions that the server does not have: "
                    + String.join(", ", missing)
                    + "; expected: a server that has them, such as `server: { kind: container, image: … }` with an image"
                    + " that does");
        }
        return privileges.makeRoles(reading.roles());
    }

    /** What its SQL says: of an archive the schema's, of plain SQL all of it, which tells at once whether it is whole. */
    private DumpReading reading() throws RestoreMistake, DatasetException, IOException, InterruptedException {
        DumpReading known = read;
        if (known == null) {
            known = hasSchemaApart() ? readSchema() : readAll();
            read = known;
        }
        return known;
    }

    private DumpReading readSchema() throws RestoreMistake, DatasetException, IOException, InterruptedException {
        Path script = host.scratch().resolve(UUID.randomUUID() + ".sql");
        try {
            ToolRun.Ended ended = tools.alone(
                    List.of(
                            program.path().toString(),
                            "--schema-only",
                            "--create",
                            "--no-owner",
                            "--file=" + script,
                            dump.path().toString()),
                    new RoomWatch(host));
            if (ended.status() != 0) {
                throw new RestoreMistake(damaged(ended));
            }
            DumpReading reading = new DumpReading();
            try (InputStream in = Files.newInputStream(script)) {
                SqlLines.read(in, reading::read);
            }
            return reading;
        } finally {
            Files.deleteIfExists(script);
        }
    }

    private String damaged(ToolRun.Ended ended) {
        return spec.source().inWords() + " cannot be read by " + program.inWords() + ": "
                + RestoreErrors.in(ended.output()).stream()
                        .map(RestoreError::error)
                        .findFirst()
                        .orElse(ended.output().strip())
                + "; expected: an archive that is whole. Copy it again, or take another dump.";
    }

    private DumpReading readAll() throws RestoreMistake, IOException {
        String name = spec.source().inWords();
        String task = "looking through " + name;
        progress.report(ProgressEvent.started(task, 0, null));
        DumpReading reading = new DumpReading();
        try (InputStream in = Decompressed.open(dump.path())) {
            SqlLines.read(in, reading::read);
        } catch (EOFException truncated) {
            throw new RestoreMistake(name + " is truncated: its compressed data end too early. Copy it again, or take"
                    + " another dump.");
        } catch (IOException damaged) {
            throw new RestoreMistake(name + " cannot be read to its end: " + damaged.getMessage());
        }
        if (reading.truncated()) {
            throw new RestoreMistake(name + " is truncated: it does not end with \"PostgreSQL database dump complete\"."
                    + " Copy it again, or take another dump.");
        }
        if (!reading.commands().isEmpty()) {
            throw new RestoreMistake(
                    name + " has a command of psql's own (`"
                            + reading.commands().get(0)
                            + "`), which could run programs on this machine; expected: SQL as pg_dump writes it. Nothing was run");
        }
        if (!reading.connects().isEmpty()) {
            throw new RestoreMistake(name + " goes to a database of its own (`"
                    + reading.connects().get(0)
                    + "`); expected: a dump of one database, made by pg_dump without --create");
        }
        String major = reading.serverVersion().replaceFirst("[^0-9].*$", "");
        if (!major.isEmpty()) {
            refuseNewer(name, Integer.parseInt(major), host);
        }
        progress.report(ProgressEvent.finished(task));
        return reading;
    }

    private List<String> jobs() {
        boolean parallel = dump.format() == Dump.Format.CUSTOM || dump.format() == Dump.Format.DIRECTORY;
        return parallel && spec.jobs() > 1 ? List.of("--jobs=" + spec.jobs()) : List.of();
    }

    /** Something that a program does to the database; gives the errors that do no harm. */
    @FunctionalInterface
    private interface Work {
        List<RestoreError> run() throws RestoreMistake, DatasetException, IOException, InterruptedException;
    }

    /** While the application's role, which is to own everything, may do everything. */
    private static List<RestoreError> asSuperuser(RunningServer server, Work work)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        Privileges privileges = new Privileges(server.superuser());
        privileges.superuser(true);
        List<RestoreError> harmless = work.run();
        privileges.superuser(false);
        return harmless;
    }

    private List<RestoreError> pgRestore(RunningServer server, List<String> options)
            throws DatasetException, IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(program.path().toString(), "--no-owner", "--no-tablespaces", "--no-subscriptions"));
        command.addAll(options);
        command.add(dump.path().toString());
        return harmless(tools.connected(command, server.superuser(), DataDirectory.APP, new RoomWatch(host)));
    }

    private List<RestoreError> psql(RunningServer server, String task)
            throws RestoreMistake, DatasetException, IOException, InterruptedException {
        Program psql =
                ClientPrograms.here().psql(reading().restricted(), spec.source().inWords() + ", which says \\restrict");
        Path pipe = host.scratch().resolve(UUID.randomUUID() + ".pipe");
        RoomWatch room = new RoomWatch(host);
        ConnectionDetails superuser = server.superuser();
        try (PlainFeed feed = PlainFeed.start(dump.path(), pipe)) {
            return harmless(tools.connected(
                    List.of(
                            psql.path().toString(),
                            "--no-psqlrc",
                            "--quiet",
                            "--echo-errors",
                            "--output=/dev/null",
                            "--set=ON_ERROR_STOP=0",
                            "--file=" + pipe),
                    superuser,
                    DataDirectory.APP,
                    () -> {
                        progress.report(ProgressEvent.advanced(task, feed.fed(), 0, "bytes"));
                        return room.lookAfter();
                    }));
        }
    }

    private List<RestoreError> harmless(ToolRun.Ended ended) throws DatasetException {
        List<RestoreError> errors = RestoreErrors.in(ended.output());
        List<RestoreError> harmful =
                errors.stream().filter(error -> !HarmlessErrors.contain(error)).toList();
        if (!harmful.isEmpty() || (ended.status() != 0 && errors.isEmpty())) {
            throw new DatasetException(
                    spec.source().inWords() + " could not be restored by " + program.inWords()
                            + ". Nothing of it is kept. "
                            + (harmful.isEmpty() ? "It ended with status " + ended.status() : "Errors that matter: ")
                            + harmful.size(),
                    new IOException(harmful.isEmpty() ? ended.output().strip() : "\n" + inWords(harmful)));
        }
        return errors;
    }

    private static String inWords(List<RestoreError> errors) {
        String told = errors.stream()
                .limit(ERRORS_TOLD)
                .map(error ->
                        "  " + error.error() + (error.statement().isEmpty() ? "" : "\n    in: " + error.statement()))
                .collect(Collectors.joining("\n"));
        return errors.size() <= ERRORS_TOLD ? told : told + "\n  and " + (errors.size() - ERRORS_TOLD) + " more";
    }

    private String madeOn() throws RestoreMistake, DatasetException, IOException, InterruptedException {
        ArchiveHeader header = dump.header();
        return header == null ? reading().serverVersion() : header.serverVersion();
    }

    private List<Doubt> doubts(DataDirectory directory)
            throws RestoreMistake, DatasetException, IOException, InterruptedException {
        List<Doubt> doubts = new ArrayList<>();
        doubts.add(new Doubt(
                "invalid-indexes-unknown",
                "A dump does not have INVALID indexes: whether production has some, which writes keep up and reads do not"
                        + " use, is unknown."));
        String locale = reading().locale();
        if (locale != null && !Locales.sortAlike(locale, directory.locale())) {
            doubts.add(new Doubt(
                    "collation-differs",
                    "The dumped database sorts text by " + locale + ", this one by " + directory.locale()
                            + ": indexes on text and sorts of it take other times, and rows come in another order."));
        }
        return doubts;
    }
}
