package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A span in which requests of one operation were offered and none succeeded.
 *
 * <p>It begins when the last success before it had come, if a request was in flight then, otherwise with the next intended
 * arrival; it ends with the next success. When nobody was in flight any more before the request arrived that succeeded
 * next, it ends with the last failure: nobody knows what the time in between would have felt like; that request's own wait
 * is a stall of its own then. Response times play no part, since client timeouts cap them.
 *
 * @param startNanos when it began
 * @param endNanos when it ended
 * @param open true when it had not ended when the recording did
 */
record Stall(long startNanos, long endNanos, boolean open) {
    long lengthNanos() {
        return endNanos - startNanos;
    }

    /**
     * All stalls of one operation, in order: one for every pair of successive successes between which a request was in
     * flight; two when it was silent in between.
     *
     * @param entries the operation's requests, without late ones, in any order
     * @param endNanos the end of the recording
     */
    static List<Stall> of(List<RequestEntry> entries, long endNanos) {
        List<RequestEntry> arrivals = new ArrayList<>(entries);
        arrivals.sort(Comparator.comparingLong(RequestEntry::intended));
        List<RequestEntry> successes = entries.stream()
                .filter(entry -> entry.outcome() == Outcome.OK)
                .sorted(Comparator.comparingLong(RequestEntry::responded))
                .toList();
        List<Stall> stalls = new ArrayList<>();
        int arrived = 0;
        long previousSuccess = Long.MIN_VALUE;
        // The latest answer (or end) of all that have arrived so far: later than a moment means that somebody was in
        // flight.
        long latestEnd = Long.MIN_VALUE;
        for (int i = 0; i <= successes.size(); i++) {
            boolean last = i == successes.size();
            long nextSuccess = last ? endNanos : successes.get(i).responded();
            boolean inFlight = latestEnd > previousSuccess;
            long start = inFlight ? previousSuccess : Long.MAX_VALUE;
            long latestOther = inFlight ? latestEnd : Long.MIN_VALUE;
            while (arrived < arrivals.size() && arrivals.get(arrived).intended() < nextSuccess) {
                RequestEntry arrival = arrivals.get(arrived++);
                start = Math.min(start, Math.max(arrival.intended(), previousSuccess));
                latestEnd = Math.max(latestEnd, arrival.responded());
                if (last || !arrival.equals(successes.get(i))) {
                    latestOther = Math.max(latestOther, arrival.responded());
                }
            }
            if (start != Long.MAX_VALUE) {
                boolean idle = latestOther > start
                        && latestOther < (last ? endNanos : successes.get(i).intended());
                stalls.add(new Stall(start, idle ? latestOther : nextSuccess, last && !idle));
                if (idle && !last) {
                    // The request that ended the silence may have waited long itself.
                    stalls.add(new Stall(successes.get(i).intended(), nextSuccess, false));
                }
            }
            previousSuccess = nextSuccess;
        }
        return stalls;
    }
}
