package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.migration.MigrationListener;
import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.migration.MigrationRunner;
import dev.pgrehearse.migration.MigrationSettings;
import dev.pgrehearse.migration.ScriptSplitter;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Pace;
import dev.pgrehearse.observe.Watched;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Beginnings;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Fold;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.MigrationSpec.Retries;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A database under the observer's eyes, sessions whose part is known, a migration as the tool runs it, and the recording that is
 * folded from what all of them left in a journal: a rehearsal without its load.
 */
final class Observation implements AutoCloseable {
    private static final Duration GIVE_UP = Duration.ofMinutes(2);

    private final ConnectionDetails superuser;
    private final ConnectionDetails app;
    private final Path folder;
    private final Journal journal;
    private final RehearsalClock clock = RehearsalClock.start();
    private final Sessions sessions = new Sessions();
    private final @Nullable Observer observer;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<Connection, String> connections = new ConcurrentHashMap<>();
    private final long baselineNanos;
    private volatile double blocked;
    private final AtomicLong connectionsSampled = new AtomicLong();
    private boolean finished;

    private Observation(TestServer server, ConnectionDetails superuser, Path parent, boolean observed)
            throws SQLException, IOException {
        this.superuser = superuser;
        this.app = server.app(superuser);
        this.folder = Files.createTempDirectory(parent, "observation");
        this.journal = Journal.create(folder);
        journal.add(Beginnings.at(
                "observation", clock.origin().truncatedTo(ChronoUnit.MILLIS).toString()));
        MigrationRunner.prepare(app, superuser);
        if (observed) {
            Watched watched = new Watched(superuser, server.postmasterPid(), List::of, Watched.App.NONE);
            observer = Observer.open(watched, clock, this::take, sessions);
            observer.start();
            observer.phaseBegan(Recording.Phase.BASELINE);
        } else {
            observer = null;
        }
        this.baselineNanos = clock.nanos();
        journal.add(new Fact.PhaseBegan(Recording.Phase.BASELINE, baselineNanos));
    }

    /** The observer's probes run when this returns. */
    static Observation begin(TestServer server, ConnectionDetails superuser, Path parent)
            throws SQLException, IOException {
        return new Observation(server, superuser, parent, true);
    }

    /** The same without an observer: what PostgreSQL does when nobody looks. */
    static Observation unobserved(TestServer server, ConnectionDetails superuser, Path parent)
            throws SQLException, IOException {
        return new Observation(server, superuser, parent, false);
    }

    private void take(Fact fact) {
        journal.add(fact);
        if (fact instanceof Fact.Sampled sampled) {
            if (sampled.series().equals("blockedSessions")) {
                blocked = sampled.value();
            } else if (sampled.series().equals("connections")) {
                connectionsSampled.incrementAndGet();
            }
        }
    }

    /** A session of the application's role with a part to play. As a load's adversaries, it speaks the simple protocol. */
    Connection session(Sessions.Role role, String label) throws SQLException {
        Connection connection = app.open("test", Map.of("preferQueryMode", "simple"));
        connections.put(connection, label);
        sessions.begin(pid(connection), new Sessions.Use(role, label));
        return connection;
    }

    /** The backends of the sessions with a part, by label. */
    Map<String, Integer> pids() throws SQLException {
        Map<String, Integer> pids = new ConcurrentHashMap<>();
        for (Map.Entry<Connection, String> entry : connections.entrySet()) {
            pids.put(entry.getValue(), pid(entry.getKey()));
        }
        return pids;
    }

    static int pid(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    /** Runs on a thread of its own. */
    <T> Future<T> later(Callable<T> work) {
        return threads.submit(work);
    }

    Future<Void> later(Connection connection, String sql) {
        return later(() -> {
            Queries.execute(connection, sql);
            return null;
        });
    }

    /** Runs a script as the tool does, on a thread of its own; without retries. */
    Future<MigrationResult> migrate(String script) throws Exception {
        List<SqlStatement> statements = ScriptSplitter.split("migration.sql", script);
        MigrationListener listener =
                observer == null ? MigrationListener.SILENT : new MigrationFacts(this::take, observer, clock);
        MigrationRunner runner = new MigrationRunner(
                app, superuser, new MigrationSettings(null, null, "UTC", Retries.NONE), clock, sessions, listener);
        phase(Recording.Phase.MIGRATION);
        journal.add(new Fact.MigrationBegan("sql", null, clock.nanos()));
        return later(() -> {
            MigrationResult result = runner.run(statements);
            journal.add(new Fact.MigrationEnded(
                    result.outcome().key(), result.attempts(), 1, result.state(), result.endNanos()));
            return result;
        });
    }

    /** A phase begins, for the recording and for the observer. */
    void phase(String name) {
        if (observer != null) {
            observer.phaseBegan(name);
        }
        journal.add(new Fact.PhaseBegan(name, clock.nanos()));
    }

    /** Returns when the observer's last look showed so many waiting sessions. */
    void awaitBlocked(int sessionsThatWait) {
        await(() -> blocked == sessionsThatWait, "the observer never saw " + sessionsThatWait + " waiting");
    }

    /** How many sessions waited at the observer's last look. */
    int blocked() {
        return (int) blocked;
    }

    /** Returns when the observer has read again which processes the server has. */
    void awaitActivity() {
        long before = connectionsSampled.get();
        // The one that comes first may have been asked for before.
        await(() -> connectionsSampled.get() >= before + 2, "the observer looked at no processes");
    }

    static void await(BooleanSupplier there, String otherwise) {
        long giveUp = System.nanoTime() + GIVE_UP.toNanos();
        while (!there.getAsBoolean()) {
            assertThat(System.nanoTime()).as(otherwise).isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
    }

    /** How often each probe has looked so far. */
    List<Pace> paces() {
        assertThat(observer).isNotNull();
        return observer.paces();
    }

    /** The longest that the lock table was not looked at, in milliseconds. */
    double worstLookMs() {
        return paces().stream()
                .filter(pace -> pace.probe().equals("lock waits"))
                .mapToDouble(Pace::worstPeriodMs)
                .max()
                .orElseThrow();
    }

    /** The wall time, in microseconds, of a moment that the recording names. */
    double wallMicros(double recordedMs) {
        Instant instant = clock.instantAt(baselineNanos + Math.round(recordedMs * 1e6));
        return ChronoUnit.NANOS.between(Instant.EPOCH, instant) / 1e3;
    }

    /** Ends the observation, as a rehearsal ends. */
    Recording finish() throws IOException {
        assertThat(observer).isNotNull();
        observer.finish();
        finished = true;
        journal.add(new Fact.Ended(clock.nanos(), null));
        journal.close();
        return Fold.of(folder);
    }

    @Override
    public void close() throws SQLException, IOException {
        if (observer != null) {
            observer.close();
        }
        if (!finished) {
            journal.close();
        }
        for (Connection connection : connections.keySet()) {
            connection.close();
        }
        threads.shutdownNow();
    }
}
