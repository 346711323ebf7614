package dev.pgrehearse.history;

import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.StatementEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * An estimate held against what was then measured.
 *
 * @param estimate the variant's
 * @param estimatedAt when its ladder was begun, ISO 8601 in UTC
 * @param statements in the migration's order
 */
public record Check(MeasuredRun run, Estimate estimate, String estimatedAt, List<Held> statements) {
    /**
     * One statement.
     *
     * @param measuredSeconds without its waits for locks; NaN when those were not measured
     * @param checked what the history is to remember; null when there is nothing to compare
     * @param leftOut why not, in a whole sentence; null when there is
     */
    public record Held(
            StatementEstimate estimate,
            double measuredSeconds,
            @Nullable CheckedStatement checked,
            @Nullable String leftOut) {}

    /**
     * Holds the estimate of the run's variant against the run.
     *
     * @param estimates of one command, which may hold one of this variant
     * @param now ISO 8601 in UTC
     * @throws NotComparable with everything that is in the way
     */
    public static Check of(MeasuredRun run, Estimates estimates, String now) throws NotComparable {
        Estimate estimate = ofVariant(run, estimates);
        List<String> reasons = Comparability.reasons(run, estimate, estimates.startedAt());
        if (!reasons.isEmpty()) {
            throw new NotComparable(reasons);
        }
        List<Held> statements = new ArrayList<>();
        for (StatementEstimate estimated : estimate.statements()) {
            statements.add(held(run, estimate, estimated, estimates.startedAt(), now));
        }
        Check check = new Check(run, estimate, estimates.startedAt(), List.copyOf(statements));
        if (check.checked().isEmpty()) {
            throw new NotComparable(statements.stream()
                    .map(held -> "statement " + held.estimate().index() + ": " + held.leftOut())
                    .toList());
        }
        return check;
    }

    /** The statements that have a figure on both sides. */
    public List<CheckedStatement> checked() {
        return statements.stream().map(Held::checked).filter(Objects::nonNull).toList();
    }

    private static Estimate ofVariant(MeasuredRun run, Estimates estimates) throws NotComparable {
        return estimates.estimates().stream()
                .filter(estimate -> estimate.scenario().equals(run.scenario())
                        && estimate.variant().equals(run.variant()))
                .findFirst()
                .orElseThrow(() -> new NotComparable(List.of("it is of "
                        + (estimates.estimates().isEmpty()
                                ? "nothing"
                                : estimates.estimates().stream()
                                        .map(estimate -> estimate.scenario() + ", " + estimate.variant())
                                        .collect(Collectors.joining(" and ")))
                        + ", and the recording is of " + run.scenario() + ", " + run.variant())));
    }

    private static Held held(
            MeasuredRun run, Estimate estimate, StatementEstimate estimated, String estimatedAt, String now) {
        Extrapolation duration = estimated.duration();
        double seconds = run.seconds(estimated.index());
        if (duration == null) {
            return new Held(estimated, seconds, null, "It was UNKNOWN: " + String.join(" ", estimated.unknown()));
        }
        if (Double.isNaN(seconds)) {
            return new Held(
                    estimated,
                    seconds,
                    null,
                    "Its waits for locks were not measured, so its own duration is not known.");
        }
        CheckedStatement checked = new CheckedStatement(
                CheckedStatement.FORMAT,
                now,
                run.scenario(),
                run.variant(),
                run.recordedAt(),
                estimatedAt,
                estimated.index(),
                DigestUtils.sha256Hex(estimated.sql()),
                estimated.operation(),
                estimated.table(),
                Math.round(estimated.targetRows()),
                rows(run, estimate, estimated.table()),
                duration.ratio(),
                duration.central(),
                duration.upper(),
                seconds,
                run.underLoad(),
                run.machine());
        return new Held(estimated, seconds, checked, null);
    }

    /** A statement that touched no table is estimated by the rows of the largest. */
    private static long rows(MeasuredRun run, Estimate estimate, @Nullable String table) {
        String by = table != null
                ? table
                : estimate.target().entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .map(Map.Entry::getKey)
                        .orElse("");
        return run.rows().getOrDefault(by, 0L);
    }
}
