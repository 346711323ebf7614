package dev.pgrehearse.workload;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request under way. Its worker, its impatient client and the end of the rehearsal race for its outcome; whoever comes
 * first decides, so that it has exactly one.
 *
 * <p>The times are written by the one worker that serves it; the others may see a time that is a moment old, which only
 * makes them leave it out.
 */
final class Request {
    private final Arrival arrival;
    private final int instance;
    private final long intended;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile long dequeued = RequestEntry.NEVER;
    private volatile long acquired = RequestEntry.NEVER;
    private volatile long sqlDone = RequestEntry.NEVER;

    Request(Arrival arrival, int instance, long intended) {
        this.arrival = arrival;
        this.instance = instance;
        this.intended = intended;
    }

    Arrival arrival() {
        return arrival;
    }

    long intended() {
        return intended;
    }

    boolean hasEnded() {
        return ended.get();
    }

    void dequeuedAt(long nanos) {
        dequeued = nanos;
    }

    void acquiredAt(long nanos) {
        acquired = nanos;
    }

    void sqlDoneAt(long nanos) {
        sqlDone = nanos;
    }

    /** Ends it, unless it has ended already: then null. */
    @Nullable
    RequestEntry end(Outcome outcome, long nanos) {
        return ended.compareAndSet(false, true) ? entry(outcome, false, nanos) : null;
    }

    /** What its worker did after its client had given up. */
    RequestEntry lateWork(Outcome outcome, long nanos) {
        return entry(outcome, true, nanos);
    }

    private RequestEntry entry(Outcome outcome, boolean late, long responded) {
        return new RequestEntry(
                arrival.operation(), instance, outcome, late, 1, intended, dequeued, acquired, sqlDone, responded);
    }
}
