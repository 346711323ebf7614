package dev.pgrehearse.restore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The lines of a dump that are SQL: not those that hold the rows of a COPY. A line may be as long as a row is. */
final class SqlLines {
    /** Of a longer line, which holds data, the beginning is enough. */
    private static final int KEPT = 8192;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final String END_OF_ROWS = "\\.";

    private final Consumer<String> lines;
    private final byte[] line = new byte[KEPT];
    private int length;
    private boolean inRows;
    private long bytes;

    private SqlLines(Consumer<String> lines) {
        this.lines = lines;
    }

    /**
     * Reads to the end.
     *
     * @return how many bytes there were
     */
    static long read(InputStream in, Consumer<String> lines) throws IOException {
        return new SqlLines(lines).read(in);
    }

    private long read(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            bytes += read;
            for (int index = 0; index < read; index++) {
                if (buffer[index] == '\n') {
                    end();
                } else if (length < KEPT) {
                    line[length++] = buffer[index];
                }
            }
        }
        if (length > 0) {
            end();
        }
        return bytes;
    }

    private void end() {
        if (inRows) {
            inRows = !(length == END_OF_ROWS.length() && text().equals(END_OF_ROWS));
        } else {
            String text = text();
            lines.accept(text);
            inRows = text.startsWith("COPY ") && text.stripTrailing().endsWith(" FROM stdin;");
        }
        length = 0;
    }

    private String text() {
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }
}
