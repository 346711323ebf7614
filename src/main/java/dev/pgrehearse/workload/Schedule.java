package dev.pgrehearse.workload;

import dev.pgrehearse.scenario.TrafficSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import java.util.SplittableRandom;

/**
 * The arrivals of a workload: an endless sequence that depends on the seed alone, never on how the server fares.
 *
 * <p>Arrivals are made for a rate of one per unit of expected requests: Poisson arrivals have exponentially distributed
 * distances with mean 1, uniform ones the distance 1. {@link CumulatedRate} turns these units into times, which makes
 * arrivals of the rate that is wanted at each time, exactly and with one random number each. The only thing that a schedule is ever told
 * is when the migration starts, and only where the traffic changes over time does that move anything.
 *
 * <p>The same arguments give the same sequence, to the nanosecond, on any machine. Several machines share a schedule when
 * each makes one shard of it: their arrivals together are those of the only shard of one, with the same numbers, times and
 * operations. Each shard goes through all arrivals and keeps its own, which costs some tens of nanoseconds for each of the others.
 *
 * <p>{@link #next} and {@link #afterNanos} are for one thread; {@link #migrationStarted} may be called by another.
 */
final class Schedule {
    private static final double NANOS_PER_SECOND = 1e9;

    private final SplittableRandom random;
    private final boolean poisson;
    private final double[] cumulatedWeights;
    private final int shard;
    private final int shards;
    private final double secondsPerRequest;
    private final CumulatedRate rate;
    private final boolean constant;
    private volatile double startSeconds = Double.POSITIVE_INFINITY;
    private long number;
    private double expected;

    /**
     * A schedule, or a shard of one.
     *
     * @param weights of the operations, in order; each above 0
     * @param shard from 0 to {@code shards - 1}
     */
    Schedule(double[] weights, TrafficSpec traffic, WorkloadSpec.Arrivals arrivals, long seed, int shard, int shards) {
        if (weights.length == 0 || shard < 0 || shard >= shards) {
            throw new IllegalArgumentException("shard " + shard + " of " + shards + ", " + weights.length + " weights");
        }
        this.random = new SplittableRandom(seed);
        this.poisson = arrivals == WorkloadSpec.Arrivals.POISSON;
        this.cumulatedWeights = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            cumulatedWeights[i] = sum;
        }
        this.shard = shard;
        this.shards = shards;
        this.secondsPerRequest = 1 / traffic.atStart();
        this.rate = new CumulatedRate(traffic);
        this.constant = traffic.isConstant();
    }

    /** The whole of a schedule. */
    static Schedule whole(double[] weights, TrafficSpec traffic, WorkloadSpec.Arrivals arrivals, long seed) {
        return new Schedule(weights, traffic, arrivals, seed, 0, 1);
    }

    /** The next arrival of this shard. */
    Arrival next() {
        Arrival arrival = draw();
        while (arrival.number() % shards != shard) {
            arrival = draw();
        }
        return arrival;
    }

    private Arrival draw() {
        // nextDouble() is in [0, 1), so the logarithm's argument is in (0, 1]: never infinite. StrictMath is the same
        // everywhere.
        expected += poisson ? -StrictMath.log(1 - random.nextDouble()) : 1;
        return new Arrival(number++, expected, operation());
    }

    private int operation() {
        double drawn = random.nextDouble() * cumulatedWeights[cumulatedWeights.length - 1];
        int operation = 0;
        while (drawn >= cumulatedWeights[operation]) {
            operation++;
        }
        return operation;
    }

    /**
     * When an arrival comes, in nanoseconds after the load began. That may change once, when the migration starts before
     * it: who waits for an arrival asks again then.
     */
    long afterNanos(Arrival arrival) {
        double start = startSeconds;
        double before = start / secondsPerRequest;
        double seconds = arrival.expected() <= before
                ? arrival.expected() * secondsPerRequest
                : start + rate.secondsAt(arrival.expected() - before);
        return Math.round(seconds * NANOS_PER_SECOND);
    }

    /** The migration started so long after the load began: traffic that changes over time counts from then. */
    void migrationStarted(long afterNanos) {
        if (!constant) {
            startSeconds = afterNanos / NANOS_PER_SECOND;
        }
    }
}
