package dev.pgrehearse.migration;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.MigrationSpec;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs one migration once, in one session, as psql would: auto-commit, the script's own transactions honoured, the first
 * error is the end.
 *
 * <p>What is not psql's doing: a single change of the schema outside a transaction gets a transaction of ours around it,
 * so that its locks can be read before the commit; a failure for a lock (55P03, 40P01) is tried again if the settings say
 * so; a transaction that the script leaves open is a failure, not a silent loss.
 *
 * <p>{@link #run} is called once, by one thread; {@link #interrupt} by any.
 */
public final class MigrationRunner {
    /** How often a cancel request is repeated: one that arrives between two statements is lost. */
    static final long CANCEL_AGAIN_MILLIS = 100;

    /** After which a server that does not heed cancel requests is left alone, and the connection cut. */
    static final Duration CANCEL_BOUND = Duration.ofSeconds(10);

    /** No change of the schema, however futile: event triggers would hear of it. */
    private static final String PRACTICE = "BEGIN; SELECT 1; ROLLBACK; SELECT 1";

    private final ConnectionDetails where;
    private final ConnectionDetails superuser;
    private final MigrationSettings settings;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final MigrationListener listener;
    private final Pause pause;

    private final AtomicBoolean started = new AtomicBoolean();
    private final Brake brake = new Brake();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile @Nullable Execution execution;

    /**
     * A runner that pauses for the settings' backoff between tries.
     *
     * @param where the migration's own sessions
     * @param superuser who ends a backend that heeds no cancel request, after its connection was cut
     */
    public MigrationRunner(
            ConnectionDetails where,
            ConnectionDetails superuser,
            MigrationSettings settings,
            RehearsalClock clock,
            Sessions sessions,
            MigrationListener listener) {
        this(where, superuser, settings, clock, sessions, listener, Pause.FOR_BACKOFF);
    }

    /** A runner with a pause of the caller's. */
    public MigrationRunner(
            ConnectionDetails where,
            ConnectionDetails superuser,
            MigrationSettings settings,
            RehearsalClock clock,
            Sessions sessions,
            MigrationListener listener,
            Pause pause) {
        this.where = where;
        this.superuser = superuser;
        this.settings = settings;
        this.clock = clock;
        this.sessions = sessions;
        this.listener = listener;
        this.pause = pause;
    }

    /**
     * Before anything is measured: lets the server's log tell how long statements of the migration's role take, and runs a few that
     * change nothing, in a session of their own. A program runs what it has not run before many times slower, and the first
     * statement of a migration, which may be the only one, and take a millisecond, is not to pay for that. When it fails nothing is
     * amiss yet: what is wrong with such a session the migration's own will tell, and without the log there is the client's clock.
     */
    public static void prepare(ConnectionDetails where, ConnectionDetails superuser) {
        allowDurationLog(where, superuser);
        try {
            MigrationSettings settings = new MigrationSettings(null, null, "UTC", MigrationSpec.Retries.NONE);
            new MigrationRunner(
                            where,
                            superuser,
                            settings,
                            RehearsalClock.start(),
                            new Sessions(),
                            MigrationListener.SILENT)
                    .run(ScriptSplitter.split("practice", PRACTICE));
        } catch (ScriptMistakes impossible) {
            throw new IllegalStateException("the practice is SQL", impossible);
        }
    }

    private static void allowDurationLog(ConnectionDetails where, ConnectionDetails superuser) {
        try {
            DurationLog.allow(superuser, where.user());
        } catch (SQLException refused) {
            // Times are the client's then, as before PostgreSQL 15.
            return;
        }
    }

    /**
     * Runs the statements to the end, to the first error, or until interrupted. Failures of SQL and of the connection are
     * the result's, and never thrown.
     *
     * @throws IllegalStateException when called a second time
     */
    public MigrationResult run(List<SqlStatement> statements) {
        return run(Migration.of(statements), Cleaning.NONE);
    }

    /**
     * Runs the steps to the end, to the first error, or until stopped or interrupted; after a stop of the whole, the
     * cleaning. Failures of SQL and of the connection are the result's, and never thrown.
     *
     * @throws IllegalStateException when called a second time
     */
    public MigrationResult run(Migration migration, Cleaning cleaning) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("a MigrationRunner runs once");
        }
        try (Execution opened = new Execution(
                its -> MigrationSession.open(where, its), settings, clock, sessions, listener, pause, brake)) {
            execution = opened;
            return new MigrationRun(opened, superuser, migration, cleaning).run();
        } catch (SQLException failure) {
            long now = clock.nanos();
            return new MigrationResult(
                    RunOutcome.FAILED,
                    0,
                    "nothing was run: no session could be opened: " + failure.getMessage(),
                    "the migration's session on " + where.host() + ":" + where.port() + " could not be opened: "
                            + failure.getMessage(),
                    now,
                    now,
                    List.of(),
                    null);
        } finally {
            finished.countDown();
        }
    }

    /**
     * Ends the migration: cancels the statement that is running, or the pause. Returns when {@link #run} is over; when the
     * server has not heeded the cancel requests for 10 s, the connection is cut. Nothing to wait for before
     * {@link #run} was called, which then runs nothing.
     */
    public void interrupt() {
        brake.interrupt();
        if (!started.get()) {
            return;
        }
        long start = System.nanoTime();
        try {
            while (!finished.await(CANCEL_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                MigrationSession running = running();
                if (running == null) {
                    continue;
                }
                if (System.nanoTime() - start > CANCEL_BOUND.toNanos()) {
                    abort(running);
                    return;
                }
                cancel(running);
            }
        } catch (InterruptedException impatient) {
            MigrationSession running = running();
            if (running != null) {
                abort(running);
            }
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable MigrationSession running() {
        Execution opened = execution;
        return opened == null ? null : opened.session();
    }

    private static void cancel(MigrationSession running) {
        try {
            running.cancel();
        } catch (SQLException unreachable) {
            // A server that takes no cancel request now may take the next one; past the bound the connection is cut,
            // and the result says that the state is unknown.
            return;
        }
    }

    private static void abort(MigrationSession running) {
        try {
            running.abort();
        } catch (SQLException alreadyGone) {
            // Then nobody waits for it any more.
            return;
        }
    }
}
