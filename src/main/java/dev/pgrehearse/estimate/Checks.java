package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.UnderLoad.Check;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Blocking;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import dev.pgrehearse.verdict.Traffic;
import dev.pgrehearse.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Holds what was measured at the rung under load against what the quiet runs say there. Pure. */
final class Checks {
    /** Curves and load agree when what was measured is not so much shorter than the central value. */
    static final double SHORTER = 0.25;

    /** Nor so much longer than the upper one: under load the migration shares processors and disk. */
    static final double LONGER = 0.5;

    /** By so much any time may differ: two periods of the sampler and a moment of the scheduler. */
    private static final double MOMENT_SECONDS = 0.1;

    private static final double LONGEST_GAP = 10;

    private Checks() {}

    static UnderLoad of(LoadedRung loaded, Verdict verdict, Estimate estimate, List<Hold> holds, Durations durations) {
        return new UnderLoad(
                loaded.rows(),
                verdict.verdict(),
                verdict.reasons(),
                estimate.statements().stream()
                        .map(statement -> waits(statement, loaded, durations))
                        .flatMap(Optional::stream)
                        .toList(),
                checks(loaded.recording(), holds, durations));
    }

    private static Optional<UnderLoad.Waits> waits(
            StatementEstimate statement, LoadedRung loaded, Durations durations) {
        Recording recording = loaded.recording();
        List<Statement> runs = Statements.runs(recording).stream()
                .filter(run -> run.index() == statement.index())
                .toList();
        if (runs.isEmpty()) {
            return Optional.empty();
        }
        double rows = durations.top() * statement.targetRows();
        Double quiet = statement.rungs().stream()
                .min(Comparator.comparingDouble(rung -> Math.abs(rung.rows() - rows)))
                .map(Measurement::central)
                .orElse(null);
        List<Blocking> blocking = runs.stream().map(Statement::blocking).toList();
        return Optional.of(new UnderLoad.Waits(
                statement.index(),
                quiet,
                runs.stream()
                        .filter(run -> run.outcome().equals("ok"))
                        .mapToDouble(StatementEstimator::seconds)
                        .max()
                        .orElseGet(() -> StatementEstimator.seconds(runs.get(runs.size() - 1))),
                runs.stream().mapToDouble(Statement::lockWaitMs).sum() / 1e3,
                runs.stream()
                        .max(Comparator.comparingDouble(Statement::lockWaitMs))
                        .map(run -> Statements.waitedBehind(recording, run))
                        .orElse(null),
                blocking.stream().mapToLong(Blocking::requests).sum(),
                blocking.stream().mapToDouble(Blocking::longestMs).max().orElse(0) / 1e3,
                blocking.stream()
                        .flatMap(each -> each.operations().stream())
                        .distinct()
                        .toList()));
    }

    private static List<Check> checks(Recording recording, List<Hold> holds, Durations durations) {
        List<Check> checks = new ArrayList<>();
        for (Hold hold : holds) {
            if (hold.lasts()
                    && (!hold.standstill().rows() || !hold.standstill().met().isEmpty())) {
                plain(hold)
                        .at(durations, durations.top())
                        .ifPresent(span -> checks.add(check(
                                hold.standstill().rows()
                                        ? "requests waited for rows that statement " + hold.first() + " changed,"
                                        : "statement " + hold.first() + " held "
                                                + hold.standstill().what(),
                                hold.heldSeconds(),
                                span,
                                0)));
            }
        }
        for (OperationFacts operation : Traffic.operations(recording)) {
            holds.stream()
                    .filter(hold -> !hold.standstill().rows()
                            && hold.lasts()
                            && hold.standstill().met().contains(operation.name()))
                    .map(hold ->
                            plain(hold).withWait(durations, durations.top()).orElse(null))
                    .filter(Objects::nonNull)
                    .max(Comparator.comparingDouble(Span::central))
                    .ifPresent(span -> checks.add(check(
                            operation.name() + " stood still",
                            Traffic.longestStall(operation, Traffic.JUDGED).lengthMs() / 1e3,
                            span,
                            gap(recording, operation))));
        }
        return checks;
    }

    private static Hold plain(Hold hold) {
        return new Hold(hold.standstill(), hold.first(), hold.last(), 1);
    }

    /**
     * A stall begins and ends with requests, so it may be as much longer or shorter than the lock was held as an operation has
     * gaps without any: those of the baseline, and ten times their mean, which one in 22 000 is longer than.
     */
    private static double gap(Recording recording, OperationFacts operation) {
        double longest =
                Traffic.longestStall(operation, List.of(Phase.BASELINE)).lengthMs() / 1e3;
        Phase baseline = Traffic.phase(recording, Phase.BASELINE);
        Recording.OperationPhase facts = operation.phases().get(Phase.BASELINE);
        if (baseline == null || facts == null || facts.count() == 0) {
            return Double.isNaN(longest) ? 0 : longest;
        }
        double mean = (baseline.endMs() - baseline.startMs()) / 1e3 / facts.count();
        return Math.max(longest, LONGEST_GAP * mean);
    }

    private static Check check(String what, double measured, Span span, double gap) {
        return new Check(
                what,
                measured,
                span.central(),
                Math.max(0, span.central() * (1 - SHORTER) - MOMENT_SECONDS - gap),
                span.upper() * (1 + LONGER) + MOMENT_SECONDS + gap);
    }

    /** In a whole sentence. */
    static String inWords(Check check) {
        return "Under load " + check.what() + " for " + Figures.duration(check.measuredSeconds() * 1e3)
                + ", by the quiet runs for " + Figures.duration(check.expectedSeconds() * 1e3) + " ("
                + Figures.duration(check.atLeastSeconds() * 1e3) + " to "
                + Figures.duration(check.atMostSeconds() * 1e3) + " would agree).";
    }
}
