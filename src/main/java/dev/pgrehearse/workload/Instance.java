package dev.pgrehearse.workload;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.scenario.AppSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.function.Consumer;
import org.postgresql.PGConnection;

/**
 * One instance of the user's service: worker threads, a bounded accept queue, a HikariCP pool. Thread-safe.
 *
 * <p>A worker serves every request that it takes from the queue to its end, also when the client has given up meanwhile:
 * nobody tells it.
 */
final class Instance implements AutoCloseable {
    /** Enough for JDBC calls; hundreds of threads with the default of 1 MiB would reserve gigabytes. */
    private static final long WORKER_STACK_BYTES = 256 * 1024;

    private final String name;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final List<Operation> operations;
    private final Consumer<RequestEntry> ended;
    private final BlockingQueue<Request> accepted;
    private final HikariDataSource pool;
    private final List<Thread> workers = new ArrayList<>();

    /**
     * Starts the workers and opens the pool.
     *
     * @param ended is given every entry of the request log, at the moment of its end
     */
    Instance(
            String name,
            AppSpec app,
            ConnectionDetails database,
            List<Operation> operations,
            RehearsalClock clock,
            Sessions sessions,
            Consumer<RequestEntry> ended) {
        this.name = name;
        this.clock = clock;
        this.sessions = sessions;
        this.operations = operations;
        this.ended = ended;
        this.accepted = app.acceptQueue() == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(app.acceptQueue());
        this.pool = new HikariDataSource(configuration(name, app, database));
        for (int i = 0; i < app.workers(); i++) {
            Thread worker = new Thread(null, this::work, name + " worker " + i, WORKER_STACK_BYTES);
            worker.setDaemon(true);
            worker.start();
            workers.add(worker);
        }
    }

    private static HikariConfig configuration(String name, AppSpec app, ConnectionDetails database) {
        Properties properties = new Properties();
        properties.putAll(app.pool());
        HikariConfig configuration = new HikariConfig(properties);
        configuration.setPoolName(name);
        configuration.setJdbcUrl(database.jdbcUrl());
        Properties driver = database.driverProperties("pgrehearse " + name);
        // Parameters go as text without a type, so that the server takes the type that the statement asks for.
        driver.setProperty("stringtype", "unspecified");
        driver.forEach((key, value) -> configuration.addDataSourceProperty((String) key, value));
        return configuration;
    }

    String name() {
        return name;
    }

    /** The pool's state, as HikariCP tells it now. */
    HikariPoolMXBean poolState() {
        return pool.getHikariPoolMXBean();
    }

    int poolSize() {
        return pool.getMaximumPoolSize();
    }

    /** Takes the request into the queue; false when the queue is full. Never blocks. */
    boolean offer(Request request) {
        return accepted.offer(request);
    }

    private void work() {
        try {
            while (true) {
                serve(accepted.take());
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Request request) throws InterruptedException {
        request.dequeuedAt(clock.nanos());
        Outcome outcome;
        try (Connection connection = pool.getConnection()) {
            request.acquiredAt(clock.nanos());
            outcome = run(request, connection);
            answer(request, outcome);
        } catch (SQLException failure) {
            if (Thread.currentThread().isInterrupted() || pool.isClosed()) {
                throw new InterruptedException("the instance is closed");
            }
            answer(request, Failures.outcomeOf(failure));
        }
    }

    private Outcome run(Request request, Connection connection) throws SQLException {
        Operation operation = operations.get(request.arrival().operation());
        sessions.begin(connection.unwrap(PGConnection.class).getBackendPID(), operation.use());
        try {
            operation.run(connection, request.arrival().number());
            return Outcome.OK;
        } catch (SQLException failure) {
            return Failures.outcomeOf(failure);
        } finally {
            request.sqlDoneAt(clock.nanos());
        }
    }

    private void answer(Request request, Outcome outcome) {
        long now = clock.nanos();
        RequestEntry entry = request.end(outcome, now);
        ended.accept(entry != null ? entry : request.lateWork(outcome, now));
    }

    /** Stops the workers and closes the pool; what is under way is cut off. Ends of requests after this are not told. */
    @Override
    public void close() {
        workers.forEach(Thread::interrupt);
        pool.close();
    }
}
