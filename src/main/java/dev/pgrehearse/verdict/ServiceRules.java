package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Event;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;

/** The functions of the rules about what became of the service's instances. Pure. */
final class ServiceRules {
    private ServiceRules() {}

    /** How often something happened to the service since the migration's start. */
    static long happened(Recording recording, AppEvent event) {
        return events(recording, event).size();
    }

    /** How often it happened before the migration's start. */
    static long happenedBefore(Recording recording, AppEvent event) {
        Phase migration = Traffic.phase(recording, Phase.MIGRATION);
        return recording.events().stream()
                .filter(each ->
                        each.kind().equals(event.kind()) && (migration == null || each.atMs() < migration.startMs()))
                .count();
    }

    private static List<Event> events(Recording recording, AppEvent event) {
        Phase migration = Traffic.phase(recording, Phase.MIGRATION);
        return migration == null
                ? List.of()
                : recording.events().stream()
                        .filter(each -> each.kind().equals(event.kind()) && each.atMs() >= migration.startMs())
                        .toList();
    }

    static List<Finding> instancesLost(Recording recording, Limits limits) {
        List<Event> removed = events(recording, AppEvent.INSTANCE_REMOVED);
        List<Event> killed = events(recording, AppEvent.INSTANCE_KILLED);
        List<Event> none = events(recording, AppEvent.NO_INSTANCE_LEFT);
        if (removed.isEmpty() && killed.isEmpty()) {
            return List.of();
        }
        Phase migration = Traffic.phase(recording, Phase.MIGRATION);
        double start = migration == null ? 0 : migration.startMs();
        long refused = Traffic.outcomes(recording, Traffic.JUDGED).getOrDefault(Outcome.NO_INSTANCE, 0L);
        List<Event> all = new ArrayList<>(removed);
        all.addAll(killed);
        double first = all.stream().mapToDouble(Event::atMs).min().orElse(start);
        int count = removed.size() + killed.size();
        return List.of(new Finding(
                "instances-lost",
                none.isEmpty() ? Severity.WARNING : Severity.NO_GO,
                null,
                count,
                0,
                Finding.COUNT,
                none.isEmpty()
                        ? "Probes took instances out of traffic " + Figures.count(count, "time", "times")
                        : "Probes took the last instance out of traffic "
                                + Figures.duration(none.get(0).atMs() - start) + " after the migration's start",
                "The first was lost " + Figures.duration(first - start) + " after the migration's start: "
                        + Figures.count(removed.size(), "time", "times") + " a readiness probe took one out, "
                        + Figures.count(killed.size(), "time", "times") + " a liveness probe had one killed."
                        + (refused == 0
                                ? ""
                                : " " + Figures.count(refused, "request", "requests") + " found no instance at all."),
                SaferWay.numbered(List.of(
                        "See what filled the pools or workers, above: a probe that waits for either fails with them.",
                        "Ask a readiness probe for what one instance can do something about; a database that is slow for all"
                                + " is no reason to take all out.",
                        "Change one thing, rehearse again, and compare the same figure."))));
    }
}
