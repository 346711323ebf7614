package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.migration.Cleaning;
import dev.pgrehearse.migration.Migration;
import dev.pgrehearse.migration.MigrationListener;
import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.migration.MigrationRunner;
import dev.pgrehearse.migration.MigrationSettings;
import dev.pgrehearse.migration.RunOutcome;
import dev.pgrehearse.migration.ServerTimeZone;
import dev.pgrehearse.migration.StatementRun;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.scenario.MigrationSpec;
import dev.pgrehearse.server.RunningServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a migration on a thread of its own, so that the caller's goes on to watch, and can be interrupted. Stateless. */
final class MigrationThread {
    private static final long LOOK_MILLIS = 100;

    private MigrationThread() {}

    /** What is looked after meanwhile, ten times a second. */
    interface Watching {
        /**
         * Looks.
         *
         * @throws IOException when the migration need not go on
         */
        void look() throws IOException, InterruptedException;
    }

    /** A runner for a server, with the session settings that the specification asks for. */
    static MigrationRunner runner(
            RunningServer server,
            MigrationSpec spec,
            RehearsalClock clock,
            Sessions sessions,
            MigrationListener listener)
            throws SQLException {
        try (Connection superuser = server.superuser().open("pgrehearse migration settings")) {
            MigrationSettings settings = MigrationSettings.of(
                    spec, ServerTimeZone.of(superuser, server.app().user()));
            return new MigrationRunner(server.app(), server.superuser(), settings, clock, sessions, listener);
        }
    }

    /** Runs it to its end; when this thread is interrupted, or the watching throws, the migration is ended first. */
    static MigrationResult run(MigrationRunner runner, Migration migration, Cleaning cleaning, Watching watching)
            throws IOException, InterruptedException {
        CompletableFuture<MigrationResult> running = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        running.complete(runner.run(migration, cleaning));
                    } catch (RuntimeException failure) {
                        running.completeExceptionally(failure);
                    }
                },
                "migration");
        thread.setDaemon(true);
        thread.start();
        try {
            while (true) {
                watching.look();
                try {
                    return running.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException goesOn) {
                    // It is looked after again.
                }
            }
        } catch (ExecutionException failure) {
            throw new IOException("the migration could not be run: " + Faults.inWords(failure), failure.getCause());
        } finally {
            if (thread.isAlive()) {
                runner.interrupt();
                thread.join(TimeUnit.SECONDS.toMillis(10));
            }
        }
    }

    /** A full disk of this machine, or a session that somebody ended, is no verdict on the migration. */
    static void requireOwnFailure(MigrationResult result, FactSink facts) throws IOException {
        List<StatementRun> runs = result.runs();
        if (result.outcome() != RunOutcome.FAILED || runs.isEmpty()) {
            return;
        }
        StatementRun last = runs.get(runs.size() - 1);
        if (!SqlState.meansFault(last.sqlState())) {
            return;
        }
        if (SqlState.meansConnectionLost(last.sqlState())) {
            // When one process of a server crashes, the server ends all sessions.
            facts.add(new Fact.Happened(
                    last.endNanos(),
                    Fact.Happened.SERVER_DIED,
                    "the migration's session was lost, the server goes on"));
        }
        throw new IOException(
                "the migration was ended by a fault of the server or its machine, and not by what it does: "
                        + result.fault() + ". The database then: " + result.state());
    }
}
