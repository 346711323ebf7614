package dev.pgrehearse.recording;

/** Requests for tests, in milliseconds. */
final class Requests {
    private static final long MILLI = 1_000_000;

    private Requests() {}

    static RequestEntry ok(double intendedMs, double respondedMs) {
        return ended(Outcome.OK, intendedMs, respondedMs);
    }

    static RequestEntry ended(Outcome outcome, double intendedMs, double respondedMs) {
        long intended = nanos(intendedMs);
        long responded = nanos(respondedMs);
        return new RequestEntry(0, 0, outcome, 1, intended, intended, intended, responded, responded);
    }

    /** What a worker did for a client that had gone. */
    static RequestEntry work(double begunMs, double doneMs) {
        long begun = nanos(begunMs);
        long done = nanos(doneMs);
        return new RequestEntry(
                0,
                0,
                RequestEntry.Kind.WORK,
                Outcome.OK,
                1,
                begun,
                begun,
                begun,
                done,
                done,
                begun,
                RequestEntry.NO_BACKEND);
    }

    static long nanos(double millis) {
        return Math.round(millis * MILLI);
    }
}
