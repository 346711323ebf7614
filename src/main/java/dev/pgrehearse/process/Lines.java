package dev.pgrehearse.process;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Messages as JSON lines over a pipe. Writing is thread-safe; reading belongs to one thread. */
final class Lines {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final OutputStream out;
    private final BufferedReader in;

    Lines(InputStream in, OutputStream out) {
        this.out = out;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** Writes one message as one line, in one write, so that a killed writer leaves at most one broken last line. */
    void write(Class<?> kind, Object message) throws IOException {
        byte[] line = (MAPPER.writerFor(kind).writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            out.write(line);
            out.flush();
        }
    }

    /** The next message; null at the end of the pipe. */
    <T> @Nullable T read(Class<T> kind) throws IOException {
        String line = in.readLine();
        return line == null ? null : MAPPER.readValue(line, kind);
    }
}
