package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The phases of a rehearsal in the clock's nanoseconds, and the way from those to milliseconds since the baseline.
 *
 * @param spans in order, each one's end the next one's start
 * @param originNanos the start of the baseline; of the first phase when there was none
 */
record Phases(List<Span> spans, long originNanos) {
    private static final int SHARE_BEFORE = 10;

    /** One phase. */
    record Span(String name, long startNanos, long endNanos) {
        long overlapWith(long fromNanos, long toNanos) {
            return Math.max(0, Math.min(endNanos, toNanos) - Math.max(startNanos, fromNanos));
        }
    }

    static Phases of(List<Fact> facts, long endNanos) {
        List<Fact.PhaseBegan> began = facts.stream()
                .filter(Fact.PhaseBegan.class::isInstance)
                .map(Fact.PhaseBegan.class::cast)
                .toList();
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < began.size(); i++) {
            long end = i + 1 < began.size() ? began.get(i + 1).atNanos() : endNanos;
            spans.add(new Span(began.get(i).name(), began.get(i).atNanos(), end));
        }
        long origin = spans.stream()
                .filter(span -> span.name().equals(Recording.Phase.BASELINE))
                .findFirst()
                .or(() -> spans.stream().findFirst())
                .map(Span::startNanos)
                .orElse(0L);
        return new Phases(spans, origin);
    }

    double millis(long nanos) {
        return (nanos - originNanos) / 1e6;
    }

    /** The start of the migration; when it never began, the end of everything. */
    long migrationStart(long endNanos) {
        return named(Recording.Phase.MIGRATION).map(Span::startNanos).orElse(endNanos);
    }

    Optional<Span> named(String name) {
        return spans.stream().filter(span -> span.name().equals(name)).findFirst();
    }

    /** Those whose requests are counted: all but the warm-up. */
    List<Span> judged() {
        return spans.stream()
                .filter(span -> !span.name().equals(Recording.Phase.WARMUP))
                .toList();
    }

    /**
     * The phase that a stall is told of: the one in which it began, since what comes later cannot have caused it. A stall of
     * which at most a tenth lies before a phase's end is the next one's: the last answer before a lock comes a moment before
     * it.
     */
    Optional<Span> ofStall(long fromNanos, long toNanos) {
        return at(fromNanos).map(began -> {
            long before = began.endNanos() - fromNanos;
            boolean nextOnes = before * SHARE_BEFORE <= toNanos - fromNanos;
            return nextOnes ? at(began.endNanos()).orElse(began) : began;
        });
    }

    /** The phase at a moment. */
    Optional<Span> at(long nanos) {
        return spans.stream()
                .filter(span -> span.startNanos() <= nanos && nanos < span.endNanos())
                .findFirst();
    }

    List<Recording.Phase> inMillis() {
        return spans.stream()
                .map(span -> new Recording.Phase(span.name(), millis(span.startNanos()), millis(span.endNanos())))
                .toList();
    }
}
