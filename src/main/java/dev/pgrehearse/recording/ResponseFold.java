package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Folds the request log and the lock waits into where response times went, all tries of a request together. A request's waits
 * are those of its connection's backend while it had the connection and its client waited for that try.
 */
final class ResponseFold {
    private static final int SLOWEST = 100;

    private final List<String> operations;
    private final List<RequestEntry> entries;
    private final Map<Asked, List<RequestEntry>> earlierTries;
    private final Waits waits;
    private final Phases phases;

    /** Lock waits by backend, which two servers number each for itself. */
    private static final class Waits {
        private final Map<Integer, List<Fact.Waited>> onPrimary;
        private final Map<Integer, List<Fact.Waited>> onStandby;
        private final Set<Integer> readsOfStandby;

        private Waits(List<String> operations, List<Fact.Waited> onPrimary, Facts facts) {
            this.onPrimary = onPrimary.stream().collect(Collectors.groupingBy(Fact.Waited::pid));
            this.onStandby = facts.all(Fact.StandbyWaited.class).stream()
                    .map(Fact.StandbyWaited::asWait)
                    .sorted(Comparator.comparingLong(Fact.Waited::startNanos))
                    .collect(Collectors.groupingBy(Fact.Waited::pid));
            this.readsOfStandby = facts.all(Fact.StandbyStarted.class).stream()
                    .flatMap(standby -> standby.operations().stream())
                    .map(operations::indexOf)
                    .collect(Collectors.toSet());
        }

        private List<Fact.Waited> of(RequestEntry entry) {
            return (readsOfStandby.contains(entry.operation()) ? onStandby : onPrimary)
                    .getOrDefault(entry.pid(), List.of());
        }
    }

    /**
     * Folds the requests of a rehearsal.
     *
     * @param earlierTries of requests that were tried again
     * @param waits on the primary, in order of their start
     * @param facts for those on the standby
     */
    ResponseFold(
            List<String> operations,
            List<RequestEntry> entries,
            List<RequestEntry> earlierTries,
            List<Fact.Waited> waits,
            Facts facts,
            Phases phases) {
        this.operations = operations;
        this.entries = entries;
        this.earlierTries = earlierTries.stream().collect(Collectors.groupingBy(Asked::of));
        this.waits = new Waits(operations, waits, facts);
        this.phases = phases;
    }

    List<ResponseParts> fold() {
        Map<Integer, Map<String, List<RequestEntry>>> grouped = new HashMap<>();
        List<Phases.Span> judged = phases.judged();
        for (RequestEntry entry : entries) {
            if (entry.isRequest()) {
                phases.at(entry.intended())
                        .filter(judged::contains)
                        .ifPresent(phase -> grouped.computeIfAbsent(entry.operation(), operation -> new HashMap<>())
                                .computeIfAbsent(phase.name(), name -> new ArrayList<>())
                                .add(entry));
            }
        }
        List<ResponseParts> parts = new ArrayList<>();
        for (int operation = 0; operation < operations.size(); operation++) {
            Map<String, List<RequestEntry>> byPhase = grouped.getOrDefault(operation, Map.of());
            for (Phases.Span phase : judged) {
                List<RequestEntry> requests = byPhase.get(phase.name());
                if (requests != null) {
                    List<RequestEntry> slowest = slowest(requests);
                    parts.add(new ResponseParts(
                            operations.get(operation),
                            phase.name(),
                            parts(requests),
                            parts(slowest),
                            slowest.stream()
                                    .limit(ResponseParts.EXAMPLES)
                                    .map(this::one)
                                    .toList()));
                }
            }
        }
        return parts;
    }

    private static List<RequestEntry> slowest(List<RequestEntry> requests) {
        int count = (requests.size() + SLOWEST - 1) / SLOWEST;
        return requests.stream()
                .sorted(Comparator.comparingLong(RequestEntry::responseNanos).reversed())
                .limit(count)
                .toList();
    }

    /** What was asked, and when: what a request and its tries have in common. */
    private record Asked(int operation, long intended) {
        static Asked of(RequestEntry entry) {
            return new Asked(entry.operation(), entry.intended());
        }
    }

    private record Culprit(String relation, String behind) {}

    private static final class LockTime {
        private long requests;
        private long nanos;
        private long longest;
    }

    private ResponseParts.One one(RequestEntry request) {
        return new ResponseParts.One(
                phases.millis(request.intended()), request.outcome(), request.attempts(), parts(List.of(request)));
    }

