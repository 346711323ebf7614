package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.golden.Golden;
import dev.pgrehearse.golden.GoldenDataset;
import dev.pgrehearse.golden.Shelf;
import dev.pgrehearse.migration.Migration;
import dev.pgrehearse.migration.ScriptMistakes;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.process.ProcessProblem;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Fold;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.restore.ClientPrograms;
import dev.pgrehearse.restore.RestoreMistake;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.scenario.ServerSpec;
import dev.pgrehearse.scenario.StandardAdversaries;
import dev.pgrehearse.scenario.StandbySpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.Kept;
import dev.pgrehearse.server.Replicated;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.ServerProblem;
import dev.pgrehearse.traffic.DerivedWorkload;
import dev.pgrehearse.workload.AdversaryGround;
import dev.pgrehearse.workload.PgBouncer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs the rehearsals of a plan, one after the other, each from the same state. Used by one thread; interrupting it ends
 * the rehearsal under way, saves what was recorded and stops the server.
 */
public final class Rehearser implements AutoCloseable {
    private static final String INTERRUPTED = "it was interrupted.";

    private final Plan plan;
    private final String toolVersion;
    private final boolean keep;
    private final Progress progress;
    private final Supervisor supervisor;
    private final Shelf shelf;
    private final Map<ServerSpec, ServerHost> hosts = new LinkedHashMap<>();
    private final Map<Rehearsal.Data, GoldenDataset> datasets = new LinkedHashMap<>();
    private final List<KeptRehearsal> kept = new ArrayList<>();
    private final MeasuredTimes measured = new MeasuredTimes();
    private final Derivations derivations;

    private Rehearser(Plan plan, String toolVersion, boolean keep, Progress progress, Supervisor supervisor) {
        this.plan = plan;
        this.toolVersion = toolVersion;
        this.keep = keep;
        this.progress = progress;
        this.supervisor = supervisor;
        this.shelf = Shelf.open();
        this.derivations = new Derivations(progress);
    }

    /**
     * Starts the supervisor, which outlives this process and removes whatever it leaves.
     *
     * @param toolVersion for recordings
     * @param keep whether each rehearsal's data directory is kept, as it was left
     */
    public static Rehearser open(Plan plan, String toolVersion, boolean keep, Progress progress) {
        return new Rehearser(plan, toolVersion, keep, progress, Supervisor.start());
    }

    /**
     * Data of that size are what figures are for, by what is measured from now on: with memory that was used before, also on smaller data.
     *
     * @param dataBytes on the disk
     */
    public static void expect(long dataBytes) {
        UsedMemory.ofThisMachine().expect(dataBytes);
    }

    /**
     * Checks everything that can be checked without data: scripts, disk, settings, schema, statements.
     *
     * @throws RehearsalMistakes with every mistake
     * @throws IOException also when no server could be had
     */
    public void check() throws RehearsalMistakes, IOException, InterruptedException {
        try {
            checkAll();
        } catch (ServerProblem problem) {
            // Some of what starts a server tells of an interruption by the flag. It must not stay, since an interrupted
            // thread cannot write files.
            if (Thread.interrupted()) {
                InterruptedException stopped = new InterruptedException(problem.whatFailed());
                stopped.initCause(problem);
                throw stopped;
            }
            throw new IOException(problem.getMessage(), problem.getCause());
        }
    }

    private void checkAll() throws RehearsalMistakes, IOException, InterruptedException {
        Checks checks = new Checks(progress);
        for (Rehearsal rehearsal : plan.rehearsals()) {
            checks.readScripts(rehearsal);
        }
        Map<Rehearsal.Data, List<Rehearsal>> sharing = plan.rehearsals().stream()
                .collect(Collectors.groupingBy(Rehearsal::data, LinkedHashMap::new, Collectors.toList()));
        progress.report(ProgressEvent.started("checking on an empty server", 0, null));
        for (Map.Entry<Rehearsal.Data, List<Rehearsal>> entry : sharing.entrySet()) {
            try {
                ServerHost host = host(entry.getKey().server());
                GoldenDataset dataset = checks.prepare(host, supervisor, shelf, entry.getValue());
                if (dataset != null) {
                    datasets.put(entry.getKey(), dataset);
                }
            } catch (SQLException | DatasetException failure) {
                throw new IOException("the scenario could not be checked on an empty server", failure);
            }
        }
        tryBouncers(checks);
        for (Map.Entry<ServerSpec, ServerHost> host : hosts.entrySet()) {
            checks.room(host.getValue(), neededOn(host.getKey()));
        }
        progress.report(ProgressEvent.finished("checking on an empty server"));
        throwIfAny(checks);
        restore(sharing, checks);
    }

