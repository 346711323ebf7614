package dev.pgrehearse.recording;

/**
 * One request's way through the application, as the request log holds it.
 *
 * <p>Times are nanoseconds of the rehearsal's clock; {@link #NEVER} where the request did not get that far.
 *
 * @param operation its number in {@link Fact.LoadBegan#operations()}
 * @param instance the instance that it was sent to
 * @param outcome how it ended for its client
 * @param late true for work that ended after its client had given up: such an entry tells the service time only, the
 *     request itself has an entry of its own
 * @param attempts how often the client tried
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
        Outcome outcome,
        boolean late,
        int attempts,
        long intended,
        long dequeued,
        long acquired,
        long sqlDone,
        long responded,
        long tried,
        int pid) {
    /** In place of a time: it did not happen. */
    public static final long NEVER = -1;

    /** In place of a process id. */
    public static final int NO_BACKEND = 0;

    /** A request of one try, of which no backend is known. */
    public RequestEntry(
            int operation,
            int instance,
            Outcome outcome,
            boolean late,
            int attempts,
            long intended,
            long dequeued,
            long acquired,
            long sqlDone,
            long responded) {
        this(
                operation,
                instance,
                outcome,
                late,
                attempts,
                intended,
                dequeued,
                acquired,
                sqlDone,
                responded,
                intended,
                NO_BACKEND);
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