    private ResponseParts.Parts parts(List<RequestEntry> requests) {
        Sums sums = new Sums();
        requests.forEach(sums::add);
        return sums.parts(requests.size());
    }

    /** What requests took, by where it went. */
    private final class Sums {
        private final Map<Culprit, LockTime> culprits = new LinkedHashMap<>();
        private long response;
        private long inTries;
        private long queue;
        private long pool;
        private long locks;
        private long withBackend;
        private long withoutBackend;

        void add(RequestEntry request) {
            response += request.responseNanos();
            Set<Culprit> met = new HashSet<>();
            boolean unknown = false;
            for (RequestEntry one : tries(request)) {
                // Its worker may have come a moment after its client had gone: what came then is no part of the
                // response.
                long tried = reached(one.tried(), one);
                long dequeued = reached(one.dequeued(), one);
                long acquired = reached(one.acquired(), one);
                inTries += one.responded() - tried;
                queue += dequeued - tried;
                pool += acquired - dequeued;
                if (one.acquired() != RequestEntry.NEVER && one.pid() == RequestEntry.NO_BACKEND) {
                    unknown = true;
                } else if (one.acquired() != RequestEntry.NEVER) {
                    withBackend++;
                    locks += lockTime(waits.of(one), acquired, reached(one.sqlDone(), one), culprits, met);
                }
            }
            withoutBackend += unknown ? 1 : 0;
        }

        ResponseParts.Parts parts(int count) {
            boolean known = withBackend > 0 || withoutBackend == 0;
            return new ResponseParts.Parts(
                    count,
                    part(response, count),
                    part(response - inTries, count),
                    part(queue, count),
                    part(pool, count),
                    known ? part(locks, count) : null,
                    part(inTries - queue - pool - locks, count),
                    told(culprits),
                    withoutBackend);
        }
    }

    /** All of a request, its last one too. */
    private List<RequestEntry> tries(RequestEntry request) {
        if (request.tried() == request.intended()) {
            return List.of(request);
        }
        List<RequestEntry> tries = new ArrayList<>(earlierTries.getOrDefault(Asked.of(request), List.of()));
        tries.add(request);
        return tries;
    }

    /** When it got so far; its end when it never did before its client had the answer or gave up. */
    private static long reached(long nanos, RequestEntry entry) {
        return nanos == RequestEntry.NEVER ? entry.responded() : Math.min(nanos, entry.responded());
    }

    private static long lockTime(
            List<Fact.Waited> waits, long fromNanos, long toNanos, Map<Culprit, LockTime> culprits, Set<Culprit> met) {
        long sum = 0;
        // A backend waits for one lock at a time, so its waits end in the order in which they begin.
        for (int i = firstEndingAfter(waits, fromNanos); i < waits.size(); i++) {
            Fact.Waited wait = waits.get(i);
            if (wait.startNanos() >= toNanos) {
                break;
            }
            // A wait that the sampler saw end late may run into the next: no moment is counted twice.
            long until = i + 1 < waits.size()
                    ? Math.min(
                            toNanos,
                            Math.max(wait.startNanos(), waits.get(i + 1).startNanos()))
                    : toNanos;
            long nanos = wait.overlapWith(fromNanos, until);
            if (nanos > 0) {
                sum += nanos;
                Culprit culprit = new Culprit(wait.relation(), wait.behind());
                LockTime time = culprits.computeIfAbsent(culprit, unseen -> new LockTime());
                time.requests += met.add(culprit) ? 1 : 0;
                time.nanos += nanos;
                time.longest = Math.max(time.longest, nanos);
            }
        }
        return sum;
    }

    private static int firstEndingAfter(List<Fact.Waited> waits, long nanos) {
        int low = 0;
        int high = waits.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (waits.get(middle).endNanos() > nanos) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static List<ResponseParts.LockPart> told(Map<Culprit, LockTime> culprits) {
        return culprits.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Culprit, LockTime> entry) -> entry.getValue().nanos)
                        .reversed())
                .limit(ResponseParts.Parts.LISTED)
                .map(entry -> new ResponseParts.LockPart(
                        entry.getKey().relation(),
                        entry.getKey().behind(),
                        entry.getValue().requests,
                        entry.getValue().nanos / 1e6,
                        entry.getValue().longest / 1e6))
                .toList();
    }

    private static ResponseParts.Part part(long nanos, int count) {
        return new ResponseParts.Part(nanos / 1e6, nanos / 1e6 / count);
    }
}
