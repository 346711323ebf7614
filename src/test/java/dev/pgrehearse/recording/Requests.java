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
        return new RequestEntry(0, 0, outcome, false, 1, intended, intended, intended, responded, responded);
    }

    static long nanos(double millis) {
        return Math.round(millis * MILLI);
    }
}
