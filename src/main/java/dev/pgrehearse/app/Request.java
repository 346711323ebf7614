package dev.pgrehearse.app;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants once: tried at an instance, and, where its client retries, at further ones. It ends exactly once, with
 * the outcome of its last try. Thread-safe.
 */
public final class Request {
    private final long number;
    private final int operation;
    private final Work work;
    private final long intended;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * A request that nobody has tried yet.
     *
     * @param number from 0, in the schedule's order
     * @param operation its number in the request log
     * @param intended when it is to arrive, on the rehearsal's clock
     */
    public Request(long number, int operation, Work work, long intended) {
        this.number = number;
        this.operation = operation;
        this.work = work;
        this.intended = intended;
    }

    long number() {
        return number;
    }

    Work work() {
        return work;
    }

    long intended() {
        return intended;
    }

    boolean hasEnded() {
        return ended.get();
    }

    /** Ends it with what became of its last try, unless it has ended already: then null. */
    @Nullable
    RequestEntry end(Try last, Outcome outcome, long nanos) {
        return ended.compareAndSet(false, true) ? entry(last, RequestEntry.Kind.REQUEST, outcome, nanos) : null;
    }

    RequestEntry entry(Try of, RequestEntry.Kind kind, Outcome outcome, long responded) {
        return new RequestEntry(
                operation,
                of.instance(),
                kind,
                outcome,
                of.number(),
                intended,
                of.dequeued(),
                of.acquired(),
                of.sqlDone(),
                responded,
                of.started(),
                of.pid());
    }
}
