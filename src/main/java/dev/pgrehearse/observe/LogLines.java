package dev.pgrehearse.observe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts what is read of a log into its records. One of csvlog may go over several lines: a line's end within quotes is none
 * of the record's. Used by one thread.
 */
final class LogLines {
    /** Longer records are not ours. */
    private static final int RECORD_BYTES = 16 << 20;

    private final boolean quoted;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private boolean withinQuotes;
    private long tooLong;

    /**
     * A cutter.
     *
     * @param quoted whether a record may hold line ends within quotes, as csvlog's do
     */
    LogLines(boolean quoted) {
        this.quoted = quoted;
    }

    /** The records that end within the next bytes. */
    List<String> take(byte[] bytes) {
        List<String> records = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (quoted && bytes[i] == '"') {
                // A quote within a value is written twice, which changes nothing here.
                withinQuotes = !withinQuotes;
            }
            if (bytes[i] == '\n' && !withinQuotes) {
                partial.write(bytes, from, i - from);
                records.add(partial.toString(StandardCharsets.UTF_8));
                partial.reset();
                from = i + 1;
            }
        }
        partial.write(bytes, from, bytes.length - from);
        if (partial.size() > RECORD_BYTES) {
            tooLong++;
            beginAnew();
        }
        return records;
    }

    /** What comes next is the begin of a record. */
    void beginAnew() {
        partial.reset();
        withinQuotes = false;
    }

    /** Records that were left out because they were too long. */
    long tooLong() {
        return tooLong;
    }
}
