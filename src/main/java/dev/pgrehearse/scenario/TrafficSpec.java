package dev.pgrehearse.scenario;

import java.time.Duration;
import java.util.List;

/**
 * How many requests are offered per second, as a function of the time since the migration started. Before that it is what it
 * is at that moment: warm-up and baseline run at the rate that the migration meets first.
 *
 * @param pieces one after the other, at least one; the first begins with more than 0, since the warm-up runs at it
 * @param daily whether they make up a day, after which they begin again; otherwise the last rate goes on
 */
public record TrafficSpec(List<Piece> pieces, boolean daily) {
    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * A time in which the rate goes evenly from one value to another.
     *
     * @param length more than nothing
     * @param fromPerSecond at its begin; 0 or more
     * @param toPerSecond at its end; 0 or more
     */
    public record Piece(Duration length, double fromPerSecond, double toPerSecond) {
        public Piece {
            if (length.isNegative() || length.isZero() || !(fromPerSecond >= 0) || !(toPerSecond >= 0)) {
                throw new IllegalArgumentException(
                        "a piece of " + length + " from " + fromPerSecond + "/s to " + toPerSecond + "/s");
            }
        }

        /** Its length in seconds. */
        public double seconds() {
            return length.toNanos() / NANOS_PER_SECOND;
        }
    }

    /** The least and the most requests per second within some time. */
    public record Span(double least, double most) {
        private Span with(double perSecond) {
            return new Span(Math.min(least, perSecond), Math.max(most, perSecond));
        }
    }

    public TrafficSpec {
        pieces = List.copyOf(pieces);
        if (pieces.isEmpty() || !(pieces.get(0).fromPerSecond() > 0)) {
            throw new IllegalArgumentException("traffic that begins without any: " + pieces);
        }
        if (!daily && !(pieces.get(pieces.size() - 1).toPerSecond() > 0)) {
            throw new IllegalArgumentException("traffic that ends for ever: " + pieces);
        }
    }

    /** Always the same rate. */
    public static TrafficSpec constant(double perSecond) {
        return new TrafficSpec(List.of(new Piece(Duration.ofDays(1), perSecond, perSecond)), false);
    }

    /** Whether the rate is always the same. */
    public boolean isConstant() {
        return pieces.stream()
                .allMatch(piece -> piece.fromPerSecond() == atStart() && piece.toPerSecond() == atStart());
    }

    /** The rate when the migration starts, and all the time before. */
    public double atStart() {
        return pieces.get(0).fromPerSecond();
    }

    /** Between which rates it moves from the migration's start until {@code length} later. */
    public Span within(Duration length) {
        double end = length.toNanos() / NANOS_PER_SECOND;
        Span span = new Span(atStart(), atStart());
        double start = 0;
        for (int i = 0; start < end && (daily || i < pieces.size()); i++) {
            Piece piece = pieces.get(i % pieces.size());
            double share = Math.min(1, (end - start) / piece.seconds());
            double reached = piece.fromPerSecond() + share * (piece.toPerSecond() - piece.fromPerSecond());
            span = span.with(piece.fromPerSecond()).with(reached);
            start += piece.seconds();
        }
        return span;
    }
}
