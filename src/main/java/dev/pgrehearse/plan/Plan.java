package dev.pgrehearse.plan;

import java.time.Duration;
import java.util.List;

/** The flat, ordered list of rehearsals that a command comes down to. */
public record Plan(List<Rehearsal> rehearsals) {
    /** What all of them take at least, one after the other, without loading and without the migrations themselves. */
    public Duration leastTime() {
        return rehearsals.stream().map(Rehearsal::leastTime).reduce(Duration.ZERO, Duration::plus);
    }

    /** The most disk that is in use at once. */
    public long diskBytes() {
        return rehearsals.stream().mapToLong(Rehearsal::diskBytes).max().orElse(0);
    }
}
