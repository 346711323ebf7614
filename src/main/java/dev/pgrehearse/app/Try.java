package dev.pgrehearse.app;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One try of a request at one instance. Its worker, its impatient client and the end of the rehearsal race for its outcome;
 * whoever comes first decides.
 *
 * <p>The times are written by the one worker that serves it; the others may see a time that is a moment old, which only
 * makes them leave it out.
 */
final class Try {
    private final Request request;
    private final int number;
    private final int instance;
    private final long started;
    private final AtomicBoolean decided = new AtomicBoolean();
    private volatile long dequeued = RequestEntry.NEVER;
    private volatile long acquired = RequestEntry.NEVER;
    private volatile long sqlDone = RequestEntry.NEVER;
    private volatile int pid = RequestEntry.NO_BACKEND;

    /**
     * A try that begins.
     *
     * @param number from 1
     * @param instance that it is sent to; 0 when there is none
     * @param started when its client began to wait, on the rehearsal's clock: the first try's with the intended arrival
     */
    Try(Request request, int number, int instance, long started) {
        this.request = request;
        this.number = number;
        this.instance = instance;
        this.started = started;
    }

    Request request() {
        return request;
    }

    int number() {
        return number;
    }

    int instance() {
        return instance;
    }

    long started() {
        return started;
    }

    /** Whether its client has an answer, or waits for none any more. */
    boolean isDecided() {
        return decided.get();
    }

    /** True for the one caller that decides it. */
    boolean decide() {
        return decided.compareAndSet(false, true);
    }

    void dequeuedAt(long nanos) {
        dequeued = nanos;
    }

    void acquiredAt(long nanos) {
        acquired = nanos;
    }

    /** Which backend its connection belongs to; not told where nobody knows. */
    void servedBy(int backend) {
        pid = backend;
    }

    void sqlDoneAt(long nanos) {
        sqlDone = nanos;
    }

    long dequeued() {
        return dequeued;
    }

    long acquired() {
        return acquired;
    }

    long sqlDone() {
        return sqlDone;
    }

    int pid() {
        return pid;
    }

    /** Whether a worker's SQL for it has ended. */
    boolean served() {
        return acquired != RequestEntry.NEVER && sqlDone != RequestEntry.NEVER;
    }

    /** What its worker did for nobody, or for a client that tried again after it. */
    RequestEntry lateWork(Outcome outcome, long nanos) {
        return request.entry(this, RequestEntry.Kind.WORK, outcome, nanos);
    }

    /** What its client, who tries again, had of it. */
    RequestEntry failed(Outcome outcome, long nanos) {
        return request.entry(this, RequestEntry.Kind.EARLIER_TRY, outcome, nanos);
    }
}
