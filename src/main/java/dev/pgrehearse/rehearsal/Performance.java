package dev.pgrehearse.rehearsal;

import dev.pgrehearse.app.AppDatabase;
import dev.pgrehearse.app.Deployment;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.migration.Migration;
import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.migration.MigrationRunner;
import dev.pgrehearse.migration.RunOutcome;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.migration.StatementRun;
import dev.pgrehearse.migration.StopSeen;
import dev.pgrehearse.observe.ObservedDatabase;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.PoolGauge;
import dev.pgrehearse.observe.Watched;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.OperationLocks;
import dev.pgrehearse.recording.OperationScans;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.ServerFacts;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.MigrationSpec;
import dev.pgrehearse.scenario.PhasesSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.server.Replicated;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.traffic.DerivedWorkload;
import dev.pgrehearse.workload.AdversaryGround;
import dev.pgrehearse.workload.IndexUses;
import dev.pgrehearse.workload.Load;
import dev.pgrehearse.workload.Operation;
import dev.pgrehearse.workload.Pulse;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One rehearsal on a running server: warm-up, baseline, migration under load, recovery. Used once, by one thread. */
final class Performance {
    private static final Duration PULSE_BOUND = Duration.ofSeconds(2);

    private final Rehearsal rehearsal;
    private final Conditions conditions;
    private final Journal journal;
    private final RehearsalClock clock;
    private final Progress progress;
    private final Hands hands;
    private final Sessions sessions = new Sessions();
    private final List<Pulse> pulses = new ArrayList<>();
    private final CompletableFuture<String> broken = new CompletableFuture<>();
    private long migrationStart = -1;
    private long endNanos = -1;

    /**
     * What its processes need.
     *
     * @param scratch of the run
     * @param pgDump one that can dump the server; null when there is none here
     */
    record Hands(Supervisor supervisor, Path scratch, AdversaryGround.@Nullable DumpProgram pgDump) {}

    Performance(Rehearsal rehearsal, Journal journal, RehearsalClock clock, Progress progress, Hands hands) {
        this.hands = hands;
        this.rehearsal = rehearsal;
        this.conditions = rehearsal.variant().conditions();
        this.journal = journal;
        this.clock = clock;
        this.progress = progress;
    }

    /** When the measurement ended, on the rehearsal's clock; now, when it never began. */
    long endNanos() {
        return endNanos < 0 ? clock.nanos() : endNanos;
    }

    /**
     * Performs the rehearsal.
     *
     * @param derived the operations; null when the scenario declares them
     * @throws IOException also when the server died, or the journal could not be written, meanwhile
     */
    void on(
            Replicated servers,
            Entrance entrance,
            PreparedDataset dataset,
            Migration migration,
            @Nullable DerivedWorkload derived)
            throws SQLException, DatasetException, IOException, InterruptedException {
        CompletableFuture<String> died = StandbySide.died(servers);
        Watch watch = new Watch(died, entrance.died(), broken, journal);
        // What comes after that is the fault's doing, and not the migration's.
        CompletableFuture<Void> unused = died.thenAccept(words -> journal.add(new Fact.Happened(
                clock.nanos(),
                Fact.Happened.SERVER_DIED,
                words.lines().findFirst().orElse(""))));
        try {
            perform(servers, entrance, dataset, migration, derived, watch);
        } catch (SQLException failure) {
            watch.lookAfter(SqlState.meansConnectionLost(failure.getSQLState()));
            throw failure;
        }
    }

