package dev.pgrehearse.recording;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ends of waits that only the sampler saw end. A look at the lock table shows that a wait is gone only when it comes: by then the
 * backend may wait for another lock, and waits for one at a time; or the SQL of the request that waited may be done, by the clock of
 * its client. What the server's log tells is more exact than either, and is left alone.
 */
final class WaitEnds {
    /** As {@link Fact.Waited#source()} names those that know of an end, beside the log. */
    static final String FROM_LOOK = "sampled";

    static final String FROM_REQUEST = "request";

    /** PostgreSQL before 14: nobody knows when a wait began, and two of them for one lock look like one. */
    private static final String STARTS_UNKNOWN = "no-wait-start";

    /** By so much the server's clock, as we know it, and ours may differ. */
    private static final long CLOCKS_NANOS = Duration.ofMillis(2).toNanos();

    /** No look comes later than that, but after a hole. */
    private static final long MOST_LATE_NANOS = Duration.ofMillis(100).toNanos();

    /** No two clocks differ by so much: a request that was at work for so long after the wait had begun is the one that waited. */
    private static final long SURELY_NANOS = Duration.ofMillis(50).toNanos();

    private final List<String> operations;
    /** Of each backend, when it began to wait, in order: a million waits are a million numbers. */
    private final Map<Integer, long[]> startsOf;
    /** Of each backend, its requests in the order in which they had it: one at a time. */
    private final Map<Integer, List<RequestEntry>> requestsOf;

    private WaitEnds(
            List<String> operations, Map<Integer, long[]> startsOf, Map<Integer, List<RequestEntry>> requestsOf) {
        this.operations = operations;
        this.startsOf = startsOf;
        this.requestsOf = requestsOf;
    }

    /**
     * The facts with those waits shortened that are known to have been shorter.
     *
     * @param operations their names, by the number that requests have
     */
    static List<Fact> applied(List<Fact> facts, List<RequestEntry> requests, List<String> operations) {
        Map<Integer, long[]> startsOf = startsOf(facts);
        boolean startsUnknown = facts.stream()
                .anyMatch(fact -> fact instanceof Fact.Doubted doubted
                        && doubted.doubt().id().equals(STARTS_UNKNOWN));
        if (startsOf.isEmpty() || startsUnknown) {
            return facts;
        }
        WaitEnds ends = new WaitEnds(operations, startsOf, requestsOf(startsOf.keySet(), requests));
        return facts.stream()
                .map(fact -> fact instanceof Fact.Waited wait && wait.source().equals(FROM_LOOK)
                        ? ends.shortened(wait)
                        : fact)
                .toList();
    }

    private static Map<Integer, long[]> startsOf(List<Fact> facts) {
        return facts.stream()
                .filter(Fact.Waited.class::isInstance)
                .map(Fact.Waited.class::cast)
                .collect(Collectors.groupingBy(
                        Fact.Waited::pid,
                        Collectors.collectingAndThen(
                                Collectors.toList(),
                                waits -> waits.stream()
                                        .mapToLong(Fact.Waited::startNanos)
                                        .sorted()
                                        .toArray())));
    }

    private static Map<Integer, List<RequestEntry>> requestsOf(Set<Integer> backends, List<RequestEntry> requests) {
        Map<Integer, List<RequestEntry>> requestsOf = new HashMap<>();
        for (RequestEntry entry : requests) {
            if (backends.contains(entry.pid()) && entry.served()) {
                requestsOf
                        .computeIfAbsent(entry.pid(), pid -> new ArrayList<>())
                        .add(entry);
            }
        }
        requestsOf.values().forEach(own -> own.sort(Comparator.comparingLong(RequestEntry::acquired)));
        return requestsOf;
    }

    private Fact.Waited shortened(Fact.Waited wait) {
        long until = Math.min(wait.endNanos(), nextStart(wait));
        return whichWaited(wait)
                .map(RequestEntry::sqlDone)
                .filter(done -> done < until
                        && (wait.endNanos() - done <= MOST_LATE_NANOS || done - wait.startNanos() >= SURELY_NANOS))
                .map(done -> wait.ended(done, FROM_REQUEST))
                .orElseGet(() -> wait.ended(until, FROM_LOOK));
    }

    /** When the backend began to wait again. */
    private long nextStart(Fact.Waited wait) {
        long[] starts = startsOf.getOrDefault(wait.pid(), new long[0]);
        int place = Arrays.binarySearch(starts, wait.startNanos() + 1);
        int next = place < 0 ? -place - 1 : place;
        return next < starts.length ? starts[next] : Long.MAX_VALUE;
    }

    /**
     * The request that had the backend when the wait began: the last one that got it by then. None when that was done by then, too,
     * for the server's clock and ours differ by a moment: the one that waited is not told. Nor is one of another operation, as of a
     * server whose backends have the same numbers.
     */
    private Optional<RequestEntry> whichWaited(Fact.Waited wait) {
        long begun = wait.startNanos() + CLOCKS_NANOS;
        return lastBegunBy(requestsOf.getOrDefault(wait.pid(), List.of()), begun)
                .filter(request -> request.sqlDone() > begun && wait.operation().equals(nameOf(request)));
    }

    private static Optional<RequestEntry> lastBegunBy(List<RequestEntry> own, long nanos) {
        int low = 0;
        int high = own.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (own.get(middle).acquired() <= nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? Optional.empty() : Optional.of(own.get(low - 1));
    }

    private @Nullable String nameOf(RequestEntry request) {
        return request.operation() < operations.size() ? operations.get(request.operation()) : null;
    }
}