    /** PgBouncer itself knows its settings: it is started with each plan's once, without a server behind it. */
    private void tryBouncers(Checks checks) throws IOException, InterruptedException {
        Map<AppSpec.Bouncer, Rehearsal> wanted = new LinkedHashMap<>();
        for (Rehearsal rehearsal : plan.rehearsals()) {
            AppSpec.Bouncer bouncer = rehearsal.variant().conditions().app().pgbouncer();
            if (bouncer != null) {
                wanted.putIfAbsent(bouncer, rehearsal);
            }
        }
        if (!wanted.isEmpty()) {
            PgBouncer.require();
        }
        for (Rehearsal rehearsal : wanted.values()) {
            AppSpec app = rehearsal.variant().conditions().app();
            Path scratch = host(rehearsal.data().server()).scratch();
            try {
                Entrance.open(app, Entrance.NOWHERE, supervisor, scratch).close();
            } catch (ProcessProblem refused) {
                checks.refuse("app.pgbouncer: " + refused.getMessage());
            }
        }
    }

    /** What is restored is looked at before anything is rehearsed: only then its tables are known. */
    private void restore(Map<Rehearsal.Data, List<Rehearsal>> sharing, Checks checks)
            throws RehearsalMistakes, IOException, InterruptedException {
        for (Map.Entry<Rehearsal.Data, List<Rehearsal>> entry : sharing.entrySet()) {
            GoldenDataset dataset = datasets.get(entry.getKey());
            if (dataset != null && entry.getKey().dataset().restore() != null) {
                try {
                    checks.look(dataset, host(entry.getKey().server()), entry.getValue());
                } catch (SQLException | DatasetException failure) {
                    throw new IOException("The dataset could not be restored. Nothing of it was kept.", failure);
                }
            }
        }
        throwIfAny(checks);
    }

    private static void throwIfAny(Checks checks) throws RehearsalMistakes {
        if (!checks.mistakes().isEmpty()) {
            throw new RehearsalMistakes(checks.mistakes());
        }
    }

    private ServerHost host(ServerSpec spec) {
        return hosts.computeIfAbsent(spec, absent -> ServerHost.open(absent, supervisor));
    }

    /** Bytes that the rehearsals on a server's host will take beyond what is there already. */
    private long neededOn(ServerSpec spec) throws IOException {
        Set<Rehearsal.Data> there = new HashSet<>();
        for (Map.Entry<Rehearsal.Data, GoldenDataset> dataset : datasets.entrySet()) {
            if (dataset.getValue().onShelf().isPresent()) {
                there.add(dataset.getKey());
            }
        }
        List<Rehearsal> onIt = plan.rehearsals().stream()
                .filter(rehearsal -> rehearsal.data().server().equals(spec))
                .toList();
        return new Plan(onIt).diskBytes(keep, there);
    }

    /** Loads every dataset of the plan that is not kept already; for {@code dataset build}. */
    public void makeDatasets() throws IOException, InterruptedException {
        for (GoldenDataset dataset : datasets.values()) {
            try {
                dataset.make();
            } catch (RestoreMistake | SQLException | DatasetException failure) {
                throw new IOException("The dataset could not be made. Nothing of it was kept.", failure);
            }
        }
    }

    /** The datasets of the plan that are kept, without repetition. */
    public List<Golden> datasets() throws IOException {
        Map<String, Golden> kept = new LinkedHashMap<>();
        for (GoldenDataset dataset : datasets.values()) {
            dataset.onShelf().ifPresent(golden -> kept.put(golden.id(), golden));
        }
        return List.copyOf(kept.values());
    }