    private void perform(
            Replicated servers,
            Entrance entrance,
            PreparedDataset dataset,
            Migration migration,
            @Nullable DerivedWorkload derived,
            Watch watch)
            throws SQLException, DatasetException, IOException, InterruptedException {
        RunningServer server = servers.primary();
        Replicated.Standby standby = servers.standby();
        ServerFacts facts = introduce(server);
        ObservedDatabase.equip(
                server.superuser(),
                migration.scripted().stream().map(SqlStatement::sql).toList());
        CacheDoubt.of(new DatasetLoader(progress)
                        .warm(server.superuser(), dataset, conditions.dataset().cache()))
                .ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
        List<Operation> operations = operations(dataset, derived);
        WorkloadPlans plans = new WorkloadPlans(operations, server.app(), clock, journal);
        plans.readBefore();
        if (standby != null) {
            StandbySide side = new StandbySide(standby, journal);
            side.introduce(facts.settings(), operations, conditions);
            side.warm(server.superuser(), conditions.dataset().cache());
            side.prove(operations);
        }
        MigrationRunner.prepare(server.app(), server.superuser());
        try (Load load = load(database(entrance, standby, operations), operations, derived);
                Observer observer = Observer.open(
                        new Watched(
                                        server.superuser(),
                                        server.postmasterPid(),
                                        () -> gauges(load),
                                        new Watched.App(load::state, load::tries))
                                .with(standby == null ? null : standby.server().superuser()),
                        clock,
                        journal,
                        sessions);
                Adversaries adversaries = new Adversaries(conditions.adversaries(), ground(server), journal)) {
            observer.start();
            load.start();
            try {
                warmUp(load, observer, watch);
                Calm calm = baseline(load, observer, adversaries, watch);
                MigrationResult result = migrate(server, migration, load, observer, adversaries, watch);
                recover(load, observer, calm, result.stop(), watch);
            } finally {
                end(load, entrance, observer, adversaries);
                plans.readAfter();
            }
            readIndexUses(server, operations, load.offered());
        }
    }

    private AdversaryGround ground(RunningServer server) {
        return new AdversaryGround(
                server.app(), server.superuser(), clock, sessions, hands.supervisor(), hands.scratch(), hands.pgDump());
    }

    /** Load and adversaries end before the indexes are read: a backend tells of its last scans when it ends. */
    private void end(Load load, Entrance entrance, Observer observer, Adversaries adversaries)
            throws InterruptedException {
        endNanos = load.stop();
        journal.add(new Fact.LoadEnded(load.offered()));
        load.lateness().ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
        if (migrationStart >= 0) {
            TrafficDoubt.of(conditions.workload().traffic(), Duration.ofNanos(endNanos - migrationStart))
                    .ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
        }
        observer.finish();
        adversaries.close();
        load.close();
        entrance.close();
        observer.readIndexes();
        observer.readConflicts();
    }

    /** After all that is counted, since it scans indexes itself. */
    private void readIndexUses(RunningServer server, List<Operation> operations, long number)
            throws InterruptedException {
        try {
            List<OperationScans> read = IndexUses.read(server.app(), operations, number);
            journal.add(new Fact.OperationScansRead(read));
            List<String> unknown = read.stream()
                    .filter(each -> each.requests() == 0)
                    .map(each -> each.operation() + (each.failure() == null ? "" : " (" + each.failure() + ")"))
                    .toList();
            if (!unknown.isEmpty()) {
                doubt(
                        "index-uses-not-read",
                        "Which indexes these operations scan after the migration is not known, since they failed when they were run for"
                                + " that, may not run in a transaction, run on the standby, or there was no time left: "
                                + String.join("; ", unknown) + ".");
            }
        } catch (SQLException failure) {
            doubt(
                    "index-uses-not-read",
                    "Which operations scan which index could not be read: " + failure.getMessage());
        }
    }

    private ServerFacts introduce(RunningServer server) {
        ServerFacts facts = server.facts();
        Provenance.of(server, facts).forEach(journal::add);
        if (rehearsal.scale() != 1) {
            doubt(
                    "dataset-scaled",
                    "The row counts were multiplied by " + rehearsal.scale()
                            + ": durations are not those of the size that the scenario names.");
        }
        return facts;
    }

    private List<Operation> operations(PreparedDataset dataset, @Nullable DerivedWorkload derived) {
        return derived == null
                ? conditions.workload().operations().stream()
                        .map(operation -> Operation.declared(operation, rehearsal.seed(), dataset.keys()))
                        .toList()
                : derived.operations();
    }

