package dev.pgrehearse.app;

import dev.pgrehearse.scenario.AppSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many instances a HorizontalPodAutoscaler wants, from one look to the next. Its state is what it wanted before; not
 * thread-safe.
 *
 * <p>Wanted are instances × measured / aimed at, rounded up, and nothing else while that ratio is within the tolerance of
 * 1. Instances that do not run yet count as unused when that would add instances, and not at all otherwise. Up at once, but
 * in any {@value #UP_PERIOD_SECONDS} s at most to twice as many, or by {@value #UP_BY} when that is more; down to the most that
 * any look within the stabilisation wanted. Source: Kubernetes' documentation "Horizontal Pod Autoscaling", its section
 * "Algorithm details" and its default behaviour.
 */
final class ScalingRule {
    private static final int UP_PERIOD_SECONDS = 15;
    private static final int UP_BY = 4;

    private final AppSpec.Autoscaler spec;
    private final Deque<Wanted> wantedBefore = new ArrayDeque<>();
    private final Deque<Wanted> addedBefore = new ArrayDeque<>();

    /** What one look came to: instances that were wanted, or that were added. */
    private record Wanted(long atNanos, int instances) {}

    /**
     * What is seen at one look.
     *
     * @param instances that there are to be
     * @param running that run
     * @param ready that get traffic
     * @param ratio measured by aimed at, over those that run; NaN when nothing was measured
     */
    record Look(long atNanos, int instances, int running, int ready, double ratio) {}

    ScalingRule(AppSpec.Autoscaler spec) {
        this.spec = spec;
    }

    int wanted(Look look) {
        int proposed = Math.max(spec.min(), Math.min(spec.max(), proposed(look)));
        if (wantedBefore.isEmpty()) {
            // What there is when the first look is taken counts as wanted then, so that nothing is stopped at once.
            wantedBefore.add(new Wanted(look.atNanos(), look.instances()));
        }
        forget(wantedBefore, look.atNanos(), spec.stabilisation());
        wantedBefore.add(new Wanted(look.atNanos(), proposed));
        int most = wantedBefore.stream().mapToInt(Wanted::instances).max().orElse(proposed);
        int wanted = proposed >= look.instances() ? proposed : Math.min(look.instances(), most);
        forget(addedBefore, look.atNanos(), Duration.ofSeconds(UP_PERIOD_SECONDS));
        int before = look.instances()
                - addedBefore.stream().mapToInt(Wanted::instances).sum();
        int upTo = Math.max(look.instances(), Math.max(before + UP_BY, before * 2));
        int bounded = Math.min(wanted, upTo);
        if (bounded > look.instances()) {
            addedBefore.add(new Wanted(look.atNanos(), bounded - look.instances()));
        }
        return bounded;
    }

    private static void forget(Deque<Wanted> past, long nowNanos, Duration after) {
        while (!past.isEmpty() && nowNanos - past.getFirst().atNanos() >= after.toNanos()) {
            past.removeFirst();
        }
    }

    private int proposed(Look look) {
        double ratio = look.ratio();
        if (Double.isNaN(ratio)) {
            return look.instances();
        }
        boolean ofWorkers = spec.busyWorkers() != null;
        int counted = ofWorkers ? look.running() : look.ready();
        if (ofWorkers && ratio > 1 && look.running() < look.instances()) {
            ratio = ratio * look.running() / look.instances();
            counted = look.instances();
            if (ratio <= 1) {
                return look.instances();
            }
        }
        return Math.abs(ratio - 1) <= spec.tolerance() + 1e-9
                ? look.instances()
                : (int) Math.ceil(ratio * counted - 1e-9);
    }
}
