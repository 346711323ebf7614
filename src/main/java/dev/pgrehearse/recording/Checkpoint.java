package dev.pgrehearse.recording;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint, as the server's log tells it.
 *
 * @param startMs when it began
 * @param endMs when it was complete; null when the recording ended first
 * @param cause the log's words: {@code time}, {@code wal}, or how it was asked for, such as {@code fast force wait}
 * @param forced whether it came before its time: not {@code time}
 * @param blocks how many it wrote; null when its end was not seen
 * @param phase in which it began
 * @param statement the migration's statement that ran when it began, such as {@code statement 2}; null when none did
 */
public record Checkpoint(
        double startMs,
        @Nullable Double endMs,
        String cause,
        boolean forced,
        @Nullable Long blocks,
        @Nullable String phase,
        @Nullable String statement) {}
