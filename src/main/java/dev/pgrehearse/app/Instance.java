package dev.pgrehearse.app;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.scenario.AppSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * One running instance of the user's service: worker threads, a bounded accept queue, a HikariCP pool, and another one for
 * the standby where something runs there. Thread-safe.
 *
 * <p>A worker serves every try that it takes from the queue to its end, also when the client has given up meanwhile:
 * nobody tells it.
 */
final class Instance implements AutoCloseable {
    /** Enough for JDBC calls; hundreds of threads with the default of 1 MiB would reserve gigabytes. */
    private static final long WORKER_STACK_BYTES = 256 * 1024;

    private final String name;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final Diary diary;
    private final Answers answers;
    private final BlockingQueue<Job> accepted;
    private final Pool pool;
    private final @Nullable Pool standbyPool;
    private final List<Worker> workers = new ArrayList<>();
    private volatile boolean stopped;

    /** Who is told how tries end. Thread-safe. */
    interface Answers {
        void answered(Try attempt, Outcome outcome, long nanos);
    }

    /** Something for a worker to do. */
    sealed interface Job {}

    private record Serve(Try attempt) implements Job {}

    private record Answer(Probing probe) implements Job {}

    /**
     * A pool.
     *
     * @param direct whether its sessions are backends
     */
    private record Pool(HikariDataSource source, boolean direct) {
        static Pool open(String name, AppSpec app, ConnectionSource connections) {
            Properties properties = new Properties();
            properties.putAll(app.pool());
            HikariConfig configuration = new HikariConfig(properties);
            configuration.setPoolName(name);
            configuration.setDataSource(connections);
            return new Pool(new HikariDataSource(configuration), connections.direct());
        }
    }

    /**
     * Starts the workers and opens the pools.
     *
     * @param toStandby where the pool for the standby gets its connections; null when there is none
     * @param answers is given every try at the moment of its end
     * @throws PoolInitializationException when not even one connection can be opened, and
     *     the pool's {@code initializationFailTimeout} says that this matters
     */
    Instance(
            String name,
            AppSpec app,
            ConnectionSource connections,
            @Nullable ConnectionSource toStandby,
            RehearsalClock clock,
            Sessions sessions,
            Diary diary,
            Answers answers) {
        this.name = name;
        this.diary = diary;
        this.clock = clock;
        this.sessions = sessions;
        this.answers = answers;
        this.accepted = app.acceptQueue() == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(app.acceptQueue());
        this.pool = Pool.open(name, app, connections);
        try {
            this.standbyPool = toStandby == null ? null : Pool.open(StandbyFacts.poolOf(name), app, toStandby);
        } catch (PoolInitializationException refused) {
            pool.source().close();
            throw refused;
        }
        for (int i = 0; i < app.workers(); i++) {
            workers.add(new Worker(name + " worker " + i));
        }
        workers.forEach(worker -> worker.thread.start());
    }

    String name() {
        return name;
    }

    /** The pool's state, as HikariCP tells it now. */
    HikariPoolMXBean poolState() {
        return pool.source().getHikariPoolMXBean();
    }

    /** The same of the pool for the standby; null when there is none. */
    @Nullable
    HikariPoolMXBean standbyPoolState() {
        return standbyPool == null ? null : standbyPool.source().getHikariPoolMXBean();
    }

    /** How many workers wait for a connection. */
    int pending() {
        HikariPoolMXBean standby = standbyPoolState();
        return poolState().getThreadsAwaitingConnection()
                + (standby == null ? 0 : standby.getThreadsAwaitingConnection());
    }

    /** Takes the try into the queue; the outcome when it cannot: the queue is full, or nobody listens. Never blocks. */
    @Nullable
    Outcome offer(Try attempt) {
        return stopped ? Outcome.CONNECTION_LOST : accepted.offer(new Serve(attempt)) ? null : Outcome.QUEUE_REJECTED;
    }

    /** Takes the probe into the queue; false when it is full, or nobody listens. Never blocks. */
    boolean offer(Probing probe) {
        return !stopped && accepted.offer(new Answer(probe));
    }

