package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.Recording.ServerFacts;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A PostgreSQL server that runs, on 127.0.0.1 only. Thread-safe. */
public interface RunningServer extends AutoCloseable {
    /** The superuser in the database {@value DataDirectory#DATABASE}. */
    ConnectionDetails superuser();

    /** The application's role in the same database. */
    ConnectionDetails app();

    /**
     * Version, build, and the effective settings as SHOW prints them: those that differ from the server's built-in
     * defaults, and always those that decide about durability. Paths and the port are left out. Opens a session.
     */
    ServerFacts facts();

    /** Settings that are not what was asked for, by name; normally none. Opens a session. */
    List<SettingDifference> differences();

    /** The postmaster's process on this machine; empty when it cannot be seen from here. */
    OptionalLong postmasterPid();

    /** Completes when the server ends without having been asked to, with the last lines of its log. */
    CompletableFuture<String> died();

    /**
     * Stops it by a fast shutdown; afterwards its data directory is clean and on disk. Nothing happens when it has been
     * stopped already.
     *
     * @throws ServerProblem if it had died, or did not stop cleanly
     */
    void stop();

    /**
     * Ends it at once when it still runs (an immediate shutdown): its data directory cannot be copied afterwards. After
     * {@link #stop} nothing happens.
     */
    @Override
    void close();
}
