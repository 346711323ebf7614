package dev.pgrehearse.recording;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Folds samples of the server's directories into what a span of time took of the disk. */
final class DiskFold {
    private final List<Fact.DiskSampled> samples;
    private final Phases phases;

    DiskFold(List<Fact> facts, Phases phases) {
        this.samples = facts.stream()
                .filter(Fact.DiskSampled.class::isInstance)
                .map(Fact.DiskSampled.class::cast)
                .sorted(Comparator.comparingLong(Fact.DiskSampled::atNanos))
                .toList();
        this.phases = phases;
    }

    /** The disk from one moment to another; empty when it was not sampled. */
    Optional<DiskUse> between(long startNanos, long endNanos) {
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        // A sample is asked for at each start and end, so the nearest one is milliseconds away, on either side.
        Fact.DiskSampled start = nearest(startNanos);
        Fact.DiskSampled end = nearest(endNanos);
        List<Fact.DiskSampled> within = samples.stream()
                .filter(sample -> sample.atNanos() >= startNanos && sample.atNanos() <= endNanos)
                .toList();
        // The end's own sample may come a moment after it.
        Fact.DiskSampled peak = Stream.concat(within.stream(), Stream.of(end))
                .max(Comparator.comparingLong(Fact.DiskSampled::totalBytes))
                .filter(most -> most.totalBytes() > start.totalBytes())
                .orElse(start);
        return Optional.of(new DiskUse(
                start.totalBytes(),
                peak.totalBytes() - start.totalBytes(),
                phases.millis(peak.atNanos()),
                end.totalBytes() - start.totalBytes(),
                most(within, start, Fact.DiskSampled::createdBytes) - start.createdBytes(),
                most(within, start, Fact.DiskSampled::temporaryBytes),
                most(within, start, Fact.DiskSampled::walBytes) - start.walBytes(),
                start.freeBytes(),
                within.size()));
    }

    private static long most(
            List<Fact.DiskSampled> samples, Fact.DiskSampled start, ToLongFunction<Fact.DiskSampled> bytes) {
        return Math.max(
                bytes.applyAsLong(start),
                samples.stream().mapToLong(bytes).max().orElse(Long.MIN_VALUE));
    }

    private Fact.DiskSampled nearest(long atNanos) {
        return samples.stream()
                .min(Comparator.comparingLong(sample -> Math.abs(sample.atNanos() - atNanos)))
                .orElseThrow();
    }
}