    /** How many requests and probes wait for a worker. */
    int queued() {
        return accepted.size();
    }

    int workers() {
        return workers.size();
    }

    /** How many workers do something. */
    int busy() {
        return (int) workers.stream().filter(worker -> worker.busy).count();
    }

    /** How many workers do something for a client that waits for it no more. */
    int busyForNobody() {
        return (int) workers.stream().filter(Worker::servesNobody).count();
    }

    private final class Worker {
        private final Thread thread;
        private volatile boolean busy;
        private volatile @Nullable Try serving;

        Worker(String threadName) {
            thread = new Thread(null, this::work, threadName, WORKER_STACK_BYTES);
            thread.setDaemon(true);
        }

        boolean servesNobody() {
            Try now = serving;
            return now != null && now.isDecided();
        }

        private void work() {
            try {
                while (!stopped) {
                    Job job = accepted.take();
                    busy = true;
                    if (job instanceof Serve serve) {
                        serving = serve.attempt();
                        serveOrTell(serve.attempt());
                        serving = null;
                    } else if (job instanceof Answer answer) {
                        answer.probe().answer(pool.source());
                    }
                    busy = false;
                }
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A worker outlives what should not happen: else the service would lose one with each such request, and nobody knew. */
    private void serveOrTell(Try attempt) throws InterruptedException {
        try {
            serve(attempt);
        } catch (RuntimeException broken) {
            answers.answered(attempt, Outcome.SQL_ERROR, clock.nanos());
            diary.doubt(
                    "request-broken",
                    "A request of " + attempt.request().work().use().label()
                            + " could not be made at all, and counts as" + " sql_error: " + broken);
        }
    }

    private void serve(Try attempt) throws InterruptedException {
        attempt.dequeuedAt(clock.nanos());
        Pool asked = attempt.request().work().onStandby() ? Objects.requireNonNull(standbyPool) : pool;
        try (Connection connection = asked.source().getConnection()) {
            attempt.acquiredAt(clock.nanos());
            answers.answered(attempt, run(attempt.request(), connection, asked.direct(), attempt), clock.nanos());
        } catch (SQLException failure) {
            if (stopped
                    || Thread.currentThread().isInterrupted()
                    || pool.source().isClosed()) {
                throw new InterruptedException("the instance is closed");
            }
            answers.answered(attempt, Failures.outcomeOf(failure), clock.nanos());
        }
    }

    private Outcome run(Request request, Connection connection, boolean direct, Try attempt) throws SQLException {
        Work work = request.work();
        if (direct) {
            int pid = connection.unwrap(PGConnection.class).getBackendPID();
            sessions.begin(pid, work.use());
            attempt.servedBy(pid);
        }
        try {
            work.run(connection, request.number());
            return Outcome.OK;
        } catch (SQLException failure) {
            Outcome outcome = Failures.outcomeOf(failure);
            if (outcome == Outcome.SQL_ERROR) {
                diary.sqlError(work.use().label(), failure);
            }
            return outcome;
        } finally {
            attempt.sqlDoneAt(clock.nanos());
        }
    }

    /** Ends as a process does that is killed: its clients see their connections break, its sessions are cut. */
    void kill() {
        stopped = true;
        long now = clock.nanos();
        List<Job> waiting = new ArrayList<>();
        accepted.drainTo(waiting);
        for (Job job : waiting) {
            if (job instanceof Serve serve) {
                answers.answered(serve.attempt(), Outcome.CONNECTION_LOST, now);
            }
        }
        for (Worker worker : workers) {
            Try serving = worker.serving;
            if (serving != null) {
                answers.answered(serving, Outcome.CONNECTION_LOST, now);
            }
        }
        close();
    }

    /** Whether nothing waits and no worker does anything. */
    boolean isIdle() {
        return accepted.isEmpty() && busy() == 0;
    }

    /** Stops the workers and closes the pools; what is under way is cut off, and how it ends is not told. */
    @Override
    public void close() {
        stopped = true;
        workers.forEach(worker -> worker.thread.interrupt());
        pool.source().close();
        if (standbyPool != null) {
            standbyPool.source().close();
        }
    }
}
