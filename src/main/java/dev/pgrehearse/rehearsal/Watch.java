package dev.pgrehearse.rehearsal;

import dev.pgrehearse.recording.Journal;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sees to it that a rehearsal does not go on without its server, what stands before it, its load, or its journal. */
record Watch(
        CompletableFuture<String> serverDied,
        CompletableFuture<String> entranceDied,
        CompletableFuture<String> loadBroken,
        Journal journal) {
    /** How long after its connections broke a server's end may become known. */
    private static final long DEATH_BOUND_SECONDS = 5;

    /**
     * Looks at all.
     *
     * @throws IOException when one of them is gone
     */
    void look() throws IOException {
        if (serverDied.isDone()) {
            throw new IOException(serverDied.join());
        }
        if (entranceDied.isDone()) {
            throw new IOException(entranceDied.join());
        }
        if (loadBroken.isDone()) {
            throw new IOException(loadBroken.join());
        }
        IOException failure = journal.failure();
        if (failure != null) {
            throw new IOException("the journal could not be written", failure);
        }
    }

    /**
     * Looks whether a failure is the server's death: its connections break before its end is known, so that is waited for.
     *
     * @param connectionLost whether the failure is that of a connection
     * @throws IOException when the server is gone
     */
    void lookAfter(boolean connectionLost) throws IOException, InterruptedException {
        if (connectionLost) {
            try {
                String unused = serverDied.get(DEATH_BOUND_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException alive) {
                // The connection alone was lost.
                return;
            } catch (ExecutionException unknown) {
                throw new IOException("nobody can tell whether the server lives", unknown);
            }
        }
        look();
    }
}
