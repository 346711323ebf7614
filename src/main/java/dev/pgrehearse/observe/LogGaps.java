package dev.pgrehearse.observe;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** When the server's log could not be read, and why: each such span becomes an event, all together a doubt. One thread. */
final class LogGaps {
    /** Spans written as events; the doubt counts them all. */
    private static final int EVENTS = 20;

    private final Doubts doubts;
    private long sinceNanos = -1;
    private @Nullable String why;
    private long count;
    private long firstNanos;
    private long lastNanos;

    LogGaps(Doubts doubts) {
        this.doubts = doubts;
    }

    /** It cannot be read; what was written after {@code sinceNanos} is not known. Until {@link #readAgain}. */
    void lost(long since, String reason) {
        if (sinceNanos < 0) {
            sinceNanos = since;
            why = reason;
        }
    }

    void readAgain(long atNanos) {
        String reason = why;
        if (sinceNanos >= 0 && reason != null) {
            span(sinceNanos, atNanos, reason);
            sinceNanos = -1;
        }
    }

    /** What was written in that time may be lost. */
    void span(long fromNanos, long toNanos, String reason) {
        if (count == 0) {
            firstNanos = fromNanos;
        }
        count++;
        lastNanos = toNanos;
        why = reason;
        if (count <= EVENTS) {
            doubts.happened(
                    fromNanos,
                    "observer",
                    String.format(
                            Locale.ROOT,
                            "the server's log could not be read for %.0f ms: %s",
                            (toNanos - fromNanos) / 1e6,
                            reason));
        }
    }

    void report(long nowNanos, String accuracy) {
        readAgain(nowNanos);
        if (count > 0) {
            doubts.raise(
                    "server-log-lost",
                    "The server's log could not be read " + (count == 1 ? "" : count + " times ") + "between "
                            + doubts.when(firstNanos) + " and " + doubts.when(lastNanos) + ": " + why
                            + ". Of that time:"
                            + accuracy);
        }
    }
}
