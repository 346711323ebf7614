package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.AdversarySpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Watches a server while a migration runs under load, and writes what it saw to a {@link FactSink}.
 *
 * <p>It has {@value #CONNECTIONS} connections of its own, opened before the load, so that it goes on when
 * {@code max_connections} is used up; with a standby one more, and one there. All are in auto-commit: between two samples nothing is locked and no snapshot is
 * held. Nothing that goes wrong here ends the rehearsal; it becomes a doubt.
 *
 * <p>Called in this order: {@link #open}, {@link #start}, any of the others from any thread, {@link #finish},
 * {@link #readIndexes}, {@link #close}.
 */
public final class Observer implements AutoCloseable {
    /** How many of the server's connections the observer takes. */
    public static final int CONNECTIONS = 3;

    /** In {@code pg_stat_activity}. */
    public static final String APPLICATION_NAME = "pgrehearse observer";

    /**
     * Its own statements must not wait, must not be compiled, and must not show up in the figures or the log; a user's
     * settings of role or database cannot change that.
     */
    private static final Map<String, String> DRIVER_PROPERTIES = Map.of(
            "options",
            "-c jit=off -c lock_timeout=1s -c statement_timeout=10s"
                    + " -c default_transaction_isolation=read\\ committed -c log_statement=none"
                    + " -c log_min_duration_statement=-1 -c log_duration=off -c pg_stat_statements.track=none"
                    + " -c plan_cache_mode=force_generic_plan",
            "prepareThreshold",
            "1",
            "socketTimeout",
            "30",
            "tcpKeepAlive",
            "true");

    /** PostgreSQL 13 has no such setting, and would not let in who names it. */
    private static final String NEVER_IDLE_TOO_LONG = "SELECT pg_catalog.set_config(name, '0', false)"
            + " FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout'";

    /** Lines of the log for the last waits are there by then, or never. */
    private static final long LAST_LINES_NANOS = Duration.ofMillis(2_500).toNanos();

    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(50).toNanos();

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Doubts doubts;
    private final Silences silences;
    private final List<Connection> connections = new ArrayList<>();
    private final StatementAge statementAge;
    private final WaitLedger ledger;
    private final LockWaitProbe lockWaits;
    private final ServerLogProbe serverLog;
    private final ClockProbe serverClock;
    private final PoolProbe pools;
    private final AppProbe app;
    private final ActivityProbe activity;
    private final MachineProbe machine;
    private final WalProbe wal;
    private final CounterProbe counters;
    private final AutovacuumProbe autovacuum;
    private final DiskProbe disk;
    private final StatementCosts costs;
    private final ProgressProbe progress;
    private final LeftoversProbe leftovers;
    private final IndexProbe indexes;
    private final TableProbe tables;
    private final AdversaryWitness witness;
    private final ProbeLoop lockLoop;
    private final ProbeLoop logLoop;
    private final ProbeLoop poolLoop;
    private final ProbeLoop slowLoop;
    private final @Nullable StandbyWatch standby;
    private final ConnectionDetails superuser;
    private final Sessions sessions;
    private @Nullable Integer maxConnections;
    private boolean inBaseline;
    private boolean started;
    private boolean stopped;
    private boolean finished;

    private Observer(Watched watched, RehearsalClock clock, FactSink facts, Sessions sessions) throws SQLException {
        this.clock = clock;
        this.facts = facts;
        this.superuser = watched.superuser();
        this.sessions = sessions;
        this.doubts = new Doubts(facts, clock);
        this.silences = new Silences(doubts, Recording.Doubt.SERVER_SILENT, "server");
        try {
            Connection forLocks = connect();
            Connection forLog = connect();
            Connection forTheRest = connect();
            Parties parties = new Parties(sessions);
            ServerTime serverTime = new ServerTime(clock);
            LinuxProcesses processes = new LinuxProcesses(watched.postmasterPid());
            statementAge = new StatementAge(clock);
            ledger = new WaitLedger(facts, serverTime, parties);
            lockWaits = new LockWaitProbe(
                    forLocks, clock, facts, parties, serverTime, ledger, doubts, watched.lockPeriod());
            serverLog = new ServerLogProbe(forLog, clock, serverTime, ledger, facts, doubts, sessions);
            serverClock = new ClockProbe(forTheRest, clock, serverTime, facts, doubts);
            pools = new PoolProbe(watched.pools(), clock, facts);
            app = new AppProbe(watched.app(), clock, facts);
            activity = new ActivityProbe(forTheRest, clock, facts, parties);
            machine = new MachineProbe(processes, parties, clock, facts, doubts);
            wal = new WalProbe(forTheRest, clock, facts);
            counters = new CounterProbe(forTheRest, clock, facts);
            autovacuum = new AutovacuumProbe(forTheRest, clock, serverTime, parties, facts);
            disk = new DiskProbe(forLog, processes, clock, statementAge, facts, doubts);
            costs = new StatementCosts(forTheRest, processes, statementAge, facts, doubts);
            progress = new ProgressProbe(forTheRest, clock, statementAge, facts, disk::latest);
            leftovers = new LeftoversProbe(forTheRest, facts);
            indexes = new IndexProbe(forTheRest, clock, facts, doubts);
            tables = new TableProbe(forTheRest, clock, facts, doubts);
            witness = new AdversaryWitness(forTheRest);
            lockLoop = loop("locks", lockWaits);
            logLoop = loop("log", serverLog, disk);
            poolLoop = loop("pools", pools, app);
            slowLoop = loop("rest", serverClock, activity, machine, wal, costs, progress, autovacuum, tables);
            ConnectionDetails standbys = watched.standby();
            standby = standbys == null
                    ? null
                    : new StandbyWatch(
                            connect(),
                            connect(standbys),
                            clock,
                            facts,
                            doubts,
                            parties,
                            serverTime,
                            watched.lockPeriod());
            prepare(forTheRest);
        } catch (SQLException | RuntimeException e) {
            disconnect();
            throw e;
        }
    }

    /**
     * Connects and reads what must be known before: the clock, names, settings, what is invalid already. Before the load.
     *
     * @throws SQLException when the server cannot be reached, or the role may not see what it must
     */
    public static Observer open(Watched watched, RehearsalClock clock, FactSink facts, Sessions sessions)
            throws SQLException {
        return new Observer(watched, clock, facts, sessions);
    }

    /** The probes begin to sample. Before the warm-up. */
    public void start() {
        started = true;
        lockLoop.start();
        logLoop.start();
        poolLoop.start();
        slowLoop.start();
        if (standby != null) {
            standby.loop().start();
        }
    }

    /** Whether the standby's replay is behind now; no without a standby. */
    public boolean isStandbyBehind() {
        return standby != null && standby.lag().isBehind();
    }

    /** A phase begins: one of the names in {@link Recording.Phase}. */
    public void phaseBegan(String name) {
        if (inBaseline) {
            machine.baselineEnded();
            inBaseline = false;
        }
        if (name.equals(Recording.Phase.BASELINE)) {
            inBaseline = true;
            doubts.baselineBegan(clock.nanos());
            machine.baselineBegan();
            slowLoop.submit(wal::baselineBegan);
        }
        if (name.equals(Recording.Phase.MIGRATION)) {
            logLoop.submit(disk::migrationBegan);
        }
        machine.read(name);
        slowLoop.submit(() -> counters.read(name));
        slowLoop.submit(costs::refresh);
        slowLoop.submit(() -> indexes.count(name));
        slowLoop.submit(() -> tables.count(name));
    }

    /**
     * A statement of the migration is about to be sent. Returns at once.
     *
     * @param index the statement's number, from 1
     * @param attempt which try it is, from 1
     * @param pid the backend that runs it, as the server numbers it
     * @param sql its text as it is sent
     */
    public void statementStarted(int index, int attempt, int pid, String sql) {
        statementStarted(index, attempt, pid, sql, clock.nanos());
    }

    /** The same of one that was sent at {@code sentNanos} of the clock. */
    void statementStarted(int index, int attempt, int pid, String sql, long sentNanos) {
        statementAge.began(sentNanos);
        lockWaits.statementStarted(sql, sentNanos);
        lockLoop.hasten(lockWaits);
        costs.started(index, attempt, pid, sql);
        progress.started(index, attempt, pid);
        slowLoop.submit(costs::sample);
        slowLoop.hasten(costs);
        slowLoop.hasten(progress);
        logLoop.submit(disk::statementStarted);
        logLoop.hasten(disk);
    }

    /**
     * A back-fill has changed rows. Returns at once.
     *
     * @param rows how many so far
     * @param total how many there are to change, about; null when nobody knows
     */
    public void rowsChanged(int index, int attempt, String table, long rows, @Nullable Long total) {
        progress.changed(index, attempt, table, rows, total);
    }

    /** How far the migration's statement has come; null when none runs, or nothing is told of it. Any thread. */
    public @Nullable StatementAdvance advance() {
        return progress.now();
    }

    /**
     * That statement has ended, however it did: what it cost is read soon and written. Returns at once.
     *
     * @param failed whether it ended by an error
     */
    public void statementEnded(int index, int attempt, int pid, boolean failed) {
        ended(index, attempt, pid, Sent.itself(failed));
    }

    /** A back-fill has ended, likewise. */
    public void backfillEnded(int index, int attempt, int pid, Sent batches) {
        ended(index, attempt, pid, batches);
    }

    private void ended(int index, int attempt, int pid, Sent sent) {
        statementAge.ended();
        lockLoop.submit(lockWaits.statementEnded());
        slowLoop.submit(progress.ended());
        logLoop.submit(() -> disk.statementEnded(index, attempt));
        ProbeLoop.Task task = costs.ended(index, attempt, pid, sent);
        if (task != null) {
            slowLoop.submit(task);
        }
    }

    /**
     * Proves by {@code pg_locks} and {@code pg_stat_activity} that an adversary's backend stands: a long read is active
     * and holds ACCESS SHARE on the table, an idle transaction is idle and holds a lock on it but no snapshot, an old
     * snapshot is idle in its transaction and holds a snapshot; a dump holds ACCESS SHARE on every user table and a snapshot;
     * a batch job has its session, and knows itself what became of its runs; an autovacuum worker is at work on the
     * table, in {@code pg_stat_progress_vacuum}.
     *
     * <p>Through pgjdbc a READ COMMITTED transaction keeps the snapshot of its last query while its portal is open: a
     * session meant to be merely idle needs {@code preferQueryMode=simple}.
     *
     * @throws SQLException when the server does not answer
     */
    public Proof proofOf(int pid, AdversarySpec spec) throws SQLException {
        return witness.proofOf(pid, spec);
    }

    /** The same of one that is merely a session. */
    Proof proofOf(int pid, AdversarySpec.Kind kind, String table) throws SQLException {
        return witness.proofOf(pid, kind, table);
    }

    /**
     * Reads what the migration has left behind so far. Returns at once; the answer comes soon, or fails when the catalogue
     * could not be read, and never comes when the server is gone.
     */
    public CompletableFuture<LeftBehind> leftBehind() {
        CompletableFuture<LeftBehind> answer = new CompletableFuture<>();
        slowLoop.submit(() -> {
            try {
                answer.complete(leftovers.now());
            } catch (RuntimeException failure) {
                answer.completeExceptionally(failure);
                throw failure;
            }
        });
        return answer;
    }

    /**
     * The last reading, after the load has ended: waits that go on are written as unknown, then leftovers and costs. Takes
     * as long as the server's log needs to tell of the last waits, 2.5 s at most. Does nothing the second time.
     */
    public void finish() {
        if (finished) {
            return;
        }
        finished = true;
        stop();
        step("lock waits", lockLoop, lockWaits::sample);
        lockWaits.finish();
        step("server log", logLoop, this::lastLines);
        serverLog.report();
        ledger.finish(clock.nanos());
        step("pools", poolLoop, pools::finish);
        step("service", poolLoop, app::finish);
        step("progress", slowLoop, progress::finish);
        step("connections", slowLoop, activity::sample);
        step("WAL", slowLoop, wal::finish);
        step("counters", slowLoop, () -> counters.read(Fact.MachineRead.END));
        step("autovacuum", slowLoop, autovacuum::finish);
        step("disk", logLoop, disk::sample);
        step("machine", null, machine::finish);
        machine.read(Fact.MachineRead.END);
        step("server clock", null, serverClock::finish);
        step("leftovers", slowLoop, leftovers::finish);
        if (standby != null) {
            step("standby lag", standby.loop(), standby::finish);
        }
        if (inBaseline) {
            machine.baselineEnded();
        }
        facts.add(new Fact.CostsMeasured(
                machine.costs(costs.migrationCpuMs(), wal.sinceBaseline(), maxConnections, activity.peak())));
        for (ProbeLoop loop : loops()) {
            loop.report();
        }
        silences.report();
    }

    /**
     * What became of indexes and tables, and how large those are. After {@link #finish}, and after load and adversaries
     * were closed: their sessions tell of their last scans when they end, and what is locked cannot be measured. Takes 5 s at
     * most while some are still there.
     */
    public void readIndexes() {
        step("indexes", slowLoop, indexes::finish);
        step("tables", slowLoop, tables::finish);
        step("sizes of tables", logLoop, disk::measureTables);
    }

    /**
     * The reads that replay cancelled on the standby, if there is one. After {@link #finish}, and after the load was closed:
     * its sessions tell of their last ones when they end. Takes 5 s at most while some are still there.
     */
    public void readConflicts() {
        if (standby != null) {
            step("conflicts with replay", standby.loop(), standby.lag()::tellConflicts);
        }
    }

    /** How often the probes really looked. After {@link #finish}. */
    public List<Pace> paces() {
        return loops().stream().flatMap(loop -> loop.paces().stream()).toList();
    }

    /** Stops what runs and disconnects; what {@link #finish} would have written is not written. */
    @Override
    public void close() {
        stop();
        disconnect();
    }

    private void stop() {
        if (started && !stopped) {
            stopped = true;
            loops().forEach(ProbeLoop::stop);
        }
    }

    /** Its threads. */
    List<ProbeLoop> loops() {
        List<ProbeLoop> loops = new ArrayList<>(List.of(lockLoop, logLoop, poolLoop, slowLoop));
        if (standby != null) {
            loops.add(standby.loop());
        }
        return loops;
    }

    private ProbeLoop loop(String name, Probe... probes) {
        return new ProbeLoop("pgrehearse observer " + name, clock, doubts, silences, List.of(probes));
    }

    private void prepare(Connection connection) throws SQLException {
        serverClock.prepare();
        if (standby != null) {
            standby.prepare();
        }
        lockWaits.prepare();
        serverLog.prepare();
        machine.prepare();
        wal.prepare();
        disk.prepare();
        costs.prepare();
        progress.prepare();
        leftovers.prepare();
        indexes.prepare();
        tables.prepare();
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT current_setting('max_connections')::integer");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            maxConnections = rows.getInt(1);
        }
    }

    private void lastLines() throws SQLException {
        long until = clock.nanos() + LAST_LINES_NANOS;
        serverLog.finish();
        while ((ledger.holdsBack() || serverLog.isBehind()) && clock.nanos() < until) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            serverLog.sample();
        }
    }

    /** One last reading; without a server, or when it fails, a doubt instead. */
    private void step(String what, @Nullable ProbeLoop loop, ProbeLoop.Task task) {
        if (loop != null && loop.isServerGone()) {
            doubts.raise("observer-last-reading", "The last readings are missing: the server was gone by then.");
            return;
        }
        try {
            task.run();
        } catch (SQLException | RuntimeException e) {
            doubts.raise(
                    "observer-last-" + what.replace(' ', '-'),
                    "The last reading of " + what + " failed: " + e.getMessage() + ".");
        }
    }

    private Connection connect() throws SQLException {
        return connect(superuser);
    }

    private Connection connect(ConnectionDetails to) throws SQLException {
        Connection connection = to.open(APPLICATION_NAME, DRIVER_PROPERTIES);
        connections.add(connection);
        sessions.begin(
                connection.unwrap(PGConnection.class).getBackendPID(),
                new Sessions.Use(Sessions.Role.OBSERVER, "observer"));
        try (Statement statement = connection.createStatement()) {
            statement.execute(NEVER_IDLE_TOO_LONG);
        }
        return connection;
    }

    private void disconnect() {
        for (Connection connection : connections) {
            try {
                connection.close();
            } catch (SQLException e) {
                doubts.happened("observer", "a connection could not be closed: " + e.getMessage());
            }
        }
        connections.clear();
    }
}
