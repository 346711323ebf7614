package dev.pgrehearse.workload;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;

/** Counts what ends between two pulses. {@link #count} is thread-safe and wait-free; {@link #take} has one caller. */
final class PulseCounter {
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Recorder response = new Recorder(SIGNIFICANT_DIGITS);
    private final LongAdder ok = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private long since;

    PulseCounter(long sinceNanos) {
        this.since = sinceNanos;
    }

    void count(RequestEntry entry) {
        if (!entry.isRequest()) {
            return;
        }
        response.recordValue(entry.responseNanos() / 1_000);
        (entry.outcome() == Outcome.OK ? ok : errors).increment();
    }

    Pulse take(long nowNanos, int pending) {
        Pulse pulse = new Pulse(
                since, nowNanos, response.getIntervalHistogram(), ok.sumThenReset(), errors.sumThenReset(), pending);
        since = nowNanos;
        return pulse;
    }
}
