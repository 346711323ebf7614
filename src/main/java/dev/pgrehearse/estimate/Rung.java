package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The migration at one size, as often as it was run there.
 *
 * @param rows by table, as asked for
 * @param runs at least one, each from the same state
 */
public record Rung(Map<String, Long> rows, List<Run> runs) {
    public Rung {
        rows = Map.copyOf(rows);
        runs = List.copyOf(runs);
    }

    /** Whether a statement that takes a while took now this and now that. */
    public boolean isNoisy() {
        Map<Integer, List<Double>> seconds = new HashMap<>();
        for (Run run : runs) {
            for (Statement statement : Estimator.statements(run.recording())) {
                seconds.computeIfAbsent(statement.index(), index -> new ArrayList<>())
                        .add(StatementEstimator.seconds(statement));
            }
        }
        return seconds.values().stream()
                .map(values -> new Measurement(1, values))
                .anyMatch(Measurement::isNoisy);
    }

    /** One quiet run, and what decides about cliffs at its size. */
    public record Run(Recording recording, SizeFacts facts) {}
}
