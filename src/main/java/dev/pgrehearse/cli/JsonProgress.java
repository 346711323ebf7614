package dev.pgrehearse.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/** Progress for a program: each event as one line of JSON. Thread-safe. */
final class JsonProgress implements Progress {
    private final ObjectMapper json = new ObjectMapper();
    private final PrintStream out;

    JsonProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void report(ProgressEvent event) {
        try {
            out.println(json.writeValueAsString(event));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
