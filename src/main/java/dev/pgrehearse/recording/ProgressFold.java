package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Folds what was seen of the progress of statements into phases. */
final class ProgressFold {
    static final int MOST_POINTS = 200;
    private static final int MOST_PHASES = 200;

    private final List<Fact.ProgressSeen> seen;
    private final Phases phases;

    ProgressFold(List<Fact.ProgressSeen> seen, Phases phases) {
        this.seen = seen;
        this.phases = phases;
    }

    private record Run(int index, int attempt) {}

    /** By statement and attempt, in the order in which they ran; those of which nothing was seen are missing. */
    List<StatementProgress> fold() {
        Map<Run, List<Fact.ProgressSeen>> byRun = new LinkedHashMap<>();
        for (Fact.ProgressSeen sighting : seen) {
            byRun.computeIfAbsent(new Run(sighting.index(), sighting.attempt()), run -> new ArrayList<>())
                    .add(sighting);
        }
        List<StatementProgress> folded = new ArrayList<>();
        byRun.forEach((run, sightings) -> {
            List<StatementProgress.Phase> all = phases(sightings);
            folded.add(new StatementProgress(
                    run.index(),
                    run.attempt(),
                    List.copyOf(all.subList(0, Math.min(all.size(), MOST_PHASES))),
                    Math.max(0, all.size() - MOST_PHASES)));
        });
        return List.copyOf(folded);
    }

    private List<StatementProgress.Phase> phases(List<Fact.ProgressSeen> sightings) {
        List<StatementProgress.Phase> folded = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= sightings.size(); i++) {
            if (i == sightings.size() || !samePhase(sightings.get(i), sightings.get(from))) {
                Fact.ProgressSeen next = i == sightings.size() ? sightings.get(i - 1) : sightings.get(i);
                folded.add(phase(sightings.subList(from, i), next.atNanos()));
                from = i;
            }
        }
        return folded;
    }

    private static boolean samePhase(Fact.ProgressSeen one, Fact.ProgressSeen other) {
        return one.source().equals(other.source())
                && one.command().equals(other.command())
                && one.phase().equals(other.phase())
                && Objects.equals(one.relation(), other.relation());
    }

    private StatementProgress.Phase phase(List<Fact.ProgressSeen> its, long endNanos) {
        Fact.ProgressSeen first = its.get(0);
        Fact.ProgressSeen last = its.get(its.size() - 1);
        return new StatementProgress.Phase(
                first.command(),
                first.phase(),
                first.relation(),
                first.source(),
                phases.millis(first.atNanos()),
                phases.millis(endNanos),
                last.unit(),
                last.total(),
                last.unit() == null ? List.of() : points(its));
    }

    /** Evenly thinned when there are too many. */
    private List<StatementProgress.Point> points(List<Fact.ProgressSeen> its) {
        int count = Math.min(its.size(), MOST_POINTS);
        List<StatementProgress.Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = count == 1 ? 0 : (int) ((long) i * (its.size() - 1) / (count - 1));
            points.add(new StatementProgress.Point(
                    phases.millis(its.get(at).atNanos()), its.get(at).done()));
        }
        return List.copyOf(points);
    }
}
