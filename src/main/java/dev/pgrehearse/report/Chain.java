package dev.pgrehearse.report;

import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Event;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Traffic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What happened to the service after the migration's start, in order: the first event of each kind, and how many like it
 * came after.
 */
final class Chain {
    private static final Set<String> KINDS =
            Arrays.stream(AppEvent.values()).map(AppEvent::kind).collect(Collectors.toSet());

    private Chain() {}

    /**
     * One link.
     *
     * @param at since the migration's start, such as {@code +12 s}
     * @param text what happened
     * @param more how many like it came after; empty for none
     */
    record Link(String at, String text, String more) {}

    /** Empty when nothing happened to the service. */
    static List<Link> of(Recording recording) {
        Phase migration = Traffic.phase(recording, Phase.MIGRATION);
        if (migration == null) {
            return List.of();
        }
        Map<String, List<Event>> byKind = new LinkedHashMap<>();
        for (Event event : recording.events()) {
            if (KINDS.contains(event.kind()) && event.atMs() >= migration.startMs()) {
                // Of failures each outcome has one event already.
                String kind =
                        event.kind().equals(AppEvent.FIRST_FAILURE.kind()) ? event.kind() + event.text() : event.kind();
                byKind.computeIfAbsent(kind, absent -> new ArrayList<>()).add(event);
            }
        }
        return byKind.values().stream()
                .map(events -> new Link(
                        "+" + Figures.duration(events.get(0).atMs() - migration.startMs()),
                        events.get(0).text(),
                        events.size() == 1 ? "" : "and " + Figures.count(events.size() - 1) + " more like it"))
                .toList();
    }
}
