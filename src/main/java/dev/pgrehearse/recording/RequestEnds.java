package dev.pgrehearse.recording;

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
        return request == null || request.sqlDone() >= wait.endNanos() ? wait : wait.endedByRequest(request.sqlDone());
    }

    /**
     * The request that has most of the wait. The server's clock and ours differ by a moment, so the one before and the one after on the same
     * connection may seem to have a little of it.
     */
    private @Nullable RequestEntry whichWaited(Fact.Waited wait) {
        List<RequestEntry> own = requestsOf.getOrDefault(wait.pid(), List.of());
        RequestEntry most = null;
        long mostNanos = 0;
        for (int i = firstDoneAfter(own, wait.startNanos()); i < own.size(); i++) {
            RequestEntry request = own.get(i);
            if (request.acquired() >= wait.endNanos()) {
                break;
            }
            long nanos = wait.overlapWith(request.acquired(), request.sqlDone());
            if (nanos > mostNanos) {
                most = request;
                mostNanos = nanos;
            }
        }
        return most;
    }

    private static int firstDoneAfter(List<RequestEntry> own, long nanos) {
        int low = 0;
        int high = own.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (own.get(middle).sqlDone() > nanos) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
