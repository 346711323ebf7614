package dev.pgrehearse.history;

import dev.pgrehearse.estimate.DecidingSettings;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A migration that was run to its end: what an estimate can be held against.
 *
 * @param recordedAt when its rehearsal started, ISO 8601 in UTC
 * @param rows by table, as they were counted before it
 * @param statements in order, of each the run that went through
 * @param underLoad whether there was a load beside it
 * @param machine that it ran on, in words
 * @param settings of its server, of those that durations hang on
 */
public record MeasuredRun(
        String scenario,
        String variant,
        String recordedAt,
        Map<String, Long> rows,
        List<Statement> statements,
        boolean underLoad,
        String machine,
        Map<String, String> settings) {
    /**
     * Of a recording.
     *
     * @throws NotComparable when it did not come to its end, its migration failed, or its rows were not counted
     */
    public static MeasuredRun of(Recording recording) throws NotComparable {
        List<String> reasons = new ArrayList<>();
        if (!recording.complete() || recording.fault() != null) {
            reasons.add("its rehearsal did not come to its end: " + recording.fault());
        }
        MigrationFacts migration = recording.migration();
        if (migration == null) {
            reasons.add("its migration never began");
        } else if (!migration.outcome().equals("ok")) {
            reasons.add("its migration did not run to its end (" + migration.outcome() + "): " + migration.state());
        }
        DatasetFacts dataset = recording.dataset();
        if (dataset == null || dataset.tables().isEmpty()) {
            reasons.add("its rows were not counted");
        }
        if (!isTime(recording.startedAt())) {
            reasons.add("its startedAt, " + recording.startedAt() + ", is no time");
        }
        if (!reasons.isEmpty() || dataset == null) {
            throw new NotComparable(reasons);
        }
        Map<String, Long> rows = new TreeMap<>();
        for (TableFacts table : dataset.tables()) {
            rows.put(table.name(), table.rows());
        }
        return new MeasuredRun(
                recording.scenario().name(),
                recording.scenario().variant(),
                recording.startedAt(),
                rows,
                wentThrough(recording),
                recording.requests() != null,
                Estimator.machine(recording),
                DecidingSettings.of(recording));
    }

    /** How long a statement took without its waits for locks; NaN when those were not measured, or it was not run. */
    double seconds(int index) {
        return statements.stream()
                .filter(statement -> statement.index() == index)
                .mapToDouble(Estimator::seconds)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static boolean isTime(String text) {
        try {
            var ignored = Instant.parse(text);
            return true;
        } catch (DateTimeException none) {
            return false;
        }
    }

    /** A transaction that is tried again runs its first statements again, too: the last try is the one that counts. */
    private static List<Statement> wentThrough(Recording recording) {
        Map<Integer, Statement> last = new LinkedHashMap<>();
        for (Statement statement : Estimator.statements(recording)) {
            last.put(statement.index(), statement);
        }
        return List.copyOf(last.values());
    }
}
