package dev.pgrehearse.workload;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.scenario.AdversarySpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A heavy writer that comes again and again, in one session, each run in one transaction. */
final class BatchJob implements Adversary {
    /** Rows that the job's own statement writes anew. */
    private static final int ROWS = 10_000;

    private final AdversarySpec spec;
    private final AdversaryGround ground;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final Connection connection;
    private final AdversaryEvents events;
    private final int pid;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CompletableFuture<Long> planted = new CompletableFuture<>();
    private volatile Runs runs = new Runs(0, 0, 0, false);
    private volatile boolean closed;

    /** Its runs so far; the last of those that ended may have failed. */
    private record Runs(int begun, int committed, int failed, boolean lastFailed) {
        Runs begin() {
            return new Runs(begun + 1, committed, failed, lastFailed);
        }

        Runs commit() {
            return new Runs(begun, committed + 1, failed, false);
        }

        Runs fail() {
            return new Runs(begun, committed, failed + 1, true);
        }

        /** One was committed or is running, and the last that ended did not fail. */
        boolean atWork() {
            return begun > failed && !lastFailed;
        }

        String inWords() {
            int running = begun - committed - failed;
            return begun + (begun == 1 ? " run" : " runs") + " begun, " + committed + " committed"
                    + (failed == 0 ? "" : ", " + failed + " failed")
                    + (running == 0 ? "" : ", one is running")
                    + (lastFailed ? "; the last that ended failed" : "");
        }
    }

    private BatchJob(AdversarySpec spec, AdversaryGround ground, Connection connection, AdversaryEvents events)
            throws SQLException {
        this.spec = spec;
        this.ground = ground;
        this.clock = ground.clock();
        this.sessions = ground.sessions();
        this.connection = connection;
        this.events = events;
        this.pid = connection.unwrap(PGConnection.class).getBackendPID();
    }

    static BatchJob plant(AdversarySpec spec, AdversaryGround ground, AdversaryEvents events) throws SQLException {
        Connection connection = ground.app().open("pgrehearse adversary", Map.of("preferQueryMode", "simple"));
        BatchJob job = new BatchJob(spec, ground, connection, events);
        job.sessions.begin(
                job.pid, new Sessions.Use(Sessions.Role.ADVERSARY, spec.kind().key()));
        Thread thread = new Thread(job::work, "adversary batchJob");
        thread.setDaemon(true);
        thread.start();
        return job;
    }

    private void work() {
        Duration every = Objects.requireNonNull(spec.every(), "a batch job has a period");
        try (connection;
                BackendWatch watch = BackendWatch.of(pid, ground, closing)) {
            connection.setAutoCommit(false);
            String given = spec.sql();
            String sql = given != null ? given : RowsAgain.sql(connection, spec.table(), ROWS);
            long begun = clock.nanos();
            long end = begun + spec.lasts().toNanos();
            planted.complete(begun);
            for (long due = begun; due < end && !closed; due = Math.max(due + every.toNanos(), clock.nanos())) {
                switch (watch.await(due)) {
                    case TIME_OVER -> run(sql);
                    case CLOSING -> {
                        return;
                    }
                    case BACKEND_GONE -> throw new SQLException("its session was ended between two runs");
                }
            }
        } catch (SQLException failure) {
            planted.completeExceptionally(failure);
            if (!closed) {
                events.told(
                        AdversaryEvents.FAILED,
                        "The batch job on " + spec.table() + " did not stay its time: " + failure.getMessage());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            sessions.end(pid);
            events.gone(clock.nanos());
        }
    }

    /** One run; when it fails by itself it is told, and the next one comes all the same. */
    private void run(String sql) throws SQLException {
        long begun = clock.nanos();
        runs = runs.begin();
        String name = "The batch job on " + spec.table() + ", run " + runs.begun();
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            long rows = Math.max(0, statement.getLargeUpdateCount());
            connection.commit();
            runs = runs.commit();
            events.told(
                    AdversaryEvents.BATCH_RUN,
                    name + ", wrote " + rows + (rows == 1 ? " row in " : " rows in ") + millisSince(begun) + " ms.");
        } catch (SQLException failure) {
            if (SqlState.meansConnectionLost(failure.getSQLState())) {
                throw failure;
            }
            if (!closed) {
                runs = runs.fail();
                events.told(
                        AdversaryEvents.BATCH_RUN_FAILED,
                        name + ", failed after " + millisSince(begun) + " ms: " + failure.getMessage());
                connection.rollback();
            }
        }
    }

    private long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - nanos);
    }

    @Override
    public AdversarySpec spec() {
        return spec;
    }

    @Override
    public Integer pid() {
        return pid;
    }

    @Override
    public @Nullable Long plantedNanos() {
        return planted.isCompletedExceptionally() ? null : planted.getNow(null);
    }

    @Override
    public String remark() {
        return runs.inWords();
    }

    @Override
    public boolean atWork() {
        return runs.atWork();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        closing.countDown();
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException alreadyGone) {
            planted.completeExceptionally(alreadyGone);
        }
    }
}
