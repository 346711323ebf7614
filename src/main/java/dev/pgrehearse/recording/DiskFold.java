package dev.pgrehearse.recording;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Folds samples of the server's directories into what a span of time took of the disk. */
final class DiskFold {
    /** Of the looks beside a statement's run the next one comes no sooner. */
    private static final long MOMENT_NANOS = 250_000_000;

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
        // A look is taken at each end, and at each start unless one was a moment before: the nearest is milliseconds
        // away.
        Fact.DiskSampled start = nearest(startNanos);
        Fact.DiskSampled end = atEnd(endNanos);
        List<Fact.DiskSampled> within = samples.stream()
                .filter(sample -> sample.atNanos() >= startNanos && sample.atNanos() <= endNanos)
                .toList();
        List<Fact.DiskSampled> seen =
                Stream.concat(within.stream(), Stream.of(end)).toList();
        Fact.DiskSampled peak = seen.stream()
                .max(Comparator.comparingLong(Fact.DiskSampled::totalBytes))
                .filter(most -> most.totalBytes() > start.totalBytes())
                .orElse(start);
        return Optional.of(new DiskUse(
                start.totalBytes(),
                peak.totalBytes() - start.totalBytes(),
                phases.millis(peak.atNanos()),
                end.totalBytes() - start.totalBytes(),
                most(seen, start, Fact.DiskSampled::createdBytes) - start.createdBytes(),
                most(seen, start, Fact.DiskSampled::temporaryBytes),
                most(seen, start, Fact.DiskSampled::walBytes) - start.walBytes(),
                start.freeBytes(),
                within.size()));
    }

    private static long most(
            List<Fact.DiskSampled> samples, Fact.DiskSampled start, ToLongFunction<Fact.DiskSampled> bytes) {
        return Math.max(
                bytes.applyAsLong(start),
                samples.stream().mapToLong(bytes).max().orElse(Long.MIN_VALUE));
    }

    /**
     * The end's own sample comes a moment after it, and one of a moment before has not all that was written; there is none
     * when nothing had changed.
     */
    private Fact.DiskSampled atEnd(long endNanos) {
        return samples.stream()
                .filter(sample -> sample.atNanos() >= endNanos && sample.atNanos() - endNanos < MOMENT_NANOS)
                .findFirst()
                .orElseGet(() -> nearest(endNanos));
    }

    private Fact.DiskSampled nearest(long atNanos) {
        return samples.stream()
                .min(Comparator.comparingLong(sample -> Math.abs(sample.atNanos() - atNanos)))
                .orElseThrow();
    }
}
