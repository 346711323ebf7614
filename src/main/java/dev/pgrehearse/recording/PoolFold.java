package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Folds one instance's pool samples. A pool is exhausted while none of its connections is free and requests wait for one,
 * also when it is not full since the server gives it no more; a sample holds until the next.
 */
final class PoolFold {
    private static final int[] SHARES = {50, 80, 90, 100};

    private final Fact.PoolMade pool;
    private final List<Fact.PoolSampled> samples;
    private final Phases phases;
    private final long endNanos;

    /**
     * Folds a pool.
     *
     * @param samples its samples in order of time
     * @param endNanos the end of the recording
     */
    PoolFold(Fact.PoolMade pool, List<Fact.PoolSampled> samples, Phases phases, long endNanos) {
        this.pool = pool;
        this.samples = samples;
        this.phases = phases;
        this.endNanos = endNanos;
    }

    /** A time in which the pool was exhausted. */
    private record Span(long fromNanos, long toNanos) {
        /** Its length in milliseconds within a time, at least 0. */
        double within(long from, long to) {
            return Math.max(0, Math.min(toNanos, to) - Math.max(fromNanos, from)) / 1e6;
        }
    }

    /**
     * The facts of the pool.
     *
     * @param timeouts how often a worker gave up waiting for a connection, also for requests whose client had gone before
     */
    Recording.PoolFacts fold(long timeouts) {
        long baseline = phases.originNanos();
        long migration = phases.migrationStart(endNanos);
        List<Span> exhausted = exhausted();
        List<Fact.PoolSampled> judged = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            if (until(i) > baseline) {
                judged.add(samples.get(i));
            }
        }
        return new Recording.PoolFacts(
                pool.instance(),
                pool.size(),
                judged.stream().mapToInt(Fact.PoolSampled::active).max().orElse(0),
                judged.stream().mapToInt(Fact.PoolSampled::pending).max().orElse(0),
                longest(exhausted, baseline, migration),
                exhausted.stream()
                        .mapToDouble(span -> span.within(migration, endNanos))
                        .sum(),
                longest(exhausted, migration, endNanos),
                exhausted.stream()
                        .filter(span -> span.within(migration, endNanos) > 0)
                        .findFirst()
                        .map(span -> phases.millis(Math.max(span.fromNanos(), migration)))
                        .orElse(null),
                firstAt(migration),
                timeouts);
    }

    private static double longest(List<Span> spans, long from, long to) {
        return spans.stream().mapToDouble(span -> span.within(from, to)).max().orElse(0);
    }

    private List<Span> exhausted() {
        List<Span> spans = new ArrayList<>();
        long since = RequestEntry.NEVER;
        for (Fact.PoolSampled sample : samples) {
            boolean now = sample.idle() == 0 && sample.pending() > 0;
            if (now && since == RequestEntry.NEVER) {
                since = sample.atNanos();
            } else if (!now && since != RequestEntry.NEVER) {
                spans.add(new Span(since, sample.atNanos()));
                since = RequestEntry.NEVER;
            }
        }
        if (since != RequestEntry.NEVER) {
            spans.add(new Span(since, endNanos));
        }
        return spans;
    }

    /** When so many per cent were first in use after the migration's start. */
    private Map<Integer, Double> firstAt(long migration) {
        Map<Integer, Double> first = new LinkedHashMap<>();
        for (int i = 0; i < samples.size(); i++) {
            Fact.PoolSampled sample = samples.get(i);
            if (until(i) > migration) {
                for (int share : SHARES) {
                    if (sample.active() * 100 >= share * pool.size()) {
                        first.putIfAbsent(share, phases.millis(Math.max(sample.atNanos(), migration)));
                    }
                }
            }
        }
        return first;
    }

    private long until(int sample) {
        return sample + 1 < samples.size() ? samples.get(sample + 1).atNanos() : endNanos;
    }
}
