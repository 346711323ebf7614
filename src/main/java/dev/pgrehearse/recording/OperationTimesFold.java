package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Times of operations in the baseline and in the calm after the migration, from the request log. Pure. */
final class OperationTimesFold {
    /** Of fewer a median tells nothing, and a 95th percentile is the second longest. */
    static final int LEAST = 20;

    private static final int PARTS = 5;

    private final List<RequestEntry> requests;
    private final Phases phases;
    private final long calmFrom;

    OperationTimesFold(List<Fact> facts, List<RequestEntry> requests, Phases phases) {
        this.requests = requests;
        this.phases = phases;
        this.calmFrom = calmFrom(facts, phases);
    }

    /** Since when the load is as it will be: from the calm on, else in the recovery's second half. */
    private static long calmFrom(List<Fact> facts, Phases phases) {
        Phases.Span recovery = phases.named(Recording.Phase.RECOVERY).orElse(null);
        if (recovery == null) {
            return Long.MAX_VALUE;
        }
        long half = recovery.startNanos() + (recovery.endNanos() - recovery.startNanos()) / 2;
        return facts.stream()
                .filter(Fact.Calm.class::isInstance)
                .map(fact -> Math.max(recovery.startNanos(), ((Fact.Calm) fact).atNanos()))
                .findFirst()
                .orElse(half);
    }

    @Nullable
    OperationTimes before(int operation) {
        return phases.named(Recording.Phase.BASELINE)
                .map(baseline -> times(operation, baseline.startNanos(), baseline.endNanos()))
                .orElse(null);
    }

    @Nullable
    OperationTimes after(int operation) {
        return phases.named(Recording.Phase.RECOVERY)
                .map(recovery -> times(operation, calmFrom, recovery.endNanos()))
                .orElse(null);
    }

    private @Nullable OperationTimes times(int operation, long from, long to) {
        List<RequestEntry> served = requests.stream()
                .filter(entry -> entry.operation() == operation
                        && entry.outcome() == Outcome.OK
                        && entry.served()
                        && entry.intended() >= from
                        && entry.intended() < to)
                .toList();
        if (served.size() < LEAST) {
            return null;
        }
        List<Double> services = services(served);
        double worst = 0;
        for (int part = 0; part < PARTS; part++) {
            long begin = from + (to - from) / PARTS * part;
            long end = part == PARTS - 1 ? to : from + (to - from) / PARTS * (part + 1);
            List<Double> its = services(served.stream()
                    .filter(entry -> entry.intended() >= begin && entry.intended() < end)
                    .toList());
            if (its.size() >= LEAST) {
                worst = Math.max(worst, percentile(its, 50));
            }
        }
        double median = percentile(services, 50);
        List<Double> responses = new ArrayList<>(
                served.stream().map(entry -> entry.responseNanos() / 1e6).toList());
        return new OperationTimes(
                served.size(), percentile(responses, 95), median, percentile(services, 95), Math.max(worst, median));
    }

    private static List<Double> services(List<RequestEntry> served) {
        return new ArrayList<>(served.stream()
                .map(entry -> (entry.sqlDone() - entry.acquired()) / 1e6)
                .toList());
    }

    /** The least value that so many per cent do not exceed. */
    private static double percentile(List<Double> values, int percent) {
        Collections.sort(values);
        return values.get(Math.max(0, (values.size() * percent + 99) / 100 - 1));
    }
}
