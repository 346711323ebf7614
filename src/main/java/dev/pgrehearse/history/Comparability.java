package dev.pgrehearse.history;

import dev.pgrehearse.estimate.DecidingSettings;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.verdict.Figures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says what keeps an estimate from being held against a run of its scenario and variant. An error of the estimate must be
 * nothing else's: not of other rows, other statements, another machine, other settings, nor of figures that the estimate had seen.
 */
final class Comparability {
    /** By so much the rows may differ from the target: errors that are worth remembering are larger. */
    static final double ROWS_TOLERANCE = 0.05;

    private static final int LONGEST_SQL = 100;

    private final MeasuredRun run;
    private final Estimate estimate;

    private Comparability(MeasuredRun run, Estimate estimate) {
        this.run = run;
        this.estimate = estimate;
    }

    /** Everything that is in the way, said of the estimate as "it"; empty when nothing is. */
    static List<String> reasons(MeasuredRun run, Estimate estimate, String estimatedAt) {
        Comparability comparability = new Comparability(run, estimate);
        List<String> reasons = new ArrayList<>();
        comparability.rows().ifPresent(reasons::add);
        comparability.statements().ifPresent(reasons::add);
        if (!estimate.statements().isEmpty() && !estimate.machine().equals(run.machine())) {
            reasons.add("it was made with " + estimate.machine() + ", and the recording with " + run.machine()
                    + ": a duration is its machine's");
        }
        List<String> apart = DecidingSettings.apart(estimate.settings(), run.settings());
        if (!apart.isEmpty()) {
            reasons.add("it was made with other settings than the recording: " + String.join(", ", apart));
        }
        if (Instant.parse(run.recordedAt()).isBefore(Instant.parse(estimatedAt))) {
            reasons.add("it was made at " + estimatedAt + ", after the recording of " + run.recordedAt()
                    + ": only what was foretold can be checked");
        }
        if (reasons.isEmpty() && comparability.seen()) {
            reasons.add("it was made from this very run, which is a rung of its ladder: that it agrees says nothing");
        }
        return reasons;
    }

    private Optional<String> rows() {
        Map<String, Long> target = new TreeMap<>(estimate.target());
        if (target.entrySet().stream().allMatch(table -> isNear(run.rows().get(table.getKey()), table.getValue()))) {
            return Optional.empty();
        }
        Map<String, Long> measured = new TreeMap<>(run.rows());
        measured.keySet().retainAll(target.keySet());
        String asked = measured.entrySet().stream()
                .filter(table -> table.getValue() > 0)
                .map(table -> table.getKey() + "=" + table.getValue())
                .collect(Collectors.joining(","));
        return Optional.of("it is for " + inWords(target) + " rows, and the recording has "
                + (asked.isEmpty()
                        ? "none of these tables"
                        : inWords(measured) + "; an estimate of that has --target " + asked));
    }

    private static boolean isNear(@Nullable Long measured, long target) {
        return measured != null && Math.abs(measured - target) <= Math.max(1, ROWS_TOLERANCE * target);
    }

    private static String inWords(Map<String, Long> rows) {
        return rows.entrySet().stream()
                .map(table -> table.getKey() + " " + Figures.count(table.getValue()))
                .collect(Collectors.joining(", "));
    }

    private Optional<String> statements() {
        if (estimate.statements().isEmpty()) {
            return Optional.of("it has no figure: " + String.join(" ", estimate.reasons()));
        }
        Map<Integer, String> estimated = new TreeMap<>();
        estimate.statements().forEach(statement -> estimated.put(statement.index(), statement.sql()));
        Map<Integer, String> measured = new TreeMap<>();
        run.statements().forEach(statement -> measured.put(statement.index(), statement.sql()));
        TreeSet<Integer> all = new TreeSet<>(estimated.keySet());
        all.addAll(measured.keySet());
        return all.stream()
                .flatMap(index -> differ(index, estimated.get(index), measured.get(index)).stream())
                .findFirst();
    }

    private static Optional<String> differ(int index, @Nullable String estimated, @Nullable String measured) {
        if (estimated == null || measured == null) {
            return Optional.of("it is of another migration: of its statement " + index + ", "
                    + part(estimated == null ? String.valueOf(measured) : estimated, 0) + ", there is nothing in the "
                    + (estimated == null ? "estimate" : "recording"));
        }
        int same = 0;
        while (same < Math.min(estimated.length(), measured.length())
                && estimated.charAt(same) == measured.charAt(same)) {
            same++;
        }
        return estimated.equals(measured)
                ? Optional.empty()
                : Optional.of("it is of another migration: its statement " + index + " is " + part(estimated, same)
                        + ", and the recording's is " + part(measured, same));
    }

    /** A long text from shortly before the place that matters. */
    private static String part(String sql, int place) {
        int from = sql.length() <= LONGEST_SQL ? 0 : Math.max(0, place - LONGEST_SQL / 2);
        int to = Math.min(sql.length(), from + LONGEST_SQL);
        return "`" + (from > 0 ? "…" : "")
                + sql.substring(from, to).replaceAll("[\\s\\p{Cntrl}]+", " ").strip() + (to < sql.length() ? "…" : "")
                + "`";
    }

    /** Two runs never take the same time to the nanosecond, and all their statements least of all. */
    private boolean seen() {
        boolean any = false;
        for (StatementEstimate statement : estimate.statements()) {
            double seconds = run.seconds(statement.index());
            if (seconds > 0) {
                any = true;
                if (statement.rungs().stream().map(Measurement::values).noneMatch(values -> values.contains(seconds))) {
                    return false;
                }
            }
        }
        return any;
    }
}