    /** What the pools connect to; where nothing runs on a standby, there are no pools for it. */
    private static AppDatabase database(
            Entrance entrance, Replicated.@Nullable Standby standby, List<Operation> operations) {
        return standby == null || operations.stream().noneMatch(Operation::onStandby)
                ? entrance.database()
                : entrance.database().with(standby.server().app());
    }

    private Load load(AppDatabase database, List<Operation> operations, @Nullable DerivedWorkload derived) {
        WorkloadSpec workload = conditions.workload();
        if (derived != null) {
            workload = workload.at(derived.facts().ratePerSecond());
            journal.add(new Fact.WorkloadDerived(derived.facts()));
            derived.doubts().forEach(doubt -> journal.add(new Fact.Doubted(doubt)));
        }
        journal.add(new Fact.LoadBegan(
                operations.stream().map(Operation::name).toList(),
                conditions.app().instances()));
        return new Load(
                conditions.app(),
                new Deployment(conditions.app(), database, clock, sessions, journal, broken::complete),
                workload,
                operations,
                rehearsal.seed(),
                clock,
                journal.requests());
    }

    private static List<PoolGauge> gauges(Load load) {
        return load.pools().stream().<PoolGauge>map(Gauge::new).toList();
    }

    /** A pool of the load's, as the observer looks at it. */
    private record Gauge(Deployment.PoolView pool) implements PoolGauge {
        @Override
        public String instance() {
            return pool.instance();
        }

        @Override
        public int size() {
            return pool.size();
        }

        @Override
        public int active() {
            return pool.active();
        }

        @Override
        public int idle() {
            return pool.idle();
        }

        @Override
        public int pending() {
            return pool.pending();
        }
    }

    private void warmUp(Load load, Observer observer, Watch watch) throws IOException, InterruptedException {
        PhasesSpec phases = conditions.phases();
        long start = begin(Recording.Phase.WARMUP, observer, phases.warmup());
        boolean steady = false;
        while (clock.nanos() - start < phases.warmup().toNanos()
                || (!steady && clock.nanos() - start < phases.warmupBound().toNanos())) {
            listen(load, watch, PULSE_BOUND);
            steady = Steadiness.reached(pulses);
            advance(Recording.Phase.WARMUP, start, phases.warmup());
        }
        if (!steady) {
            doubt(
                    "not-steady",
                    "The load's median response time was not steady when the warm-up ended after "
                            + phases.warmupBound().toSeconds()
                            + " s: baseline and migration may differ for that alone.");
        }
        finished(Recording.Phase.WARMUP);
    }

    private Calm baseline(Load load, Observer observer, Adversaries adversaries, Watch watch)
            throws IOException, SQLException, InterruptedException {
        Duration length = adversaries.longestBefore(conditions.phases().baseline());
        int before = pulses.size();
        load.warmedUp();
        tellLocks(load.operationLocks());
        long start = begin(Recording.Phase.BASELINE, observer, length);
        long end = start + length.toNanos();
        while (clock.nanos() < end) {
            adversaries.plantDue(end);
            long next = Math.min(end, adversaries.nextDue(end));
            listen(load, watch, Duration.ofNanos(Math.max(0, Math.min(next - clock.nanos(), PULSE_BOUND.toNanos()))));
            advance(Recording.Phase.BASELINE, start, length);
        }
        finished(Recording.Phase.BASELINE);
        List<Pulse> seen = pulses.subList(before, pulses.size());
        if (seen.isEmpty()) {
            throw new IOException("no pulse of the load came within the baseline of " + length.toMillis()
                    + " ms: a baseline of at least some seconds is needed");
        }
        return Calm.asIn(List.copyOf(seen));
    }

    /** What an operation locks is known when it came up in the warm-up. */
    private void tellLocks(List<OperationLocks> operations) {
        journal.add(new Fact.OperationLocksRead(operations));
        List<String> unread = operations.stream()
                .filter(each -> each.readings() == 0)
                .map(OperationLocks::operation)
                .toList();
        if (!unread.isEmpty()) {
            doubt(
                    "operation-locks-not-read",
                    "Which locks " + String.join(", ", unread)
                            + (unread.size() == 1 ? " takes" : " take")
                            + " was not read in the warm-up: of a lock of the migration's that none of its requests met it"
                            + " is not known whether one could have.");
        }
    }

