package dev.pgrehearse.estimate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The crossings of all limits together. Sizes are shares of the target.
 *
 * @param limits each with where it is crossed
 */
record Turn(List<Crossed> limits) {
    /** What the rung under load may be apart from the size at which the curves turn, as a factor: it is a single run. */
    private static final double SLACK = 1.25;

    /** A limit and where it is crossed. */
    record Crossed(Line line, Crossing crossing) {}

    static Turn of(List<Line> lines, Durations durations) {
        List<Double> sizes = Crossing.sizes(durations.smallest(), durations.farthest(), durations.top(), 1);
        List<Crossed> crossed = new ArrayList<>();
        for (Line line : lines) {
            crossed.add(new Crossed(line, Crossing.of(sizes, line.seconds(), line.holdsSeconds())));
        }
        return new Turn(List.copyOf(crossed));
    }

    /** The limit that is broken for certain at the smallest size, by central values; empty when none is within reach. */
    Optional<Crossed> decides() {
        return first(Crossing::central, true);
    }

    /** The limit that may be broken at the smallest size; likewise. */
    Optional<Crossed> earliest() {
        return first(Crossing::from, false);
    }

    /** From which size on a limit is surely broken; null when none is within reach. */
    @Nullable
    Double to() {
        return first(Crossing::to, true).map(crossed -> crossed.crossing().to()).orElse(null);
    }

    /** The limit of which the least is known. */
    Crossed leastKnown() {
        return limits.stream()
                .min(Comparator.comparingDouble(crossed -> crossed.crossing().reach()))
                .orElseThrow();
    }

    /** The size up to which all limits are known, or one of them is surely broken. */
    double reach() {
        return leastKnown().crossing().reach();
    }

    /** Whether a NO-GO there is in keeping with the curves. */
    boolean mayBeNoGoAt(double size) {
        Double from = earliest().map(crossed -> crossed.crossing().from()).orElse(null);
        return from != null && from <= size * SLACK;
    }

    /** Whether a GO there is not. */
    boolean isSurelyNoGoAt(double size) {
        Double to = to();
        return to != null && to <= size;
    }

    private Optional<Crossed> first(Function<Crossing, @Nullable Double> where, boolean certainOnly) {
        return limits.stream()
                .filter(crossed -> !certainOnly || crossed.line().certain())
                .filter(crossed -> where.apply(crossed.crossing()) != null)
                .min(Comparator.comparingDouble(crossed -> Objects.requireNonNull(where.apply(crossed.crossing()))));
    }
}