    /**
     * Rehearses once. Whatever happens, the recording says it: when it could not be run to its end it is not complete, and
     * names the fault.
     *
     * @param folder of this rehearsal, empty; gets the journal and the request log
     * @throws IOException when the journal could not be written or read back
     */
    public Recording rehearse(Rehearsal rehearsal, Path folder) throws IOException {
        RehearsalClock clock = RehearsalClock.start();
        try (Journal journal = Journal.create(folder)) {
            journal.add(Provenance.began(rehearsal, toolVersion, clock.origin()));
            Performance performance = new Performance(rehearsal, journal, clock, progress, hands(rehearsal));
            attempt(journal, performance::endNanos, () -> perform(rehearsal, performance, journal));
        }
        Recording recording = Fold.of(folder);
        if (rehearsal.under() == null || rehearsal.under().equals(StandardAdversaries.QUIET)) {
            // Under an adversary it takes as long as that stays: no duration to stop another variant by.
            measured.add(rehearsal.variant().name(), recording);
        }
        return recording;
    }

    /**
     * Runs the rehearsal's migration once on its data, without load and adversaries, to measure it alone. Whatever happens,
     * the recording says it.
     *
     * @param folder of this run, empty; gets the journal
     * @throws IOException when the journal could not be written or read back
     */
    public Measured measure(Rehearsal rehearsal, Path folder) throws IOException {
        return measure(rehearsal, folder, Map.of());
    }

    /**
     * The same, where index builds get workers that they would not get by themselves.
     *
     * @param workers by table, named as in recordings: set as its {@code parallel_workers} before the migration
     */
    public Measured measure(Rehearsal rehearsal, Path folder, Map<String, Integer> workers) throws IOException {
        RehearsalClock clock = RehearsalClock.start();
        SizeFacts facts;
        try (Journal journal = Journal.create(folder)) {
            journal.add(Provenance.began(rehearsal, toolVersion, clock.origin()));
            QuietRun run = new QuietRun(rehearsal, workers, journal, clock, progress);
            attempt(journal, run::endNanos, () -> measure(rehearsal, run, journal));
            facts = run.facts();
        }
        return new Measured(Fold.of(folder), facts);
    }

    /**
     * Runs the probes that tell how fast this machine is, on a copy of the rehearsal's data in its declared cache state, as its
     * quiet runs find it. {@link #check} comes first.
     *
     * @throws IOException when they could not be run
     */
    public Calibration calibrate(Rehearsal rehearsal) throws IOException, InterruptedException {
        return MachineProbes.run(
                hostOf(rehearsal),
                Objects.requireNonNull(datasets.get(rehearsal.data())),
                rehearsal.variant().conditions(),
                progress);
    }

    /** Whether somebody stopped a rehearsal, and nothing else was wrong with it. */
    public static boolean wasInterrupted(Recording recording) {
        return INTERRUPTED.equals(recording.fault());
    }

    /** What is done to a rehearsal's data. */
    private interface Work {
        void done() throws SQLException, DatasetException, IOException, ScriptMistakes, InterruptedException;
    }

    /** Writes when the measurement ended, and what ended it early; null for nothing. */
    private static void attempt(Journal journal, LongSupplier endNanos, Work work) {
        @Nullable String fault = null;
        try {
            work.done();
        } catch (InterruptedException interrupted) {
            fault = INTERRUPTED;
        } catch (SQLException | DatasetException | IOException | ScriptMistakes | RuntimeException failure) {
            // Some code below tells of an interruption by an unchecked exception and the flag. The flag must not stay,
            // since an interrupted thread cannot write files.
            fault = Thread.interrupted() ? INTERRUPTED : Faults.inWords(failure);
        }
        journal.add(new Fact.Ended(endNanos.getAsLong(), fault));
    }

    private Performance.Hands hands(Rehearsal rehearsal) {
        ServerHost host = hostOf(rehearsal);
        boolean wanted = rehearsal.variant().conditions().adversaries().stream().anyMatch(AdversarySpec::program);
        return new Performance.Hands(
                supervisor,
                host.scratch(),
                wanted
                        ? ClientPrograms.here()
                                .pgDump(host.major())
                                .map(program -> new AdversaryGround.DumpProgram(program.path(), program.inWords()))
                                .orElse(null)
                        : null);
    }

