package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording.Doubt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A doubt, told once however many rehearsals have it.
 *
 * @param where {@code all rehearsals}, or their ids
 */
record DoubtView(Step text, String where) {
    static List<DoubtView> of(Run run) {
        Map<String, List<String>> ids = new LinkedHashMap<>();
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            for (Doubt doubt : rehearsed.verdict().doubts()) {
                ids.computeIfAbsent(doubt.text(), text -> new ArrayList<>()).add(rehearsed.id());
            }
        }
        List<DoubtView> doubts = new ArrayList<>();
        ids.forEach((text, where) -> doubts.add(new DoubtView(
                Step.of(text),
                where.size() > 1 && where.size() == run.rehearsals().size()
                        ? "all rehearsals"
                        : String.join(", ", where))));
        return doubts;
    }
}
