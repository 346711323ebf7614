package dev.pgrehearse.recording;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Folds the request log into outcomes, response times, service times and stalls per operation and phase. */
final class RequestFold {
    /** Three digits: a response of 3 s is known to 3 ms, and percentiles to a thousandth. */
    private static final int SIGNIFICANT_DIGITS = 3;
    /** A shorter stall feels like none, however calm the baseline was. */
    private static final long UNNOTICED_NANOS = 100_000_000;

    /**
     * Of the baseline's longest stall: where nothing changes, one out of so many gaps as a long migration has is longer than all
     * those of a short baseline, and hardly ever twice as long.
     */
    private static final int BEYOND_CHANCE = 2;

    private final List<String> operations;
    private final List<RequestEntry> entries;
    private final Phases phases;
    private final long endNanos;

    /**
     * Folds the requests of a rehearsal.
     *
     * @param operations names in the request log's order
     * @param entries the request log
     * @param endNanos the end of the recording
     */
    RequestFold(List<String> operations, List<RequestEntry> entries, Phases phases, long endNanos) {
        this.operations = operations;
        this.entries = entries;
        this.phases = phases;
        this.endNanos = endNanos;
    }

    Recording.Requests fold() {
        List<RequestEntry> judged = entries.stream()
                .filter(entry -> entry.isRequest() && entry.intended() >= phases.originNanos())
                .toList();
        long attempts = judged.stream().mapToLong(RequestEntry::attempts).sum();
        return new Recording.Requests(judged.size(), attempts, outcomes(judged), operationFacts());
    }

    private List<Recording.OperationFacts> operationFacts() {
        List<Recording.OperationFacts> facts = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            int operation = i;
            List<RequestEntry> own = entries.stream()
                    .filter(entry -> entry.operation() == operation)
                    .toList();
            facts.add(operation(operations.get(i), own));
        }
        return facts;
    }

    private Recording.OperationFacts operation(String name, List<RequestEntry> own) {
        List<RequestEntry> requests =
                own.stream().filter(entry -> entry.isRequest()).toList();
        List<Stall> stalls = Stall.of(requests, endNanos);
        Long usual = usualNanos(requests, stalls);
        Map<String, Map<Outcome, Long>> outcomesByPhase = new LinkedHashMap<>();
        Map<String, Recording.OperationPhase> byPhase = new LinkedHashMap<>();
        for (Phases.Span phase : phases.judged()) {
            List<RequestEntry> inPhase = requests.stream()
                    .filter(entry -> phases.at(entry.intended()).equals(Optional.of(phase)))
                    .toList();
            List<RequestEntry> served = own.stream()
                    .filter(entry ->
                            entry.served() && phases.at(entry.intended()).equals(Optional.of(phase)))
                    .toList();
            outcomesByPhase.put(phase.name(), outcomes(inPhase));
            List<Stall> itsStalls = stallsOf(stalls, phase.name());
            byPhase.put(
                    phase.name(),
                    operationPhase(inPhase, served, itsStalls, usual == null ? null : inAll(itsStalls, usual)));
        }
        return new Recording.OperationFacts(name, outcomesByPhase, byPhase);
    }

    private List<Stall> stallsOf(List<Stall> stalls, String phase) {
        return stalls.stream()
                .filter(stall -> phases.ofStall(stall.startNanos(), stall.endNanos())
                        .filter(span -> span.name().equals(phase))
                        .isPresent())
                .toList();
    }

    /** As long as a stall may be and still be like those without the migration; null when the baseline does not tell. */
    private @Nullable Long usualNanos(List<RequestEntry> requests, List<Stall> stalls) {
        boolean told = requests.stream()
                .anyMatch(entry -> entry.outcome() == Outcome.OK
                        && phases.at(entry.intended())
                                .filter(span -> span.name().equals(Recording.Phase.BASELINE))
                                .isPresent());
        return !told
                ? null
                : Math.max(
                        UNNOTICED_NANOS,
                        BEYOND_CHANCE
                                * stallsOf(stalls, Recording.Phase.BASELINE).stream()
                                        .mapToLong(Stall::lengthNanos)
                                        .max()
                                        .orElse(0));
    }

    private static Recording.Stalls inAll(List<Stall> stalls, long usualNanos) {
        List<Stall> longer = stalls.stream()
                .filter(stall -> stall.lengthNanos() > usualNanos)
                .toList();
        return new Recording.Stalls(
                usualNanos / 1e6,
                longer.size(),
                longer.stream().mapToLong(Stall::lengthNanos).sum() / 1e6,
                longer.stream().anyMatch(Stall::open));
    }

    private Recording.OperationPhase operationPhase(
            List<RequestEntry> requests,
            List<RequestEntry> served,
            List<Stall> stalls,
            Recording.@Nullable Stalls inAll) {
        Optional<Stall> longest = stalls.stream().max(Comparator.comparingLong(Stall::lengthNanos));
        Histogram response = new Histogram(SIGNIFICANT_DIGITS);
        requests.forEach(entry -> response.recordValue(micros(entry.responseNanos())));
        Double censoredAbove = requests.stream()
                .filter(RequestEntry::censored)
                .map(entry -> entry.responseNanos() / 1e6)
                .min(Comparator.naturalOrder())
                .orElse(null);
        return new Recording.OperationPhase(
                requests.size(),
                percentile(response, 50),
                percentile(response, 95),
                percentile(response, 99),
                requests.stream().mapToLong(RequestEntry::responseNanos).max().orElse(0) / 1e6,
                censoredAbove,
                longest.map(stall -> stall.lengthNanos() / 1e6).orElse(0.0),
                longest.map(stall -> phases.millis(stall.startNanos())).orElse(null),
                longest.map(Stall::open).orElse(false),
                inAll,
                service(served),
                encoded(response));
    }

    private static Recording.Service service(List<RequestEntry> served) {
        Histogram times = new Histogram(SIGNIFICANT_DIGITS);
        long longest = 0;
        for (RequestEntry entry : served) {
            long nanos = entry.sqlDone() - entry.acquired();
            times.recordValue(micros(nanos));
            longest = Math.max(longest, nanos);
        }
        return new Recording.Service(
                served.size(), percentile(times, 50), percentile(times, 95), percentile(times, 99), longest / 1e6);
    }

    private static Map<Outcome, Long> outcomes(List<RequestEntry> requests) {
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, 0L);
        }
        requests.forEach(entry -> counts.merge(entry.outcome(), 1L, Long::sum));
        return counts;
    }

    private static long micros(long nanos) {
        return Math.round(nanos / 1e3);
    }

    private static double percentile(Histogram micros, double percentile) {
        return micros.getTotalCount() == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1e3;
    }

    private static String encoded(Histogram histogram) {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        byte[] exact = new byte[length];
        bytes.flip().get(exact);
        return Base64.getEncoder().encodeToString(exact);
    }
}
