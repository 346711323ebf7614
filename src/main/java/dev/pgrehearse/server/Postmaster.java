package dev.pgrehearse.server;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** The main process of a server, however it runs. */
interface Postmaster {
    /** Completes with the exit status; exceptionally when nobody can tell any more. */
    CompletableFuture<Integer> exit();

    /** Sends {@code INT} for a fast shutdown, {@code QUIT} for an immediate one, {@code KILL}. */
    void signal(String signal);

    /** What the server wrote since it was started: its standard error, then its log. */
    String output();

    /** Its process on this machine, when that can be seen. */
    OptionalLong pid();

    /**
     * Checks a data directory whose server has ended.
     *
     * @param sync whether it must be synced to disk first
     * @return why it is not clean; empty when it is
     */
    String settle(boolean sync);

    /** Removes what belonged to the process alone. It has ended. */
    void forget();
}
