package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

/**
 * Work spread over a few sessions, which stops when its caller is interrupted.
 *
 * <p>A thread that waits for a socket does not notice an interrupt; so the work runs in threads of its own while the
 * caller waits, and to stop it the caller cancels what the server is doing for it.
 */
final class LoadSessions {
    private static final long CANCEL_AGAIN_MILLIS = 200;

    /** A piece of work in one session, in auto-commit mode at its start and end. */
    @FunctionalInterface
    interface Work {
        void run(Connection connection) throws SQLException, DatasetException, InterruptedException;
    }

    private final ConnectionDetails details;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();

    LoadSessions(ConnectionDetails details) {
        this.details = details;
    }

    /** Runs one piece of work. */
    void run(Work work) throws SQLException, DatasetException, InterruptedException {
        run(1, List.of(work));
    }

    /**
     * Runs pieces of work, begun in their order, in up to {@code streams} sessions at a time. All sessions are closed
     * when this returns, also by an exception: the first failure, or the caller's interruption, ends the others.
     */
    void run(int streams, List<Work> works) throws SQLException, DatasetException, InterruptedException {
        Queue<Work> waiting = new ConcurrentLinkedQueue<>(works);
        int threads = Math.min(streams, works.size());
        if (threads == 0) {
            return;
        }
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "dataset session");
            thread.setDaemon(true);
            return thread;
        });
        try {
            ExecutorCompletionService<Boolean> ends = new ExecutorCompletionService<>(executor);
            for (int thread = 0; thread < threads; thread++) {
                ends.submit(() -> {
                    inSession(waiting);
                    return true;
                });
            }
            for (int thread = 0; thread < threads; thread++) {
                ends.take().get();
            }
        } catch (ExecutionException failed) {
            throwAsItWas(Objects.requireNonNullElse(failed.getCause(), failed));
        } finally {
            stop(executor);
        }
    }

    private void inSession(Queue<Work> waiting) throws SQLException, DatasetException, InterruptedException {
        try (Connection connection = details.open("pgrehearse dataset")) {
            open.add(connection);
            try {
                configure(connection);
                for (Work work = waiting.poll(); work != null; work = waiting.poll()) {
                    work.run(connection);
                    if (Thread.currentThread().isInterrupted()) {
                        throw new InterruptedException();
                    }
                }
            } finally {
                open.remove(connection);
            }
        }
    }

    /** What a production setting may forbid and a load needs. */
    private static void configure(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String timeout : List.of("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")) {
                statement.execute("set " + timeout + " = 0");
            }
            statement.execute("set default_transaction_read_only = off");
            statement.execute("set client_min_messages = error");
        }
    }

    /** Cancels again and again: a request that comes between two statements is lost. */
    private void stop(ExecutorService executor) {
        executor.shutdownNow();
        boolean interrupted = Thread.interrupted();
        boolean ended = false;
        while (!ended) {
            for (Connection connection : List.copyOf(open)) {
                cancel(connection);
            }
            try {
                ended = executor.awaitTermination(CANCEL_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void cancel(Connection connection) {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException gone) {
            // The session or the server is gone, so there is nothing left to cancel; its thread gets the error.
            return;
        }
    }

    private static void throwAsItWas(Throwable cause) throws SQLException, DatasetException, InterruptedException {
        if (cause instanceof SQLException sql) {
            throw sql;
        }
        if (cause instanceof DatasetException dataset) {
            throw dataset;
        }
        if (cause instanceof InterruptedException interrupted) {
            throw interrupted;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException(cause);
    }
}
