package dev.pgrehearse.recording;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ends of waits by the clock of whoever waited. A look at the lock table sees that a wait is gone only when it comes; a request
 * whose SQL was done before had not been waiting any more. What the server's log tells is more exact than either, and is left
 * alone.
 */
final class RequestEnds {
    /** As {@link Fact.Waited#source()} names the three that know of an end. */
    static final String FROM_LOOK = "sampled";

    static final String FROM_REQUEST = "request";

    /** By so much the server's clock, as we know it, and ours may differ. */
    private static final long CLOCKS_NANOS = Duration.ofMillis(2).toNanos();

    /** A look that came later than that was a hole, and is told as such: what is further apart is not the same wait. */
    private static final long MOST_LATE_NANOS = Duration.ofMillis(100).toNanos();

    /** Of each backend, its requests in the order in which they had it: one at a time. */
    private final Map<Integer, List<RequestEntry>> requestsOf;

    private RequestEnds(Map<Integer, List<RequestEntry>> requestsOf) {
        this.requestsOf = requestsOf;
    }

    /** The facts with those waits shortened whose request shows that they were shorter. */
    static List<Fact> applied(List<Fact> facts, List<RequestEntry> requests) {
        Set<Integer> waiting = facts.stream()
                .filter(Fact.Waited.class::isInstance)
                .map(Fact.Waited.class::cast)
                .filter(RequestEnds::isFromLook)
                .map(Fact.Waited::pid)
                .collect(Collectors.toSet());
        Map<Integer, List<RequestEntry>> requestsOf = new HashMap<>();
        for (RequestEntry entry : requests) {
            if (waiting.contains(entry.pid()) && entry.served()) {
                requestsOf
                        .computeIfAbsent(entry.pid(), pid -> new ArrayList<>())
                        .add(entry);
            }
        }
        if (requestsOf.isEmpty()) {
            return facts;
        }
        requestsOf.values().forEach(own -> own.sort(Comparator.comparingLong(RequestEntry::acquired)));
        RequestEnds ends = new RequestEnds(requestsOf);
        return facts.stream()
                .map(fact -> fact instanceof Fact.Waited wait && isFromLook(wait) ? ends.shortened(wait) : fact)
                .toList();
    }

    private static boolean isFromLook(Fact.Waited wait) {
        return wait.source().equals(FROM_LOOK);
    }

    private Fact shortened(Fact.Waited wait) {
        RequestEntry request = whichWaited(wait);
        if (request == null || request.sqlDone() >= wait.endNanos()) {
            return wait;
        }
        return wait.endNanos() - request.sqlDone() > MOST_LATE_NANOS ? wait : wait.endedByRequest(request.sqlDone());
    }

    /**
     * The request that had the backend when the wait began: the last one that got it by then. None when that was done by then, too,
     * for the server's clock and ours differ by a moment: the one that waited is not told.
     */
    private @Nullable RequestEntry whichWaited(Fact.Waited wait) {
        List<RequestEntry> own = requestsOf.getOrDefault(wait.pid(), List.of());
        long begun = wait.startNanos() + CLOCKS_NANOS;
        int low = 0;
        int high = own.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (own.get(middle).acquired() <= begun) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 || own.get(low - 1).sqlDone() <= begun ? null : own.get(low - 1);
    }
}
