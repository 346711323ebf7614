package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.Recording.ServerFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A running server of either kind. */
final class StartedServer implements RunningServer {
    private static final String SESSION_NAME = "pgrehearse";
    private static final Duration READY_BOUND = Duration.ofMinutes(2);

    /** The shutdown checkpoint of a large {@code shared_buffers} on a slow disk takes minutes. */
    private static final Duration STOP_BOUND = Duration.ofMinutes(10);

    private static final Duration IMMEDIATE_BOUND = Duration.ofSeconds(5);
    private static final long POLL_MS = 20;

    private final String kind;
    private final DataDirectory directory;
    private final ServerSettings settings;
    private final ConnectionDetails superuser;
    private final Postmaster postmaster;
    private final CompletableFuture<String> died = new CompletableFuture<>();
    private boolean asked;
    private boolean ended;

    private StartedServer(
            String kind,
            DataDirectory directory,
            ServerSettings settings,
            ConnectionDetails superuser,
            Postmaster postmaster) {
        this.kind = kind;
        this.directory = directory;
        this.settings = settings;
        this.superuser = superuser;
        this.postmaster = postmaster;
    }

    /**
     * Waits until a server that was just started takes connections. Ends it when it does not.
     *
     * @param expectedDirectory {@code data_directory} as that server must tell it, so that a stranger on the same port
     *     is never taken for ours
     */
    static StartedServer awaited(
            String kind,
            DataDirectory directory,
            ServerSettings settings,
            ConnectionDetails superuser,
            Postmaster postmaster,
            String expectedDirectory) {
        StartedServer server = new StartedServer(kind, directory, settings, superuser, postmaster);
        try {
            server.awaitReady(expectedDirectory);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        CompletableFuture<Void> unused =
                postmaster.exit().handle((status, failure) -> server.noticeEnd(status, failure));
        return server;
    }

    private void awaitReady(String expectedDirectory) {
        long deadline = System.nanoTime() + READY_BOUND.toNanos();
        // The maintenance database exists before the rehearsed one does.
        ConnectionDetails maintenance = superuser.withDatabase("postgres");
        SQLException last = null;
        while (System.nanoTime() < deadline) {
            if (postmaster.exit().isDone()) {
                throw notStarted();
            }
            try (Connection session = maintenance.open(SESSION_NAME);
                    Statement statement = session.createStatement();
                    ResultSet row = statement.executeQuery("SELECT current_setting('data_directory')")) {
                row.next();
                if (row.getString(1).equals(expectedDirectory)) {
                    return;
                }
            } catch (SQLException e) {
                last = e;
            }
            pause();
        }
        throw new ServerProblem(
                "The server does not take connections within " + READY_BOUND.toSeconds() + " s ("
                        + (last == null ? "another server answers on its port" : last.getMessage())
                        + "). Its log:\n" + ServerLog.tail(postmaster.output()),
                "It has been ended.",
                "Look at the log above; a machine that is very busy may need another try.");
    }

    private ServerProblem notStarted() {
        String output = ServerLog.tail(postmaster.output());
        String culprit = settings.culprit(output);
        String state = "No server runs; the data directory is unchanged.";
        if (culprit == null) {
            return new ServerProblem(
                    "The server did not start. It says:\n" + output, state, "Look at the message above.");
        }
        return new SettingRefused(culprit, ServerLog.complaint(output), state);
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Waiting for the server's start", e);
        }
    }

    private synchronized @Nullable Void noticeEnd(@Nullable Integer status, @Nullable Throwable failure) {
        if (!asked) {
            String how = failure == null ? "with status " + status : "(" + failure.getMessage() + ")";
            died.complete("The server ended by itself " + how + ". The last lines of its log:\n"
                    + ServerLog.tail(postmaster.output()));
        }
        return null;
    }

    @Override
    public ConnectionDetails superuser() {
        return superuser;
    }

    @Override
    public ConnectionDetails app() {
        return superuser.withUser(DataDirectory.APP, directory.appPassword());
    }

    @Override
    public ServerFacts facts() {
        try (Connection session = superuser.open(SESSION_NAME)) {
            return EffectiveSettings.facts(session, kind);
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    @Override
    public List<SettingDifference> differences() {
        try (Connection session = superuser.open(SESSION_NAME)) {
            return EffectiveSettings.differences(session, settings.values());
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private static ServerProblem unreadable(SQLException e) {
        return new ServerProblem(
                "The server's settings cannot be read: " + e.getMessage(),
                "The server may still run.",
                "Look at the server's log.",
                e);
    }

    @Override
    public OptionalLong postmasterPid() {
        return postmaster.pid();
    }

    @Override
    public CompletableFuture<String> died() {
        return died.copy();
    }

    @Override
    public void stop() {
        synchronized (this) {
            if (ended) {
                return;
            }
            if (!asked && postmaster.exit().isDone()) {
                throw new ServerProblem(
                        "The server had ended before it was stopped. The last lines of its log:\n"
                                + ServerLog.tail(postmaster.output()),
                        "Its data directory is not clean and will not be copied.",
                        "Look at the log above, then run again.");
            }
            asked = true;
        }
        postmaster.signal("INT");
        int status = awaitStop();
        String unclean = status == 0 ? postmaster.settle(!settings.syncs()) : "its exit status is " + status;
        String log = unclean.isEmpty() ? "" : ServerLog.tail(postmaster.output());
        forget();
        if (!unclean.isEmpty()) {
            throw new ServerProblem(
                    "The server did not stop cleanly: " + unclean + ". The last lines of its log:\n" + log,
                    "It runs no more; its data directory will not be copied.",
                    "Run again; if this comes back, look at disk and memory.");
        }
    }

    private int awaitStop() {
        try {
            return postmaster.exit().get(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ServerProblem(
                    "The server has not stopped within " + STOP_BOUND.toMinutes() + " min.",
                    "It is still stopping; it will be killed when the tool ends.",
                    "Look at the disk: the shutdown checkpoint writes all of shared_buffers.",
                    e);
        } catch (ExecutionException e) {
            throw new ServerProblem(
                    "Nobody can tell whether the server has stopped: " + e.getMessage(),
                    "It may be running or not.",
                    "Run again.",
                    e);
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Stopping the server", e);
        }
    }

    private void forget() {
        synchronized (this) {
            ended = true;
        }
        postmaster.forget();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (ended) {
                return;
            }
            asked = true;
        }
        for (String signal : List.of("QUIT", "KILL")) {
            if (!postmaster.exit().isDone()) {
                postmaster.signal(signal);
            }
            if (hasEnded()) {
                break;
            }
        }
        forget();
    }

    private boolean hasEnded() {
        try {
            Integer unused = postmaster.exit().get(IMMEDIATE_BOUND.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            // The supervisor, or the engine, is gone: it has ended what it ran.
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
