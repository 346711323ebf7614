package dev.pgrehearse.recording;

/**
 * One request's way through the application, as the request log holds it; or what else is told of a try of it.
 *
 * <p>Times are nanoseconds of the rehearsal's clock; {@link #NEVER} where the request did not get that far.
 *
 * @param operation its number in {@link Fact.LoadBegan#operations()}
 * @param instance the instance that it was sent to
 * @param kind what the entry tells
 * @param outcome how it ended for its client
 * @param attempts how often the client tried; of work and of an earlier try which one it was, from 1
 * @param intended when it was to arrive
 * @param dequeued when a worker took it
 * @param acquired when it had a connection
 * @param sqlDone when its SQL was done
 * @param responded when its client had the answer, or gave up, or (unfinished) when the rehearsal ended
 * @param tried when its last try began: {@code intended}, unless its client tried again
 * @param pid the backend of its connection; {@link #NO_BACKEND} when it had none, or a pooler does not tell which
 */
public record RequestEntry(
        int operation,
        int instance,
        Kind kind,
        Outcome outcome,
        int attempts,
        long intended,
        long dequeued,
        long acquired,
        long sqlDone,
        long responded,
        long tried,
        int pid) {
    /** What an entry tells. */
    public enum Kind {
        /** A request, with its last try: exactly one for each. */
        REQUEST,
        /** What a worker did for nobody, or for a client that tried again after it: tells the service time only. */
        WORK,
        /**
         * A try before the last, as its client saw it: until it failed, or the client would not wait for it any longer. None of one that
         * was refused at once.
         */
        EARLIER_TRY
    }

    /** In place of a time: it did not happen. */
    public static final long NEVER = -1;

    /** In place of a process id. */
    public static final int NO_BACKEND = 0;

    /** A request of one try, of which no backend is known. */
    public RequestEntry(
            int operation,
            int instance,
            Outcome outcome,
            int attempts,
            long intended,
            long dequeued,
            long acquired,
            long sqlDone,
            long responded) {
        this(
                operation,
                instance,
                Kind.REQUEST,
                outcome,
                attempts,
                intended,
                dequeued,
                acquired,
                sqlDone,
                responded,
                intended,
                NO_BACKEND);
    }

    /** Whether it is the entry of a request, of which each has one. */
    public boolean isRequest() {
        return kind == Kind.REQUEST;
    }

    /** Response time, in nanoseconds, from the intended arrival. */
    public long responseNanos() {
        return responded - intended;
    }

    /** Whether nobody knows how long the answer would have taken: the client went away before. */
    public boolean censored() {
        return outcome == Outcome.REQUEST_TIMEOUT || outcome == Outcome.UNFINISHED;
    }

    /** Whether it got a connection and its SQL ended. */
    public boolean served() {
        return acquired != NEVER && sqlDone != NEVER;
    }
}
