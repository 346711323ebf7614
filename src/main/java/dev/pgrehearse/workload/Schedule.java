package dev.pgrehearse.workload;

import dev.pgrehearse.scenario.WorkloadSpec;
import java.util.SplittableRandom;

/**
 * The arrivals of a workload: an endless sequence that depends on the seed alone, never on how the server fares.
 *
 * <p>Poisson arrivals have exponentially distributed distances with mean 1/rate; uniform ones have equal distances. The
 * same seed and workload give the same sequence, to the nanosecond. Not thread-safe.
 */
final class Schedule {
    private static final double NANOS_PER_SECOND = 1e9;

    private final SplittableRandom random;
    private final double meanDistanceNanos;
    private final boolean poisson;
    private final double[] cumulatedWeights;
    private long number;
    private double afterNanos;

    /**
     * A schedule.
     *
     * @param weights of the operations, in their order
     */
    Schedule(double ratePerSecond, WorkloadSpec.Arrivals arrivals, double[] weights, long seed) {
        this.random = new SplittableRandom(seed);
        this.meanDistanceNanos = NANOS_PER_SECOND / ratePerSecond;
        this.poisson = arrivals == WorkloadSpec.Arrivals.POISSON;
        this.cumulatedWeights = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            cumulatedWeights[i] = sum;
        }
    }

    Arrival next() {
        // nextDouble() is in [0, 1), so the logarithm's argument is in (0, 1]: never infinite.
        afterNanos += poisson ? -Math.log(1 - random.nextDouble()) * meanDistanceNanos : meanDistanceNanos;
        return new Arrival(number++, (long) afterNanos, operation());
    }

    private int operation() {
        double drawn = random.nextDouble() * cumulatedWeights[cumulatedWeights.length - 1];
        int operation = 0;
        while (drawn >= cumulatedWeights[operation]) {
            operation++;
        }
        return operation;
    }
}