    private MigrationResult migrate(
            RunningServer server,
            Migration migration,
            Load load,
            Observer observer,
            Adversaries adversaries,
            Watch watch)
            throws IOException, SQLException, InterruptedException {
        MigrationSpec spec = rehearsal.variant().migration();
        MigrationRunner runner =
                MigrationThread.runner(server, spec, clock, sessions, new MigrationFacts(journal, observer, clock));
        adversaries.prove(observer);
        long start = begin(Recording.Phase.MIGRATION, observer, Duration.ZERO);
        migrationStart = start;
        load.migrationStarted(start);
        Duration lockTimeout = spec.lockTimeout();
        journal.add(new Fact.MigrationBegan("sql", lockTimeout == null ? null : lockTimeout.toNanos() / 1e6, start));
        PhaseProgress phase = new PhaseProgress(progress, clock, rehearsal.id());
        MigrationResult result;
        try {
            result = MigrationThread.run(runner, migration, new AfterStop(journal, observer), () -> {
                List<Pulse> unused = listen(load, watch, Duration.ZERO);
                phase.tell(observer.advance());
            });
        } finally {
            phase.tell(null);
        }
        if (result.outcome() == RunOutcome.FAILED) {
            // Without a run it could not even connect.
            List<StatementRun> runs = result.runs();
            watch.lookAfter(runs.isEmpty()
                    || SqlState.meansConnectionLost(runs.get(runs.size() - 1).sqlState()));
        }
        journal.add(new Fact.MigrationEnded(
                result.outcome().key(), result.attempts(), 1, result.state(), result.endNanos()));
        finished(Recording.Phase.MIGRATION);
        MigrationThread.requireOwnFailure(result, journal);
        return result;
    }

    /** After a stop calm is looked for from the stop on: the cleaning's time is part of the way back to it. */
    private void recover(Load load, Observer observer, Calm calm, @Nullable StopSeen stop, Watch watch)
            throws IOException, InterruptedException {
        Duration bound = conditions.phases().recoveryBound();
        long start = begin(Recording.Phase.RECOVERY, observer, bound);
        long from = stop == null ? start : stop.askedNanos();
        Optional<Long> since = Optional.empty();
        // A standby that is behind is part of what the migration did, also when the load is calm already.
        while ((since.isEmpty() || observer.isStandbyBehind()) && clock.nanos() - start < bound.toNanos()) {
            listen(load, watch, PULSE_BOUND);
            since = calm.since(pulses, from, start);
            advance(Recording.Phase.RECOVERY, start, bound);
        }
        since.ifPresent(nanos -> journal.add(new Fact.Calm(nanos)));
        finished(Recording.Phase.RECOVERY);
    }

    private long begin(String phase, Observer observer, Duration length) {
        long now = clock.nanos();
        journal.add(new Fact.PhaseBegan(phase, now));
        observer.phaseBegan(phase);
        progress.report(ProgressEvent.started(task(phase), length.toSeconds(), "s"));
        return now;
    }

    private void advance(String phase, long startNanos, Duration length) {
        progress.report(ProgressEvent.advanced(
                task(phase), TimeUnit.NANOSECONDS.toSeconds(clock.nanos() - startNanos), length.toSeconds(), "s"));
    }

    private void finished(String phase) {
        progress.report(ProgressEvent.finished(task(phase)));
    }

    private String task(String phase) {
        return rehearsal.id() + ": " + phase;
    }

    private List<Pulse> listen(Load load, Watch watch, Duration bound) throws IOException, InterruptedException {
        List<Pulse> heard = load.pulses(bound);
        pulses.addAll(heard);
        watch.look();
        return heard;
    }

    private void doubt(String id, String text) {
        journal.add(new Fact.Doubted(new Recording.Doubt(id, text)));
    }
}