    private void perform(Rehearsal rehearsal, Performance performance, Journal journal)
            throws SQLException, DatasetException, IOException, ScriptMistakes, InterruptedException {
        Migration migration = Migration.read(rehearsal.variant().migration(), measured);
        ServerHost host = hostOf(rehearsal);
        GoldenDataset dataset = Objects.requireNonNull(datasets.get(rehearsal.data()));
        DerivedWorkload derived = derivations.of(rehearsal, host, dataset);
        GoldenDataset.Copy copy = copy(rehearsal, host, dataset, journal);
        Conditions conditions = rehearsal.variant().conditions();
        try (Replicated servers = start(host, copy.directory(), conditions);
                Entrance entrance =
                        Entrance.open(conditions.app(), servers.primary().app(), supervisor, host.scratch())) {
            performance.on(servers, entrance, dataset.prepared(), migration, derived);
        } finally {
            putAway(rehearsal, host, copy);
        }
    }

    private void measure(Rehearsal rehearsal, QuietRun run, Journal journal)
            throws SQLException, DatasetException, IOException, ScriptMistakes, InterruptedException {
        Migration migration = Migration.read(rehearsal.variant().migration(), measured);
        ServerHost host = hostOf(rehearsal);
        GoldenDataset dataset = Objects.requireNonNull(datasets.get(rehearsal.data()));
        GoldenDataset.Copy copy = copy(rehearsal, host, dataset, journal);
        try (RunningServer server = host.start(
                copy.directory(), rehearsal.variant().conditions().server().settings())) {
            run.on(host, server, dataset.prepared(), migration);
        } finally {
            putAway(rehearsal, host, copy);
        }
    }

    private ServerHost hostOf(Rehearsal rehearsal) {
        return Objects.requireNonNull(hosts.get(rehearsal.variant().conditions().server()), "check() comes first");
    }

    /** A copy to rehearse on, and what is to be known of it. */
    private GoldenDataset.Copy copy(Rehearsal rehearsal, ServerHost host, GoldenDataset dataset, Journal journal)
            throws SQLException, DatasetException, IOException, InterruptedException {
        GoldenDataset.Copy copy =
                RehearsalCopy.of(dataset, host, progress, doubt -> journal.add(new Fact.Doubted(doubt)));
        journal.add(new Fact.DatasetReady(copy.facts()));
        copy.doubts().forEach(doubt -> journal.add(new Fact.Doubted(doubt)));
        AgedDataset.doubt(copy.facts(), dataset.prepared().filledWithTheTime(), Instant.now())
                .ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
        RestoreSpec restore = rehearsal.variant().conditions().dataset().restore();
        if (restore == null || !restore.isPhysical()) {
            UndeclaredState.doubt(dataset.prepared().undeclared())
                    .ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
        }
        return copy;
    }

    private void putAway(Rehearsal rehearsal, ServerHost host, GoldenDataset.Copy copy) throws IOException {
        if (keep) {
            Kept what = host.keep(copy.directory(), rehearsal.id());
            kept.add(new KeptRehearsal(rehearsal.id(), what.location(), what.start(), what.connect(), what.remove()));
        } else {
            host.remove(copy.directory());
        }
    }

    private static Replicated start(ServerHost host, DataDirectory directory, Conditions conditions) {
        Map<String, String> settings = conditions.server().settings();
        StandbySpec standby = conditions.standby();
        return standby == null
                ? Replicated.alone(host.start(directory, settings))
                : host.startReplicated(directory, settings, standby.settings());
    }

    /** What was kept so far. */
    public List<KeptRehearsal> kept() {
        return List.copyOf(kept);
    }

    /** Stops what still runs and removes what is not to be kept. */
    @Override
    public void close() {
        try {
            hosts.values().forEach(ServerHost::close);
        } finally {
            supervisor.close();
            shelf.release();
        }
    }
}
