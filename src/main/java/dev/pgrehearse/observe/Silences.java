package dev.pgrehearse.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * When a server gave the observer no answer. No probe's question waits for a lock: when one has no answer, the server gives nobody
 * one. Thread-safe.
 *
 * <p>The first is doubted at once, since what comes after it may never be told; all together, in the end.
 */
final class Silences {
    /** No answer for so long is told by itself. */
    private static final long LEAST_NANOS = 2_000_000_000L;

    /** Probes of one silence tell of it within a moment of one another. */
    private static final double KNOWN_BEFORE_SECONDS = 0.5;

    private record Span(long fromNanos, long toNanos) {
        private boolean touches(Span other) {
            return fromNanos <= other.toNanos && other.fromNanos <= toNanos;
        }

        private Span and(Span other) {
            return new Span(Math.min(fromNanos, other.fromNanos), Math.max(toNanos, other.toNanos));
        }

        private double seconds() {
            return (toNanos - fromNanos) / 1e9;
        }
    }

    private final Doubts doubts;
    private final String id;
    private final String server;
    private final List<Span> spans = new ArrayList<>();
    private double toldSeconds;

    /**
     * None so far.
     *
     * @param id the doubt's; of all together {@code -in-all} is behind it
     * @param server in words, such as {@code server}
     */
    Silences(Doubts doubts, String id, String server) {
        this.doubts = doubts;
        this.id = id;
        this.server = server;
    }

    /** A question had no answer before {@code toNanos}; one that did not take long is none. Several may tell of the same silence. */
    synchronized void add(long fromNanos, long toNanos) {
        if (toNanos - fromNanos <= LEAST_NANOS) {
            return;
        }
        Span span = new Span(fromNanos, toNanos);
        if (spans.isEmpty()) {
            toldSeconds = span.seconds();
            doubts.raise(
                    id,
                    String.format(
                            Locale.ROOT,
                            "The %s gave the observer no answer for %.1f s from %s on, though its question waits for"
                                    + " no lock: server or machine stood still. A stall of that time is not shown to be the"
                                    + " migration's doing.",
                            server,
                            span.seconds(),
                            doubts.when(fromNanos)));
        }
        List<Span> same = spans.stream().filter(span::touches).toList();
        spans.removeAll(same);
        spans.add(same.stream().reduce(span, Span::and));
    }

    /** Tells all, when there was more than the first, or that was longer than who told of it first knew. */
    synchronized void report() {
        boolean longer = spans.stream().anyMatch(span -> span.seconds() > toldSeconds + KNOWN_BEFORE_SECONDS);
        if (spans.size() < 2 && !longer) {
            return;
        }
        List<Span> all = spans.stream()
                .sorted((one, other) -> Long.compare(one.fromNanos, other.fromNanos))
                .toList();
        doubts.raise(
                id + "-in-all",
                String.format(
                        Locale.ROOT,
                        "The %s gave the observer no answer %s in all, from %s to %s, for %.1f s at most and %.1f s together.",
                        server,
                        all.size() == 1 ? "once" : all.size() + " times",
                        doubts.when(all.get(0).fromNanos),
                        doubts.when(all.get(all.size() - 1).toNanos),
                        all.stream().mapToDouble(Span::seconds).max().orElseThrow(),
                        all.stream().mapToDouble(Span::seconds).sum()));
    }
}
