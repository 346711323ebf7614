package dev.pgrehearse.plan;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The flat, ordered list of rehearsals that a command comes down to. */
public record Plan(List<Rehearsal> rehearsals) {
    /** What all of them take at least, one after the other, without loading and without the migrations themselves. */
    public Duration leastTime() {
        return rehearsals.stream().map(Rehearsal::leastTime).reduce(Duration.ZERO, Duration::plus);
    }

    /**
     * The most disk that is in use at once: every dataset once, and the copies that are rehearsed on. Without WAL, and
     * without what a migration writes.
     *
     * @param keepingCopies whether copies stay ({@code --keep}); otherwise there is one at a time
     * @param there datasets that an earlier run has made: only their copies count
     */
    public long diskBytes(boolean keepingCopies, Set<Rehearsal.Data> there) {
        Map<Rehearsal.Data, Long> datasets = new LinkedHashMap<>();
        rehearsals.forEach(rehearsal -> datasets.put(rehearsal.data(), rehearsal.dataBytes()));
        datasets.keySet().removeAll(there);
        double golden =
                datasets.values().stream().mapToDouble(Long::doubleValue).sum();
        double kept = rehearsals.stream().mapToDouble(Rehearsal::dataBytes).sum();
        double standby =
                rehearsals.stream().mapToDouble(Rehearsal::standbyBytes).max().orElse(0);
        double passing =
                rehearsals.stream().mapToDouble(Rehearsal::copyBytes).max().orElse(0);
        // As doubles: absurd row counts must not overflow into a figure that fits any disk.
        return (long) (golden + (keepingCopies ? kept + standby : passing));
    }
}
