package dev.pgrehearse.app;

import dev.pgrehearse.scenario.AppSpec;
import java.util.SplittableRandom;

/**
 * How long a client pauses before it tries again: a pure function of seed, request and try, so that the same rehearsal
 * draws the same pauses.
 */
final class Backoff {
    private final AppSpec.Retries retries;
    private final long seed;

    Backoff(AppSpec.Retries retries, long seed) {
        this.retries = retries;
        this.seed = seed;
    }

    /**
     * The pause, in nanoseconds.
     *
     * @param request its number
     * @param failed which try has failed, from 1
     */
    long nanosAfter(long request, int failed) {
        double pause = Math.min(
                (double) retries.maxBackoff().toNanos(),
                retries.backoff().toNanos() * Math.pow(retries.multiplier(), (double) failed - 1));
        double drawn = new SplittableRandom(seed ^ (request * 0x9E3779B97F4A7C15L + failed)).nextDouble();
        return (long) (pause * (1 + retries.jitter() * (2 * drawn - 1)));
    }
}
