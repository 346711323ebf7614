package dev.pgrehearse.rehearsal;

import dev.pgrehearse.recording.Journal;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Sees to it that a rehearsal does not go on without its server or its journal. */
record Watch(CompletableFuture<String> serverDied, Journal journal) {
    /**
     * Looks at both.
     *
     * @throws IOException when one of them is gone
     */
    void look() throws IOException {
        if (serverDied.isDone()) {
            throw new IOException("the server died while it was rehearsed on. The last lines of its log: "
                    + serverDied.getNow("(none)"));
        }
        IOException failure = journal.failure();
        if (failure != null) {
            throw new IOException("the journal could not be written", failure);
        }
    }
}
