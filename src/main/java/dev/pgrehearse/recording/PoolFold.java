package dev.pgrehearse.recording;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Folds one instance's pool samples. A pool is exhausted while all its connections are in use and requests wait for one; a
 * sample holds until the next.
 */
final class PoolFold {
    private static final int[] SHARES = {50, 80, 90, 100};

    private final Phases phases;
    private final int size;
    private final long migrationStart;
    private final Map<Integer, Double> firstAt = new LinkedHashMap<>();
    private int activePeak;
    private int pendingPeak;
    private long exhausted;
    private long longest;
    private long since = RequestEntry.NEVER;
    private @Nullable Double firstExhausted;

    private PoolFold(Phases phases, int size, long migrationStart) {
        this.phases = phases;
        this.size = size;
        this.migrationStart = migrationStart;
    }

    /**
     * Folds the pool.
     *
     * @param samples its samples in order of time
     * @param timeouts requests that gave up waiting for a connection
     * @param endNanos the end of the recording
     */
    static Recording.PoolFacts fold(
            Fact.PoolMade pool, List<Fact.PoolSampled> samples, long timeouts, Phases phases, long endNanos) {
        PoolFold fold = new PoolFold(phases, pool.size(), phases.migrationStart(endNanos));
        for (int i = 0; i < samples.size(); i++) {
            fold.hold(
                    samples.get(i), i + 1 < samples.size() ? samples.get(i + 1).atNanos() : endNanos);
        }
        fold.calm(endNanos);
        return new Recording.PoolFacts(
                pool.instance(),
                pool.size(),
                fold.activePeak,
                fold.pendingPeak,
                fold.exhausted / 1e6,
                fold.longest / 1e6,
                fold.firstExhausted,
                fold.firstAt,
                timeouts);
    }

    private void hold(Fact.PoolSampled sample, long untilNanos) {
        if (untilNanos <= phases.originNanos()) {
            return;
        }
        long from = Math.max(sample.atNanos(), phases.originNanos());
        activePeak = Math.max(activePeak, sample.active());
        pendingPeak = Math.max(pendingPeak, sample.pending());
        if (sample.active() >= size && sample.pending() > 0) {
            since = since == RequestEntry.NEVER ? from : since;
        } else {
            calm(from);
        }
        if (untilNanos > migrationStart) {
            double afterStart = phases.millis(Math.max(from, migrationStart));
            for (int share : SHARES) {
                if (sample.active() * 100 >= share * size) {
                    firstAt.putIfAbsent(share, afterStart);
                }
            }
            if (since != RequestEntry.NEVER && firstExhausted == null) {
                firstExhausted = afterStart;
            }
        }
    }

    private void calm(long atNanos) {
        if (since != RequestEntry.NEVER) {
            exhausted += atNanos - since;
            longest = Math.max(longest, atNanos - since);
            since = RequestEntry.NEVER;
        }
    }
}
