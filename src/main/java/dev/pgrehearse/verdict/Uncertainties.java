package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.AdversaryFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Requests;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;

/**
 * Why a recording may not tell whether the limits were held: without any of these, and without a finding that weighs
 * NO-GO, the answer is GO. Pure.
 */
final class Uncertainties {
    private Uncertainties() {}

    /** In whole sentences, the most fundamental first; none when everything was measured. */
    static List<String> of(Recording recording, Limits limits) {
        List<String> reasons = new ArrayList<>();
        ended(recording, reasons);
        migration(recording, reasons);
        load(recording, reasons);
        String coverage = DerivedTraffic.uncertainty(recording);
        if (coverage != null) {
            reasons.add(coverage);
        }
        for (AdversaryFacts adversary : recording.adversaries()) {
            if (!adversary.stood()) {
                reasons.add("The adversary " + adversary.kind() + " on " + adversary.table()
                        + " did not stand when the migration started, so the migration met easier conditions than the"
                        + " scenario asks for" + (adversary.proof().isEmpty() ? "." : ": " + adversary.proof()));
            }
        }
        if (recording.requests() != null && recording.requests().offered() > 0) {
            baseline(recording, limits, reasons);
            response(recording, limits, reasons);
            String assessed = DerivedTraffic.tooLittleAssessed(recording, limits);
            if (assessed != null) {
                reasons.add(assessed);
            }
        }
        StandbyFacts standby = recording.standby();
        if (standby != null && standby.lagPeakMs() == null && recording.migration() != null) {
            reasons.add("How far the standby was behind was not measured.");
        }
        figures(recording, reasons);
        return reasons;
    }

    private static void ended(Recording recording, List<String> reasons) {
        if (!recording.complete()) {
            String fault = recording.fault();
            reasons.add(
                    "The rehearsal did not run to its end: " + (fault == null ? "nothing says why." : fault.strip()));
        }
        if (Traffic.phase(recording, Phase.BASELINE) == null) {
            reasons.add("There is no baseline to compare with.");
        }
        if (recording.complete() && Traffic.phase(recording, Phase.RECOVERY) == null) {
            reasons.add("The recovery was not watched.");
        }
    }

    private static void migration(Recording recording, List<String> reasons) {
        MigrationFacts migration = recording.migration();
        if (migration == null) {
            reasons.add("The migration never started.");
        } else if (migration.outcome().equals("interrupted")) {
            reasons.add("The migration was interrupted before it had ended.");
        } else if (!List.of("ok", "failed", "stopped").contains(migration.outcome())) {
            reasons.add(
                    "The recording tells an outcome of the migration that is not known here: " + migration.outcome());
        } else if (migration.statements().isEmpty()) {
            reasons.add("The migration ran no statement, so nothing was rehearsed.");
        }
    }

    private static void load(Recording recording, List<String> reasons) {
        Requests requests = recording.requests();
        if (requests == null || requests.offered() == 0) {
            reasons.add("No requests were offered, so nobody could be hurt.");
            return;
        }
        long outcomes = Traffic.total(requests.outcomes());
        if (outcomes != requests.offered()) {
            reasons.add("The recording contradicts itself: " + Figures.count(requests.offered())
                    + " requests were offered, but " + Figures.count(outcomes) + " outcomes are told.");
        }
        recording.doubts().stream()
                .filter(doubt ->
                        List.of(Doubt.DRIVER_TOO_LATE, Doubt.REQUESTS_LOST).contains(doubt.id()))
                .forEach(doubt -> reasons.add(doubt.text()));
        if (Traffic.phase(recording, Phase.BASELINE) != null
                && Traffic.offered(recording, List.of(Phase.BASELINE)) == 0) {
            reasons.add("No requests were offered during the baseline.");
        }
        if (Traffic.offered(recording, Traffic.JUDGED) == 0) {
            reasons.add("No requests were offered during migration and recovery.");
            return;
        }
        // Of production's hundreds of statements many are too rare to come at all; nobody has asked for one of them.
        boolean declared = recording.workload() == null;
        for (OperationFacts operation : Traffic.operations(recording)) {
            long offered = Traffic.offered(operation, Traffic.JUDGED);
            if (offered == 0 && !declared) {
                continue;
            }
            if (offered == 0) {
                reasons.add("No " + operation.name() + " was offered during migration and recovery, so nobody knows"
                        + " whether it still works. Give it a higher rate or weight, or take it out.");
            } else if (Traffic.failed(operation, Traffic.JUDGED) == offered) {
                reasons.add("No " + operation.name() + " succeeded during migration and recovery: of "
                        + Figures.count(offered, "request", "requests")
                        + " each one failed, and nobody knows whether it still works.");
            }
        }
    }

    private static void baseline(Recording recording, Limits limits, List<String> reasons) {
        String cannotTell = ", before the migration began: what the migration did cannot be told apart."
                + " Give the scenario less load, more server, or other limits.";
        double errors = Traffic.errorShare(recording, List.of(Phase.BASELINE));
        if (errors > limits.errorRate()) {
            Figures.Against figures = Figures.against(errors, limits.errorRate(), Finding.SHARE);
            reasons.add("The baseline itself had " + figures.measured() + " errors, with " + figures.limit()
                    + " allowed" + cannotTell);
        }
        double exhausted = Traffic.baselinePoolExhaustedMs(recording);
        double exhaustedLimit = limits.poolExhausted().toNanos() / 1e6;
        if (exhausted > exhaustedLimit) {
            reasons.add(
                    "A pool was exhausted for " + Figures.duration(exhausted) + " in the baseline itself" + cannotTell);
        }
        double stallLimit = limits.longestStall().toNanos() / 1e6;
        for (OperationFacts operation : Traffic.operations(recording)) {
            double stall =
                    Traffic.longestStall(operation, List.of(Phase.BASELINE)).lengthMs();
            if (stall > stallLimit) {
                reasons.add("No " + operation.name() + " succeeded for "
                        + Figures.against(stall, stallLimit, Finding.MILLISECONDS)
                                .measured()
                        + " in the baseline itself" + cannotTell);
            }
        }
    }

    private static void response(Recording recording, Limits limits, List<String> reasons) {
        boolean declared = recording.workload() == null;
        for (OperationFacts operation : Traffic.operations(recording)) {
            Double allowed = ResponseTime.allowedMs(operation, limits.responseOf(operation.name()));
            if (allowed == null) {
                continue;
            }
            if (allowed.isNaN() && !declared) {
                continue;
            }
            if (allowed.isNaN()) {
                reasons.add("The limit of " + operation.name()
                        + " is a multiple of its p99 in the baseline, which has none: too few requests.");
                continue;
            }
            Recording.OperationPhase before = operation.phases().get(Phase.BASELINE);
            if (before != null && before.count() > 0 && before.p99Ms() > allowed) {
                reasons.add("p99 of " + operation.name() + " was " + Figures.duration(before.p99Ms())
                        + " in the baseline itself, with " + Figures.duration(allowed)
                        + " allowed: what the migration did cannot be told apart.");
            }
            for (ResponseTime.Assessment each : ResponseTime.assess(operation, allowed, Traffic.JUDGED)) {
                if (declared && each.answer() == ResponseTime.Answer.NOT_MEASURABLE) {
                    reasons.add("p99 of " + operation.name() + " during " + each.phase()
                            + " cannot be told well enough to hold it against " + Figures.duration(allowed) + ": of "
                            + Figures.count(each.count(), "request", "requests")
                            + " too few were answered. A longer phase or a higher rate tells more.");
                }
            }
        }
    }

    private static void figures(Recording recording, List<String> reasons) {
        for (String mode : Statements.unknownModes(recording)) {
            reasons.add("The recording names a lock mode that PostgreSQL does not have: " + mode);
        }
        MigrationFacts migration = recording.migration();
        if (migration != null && Double.isNaN(migration.durationMs())) {
            reasons.add("How long the migration took was not measured.");
        }
        for (Statement run : Statements.runs(recording)) {
            boolean locks = run.locks().stream().anyMatch(Uncertainties::notMeasured);
            if (locks || Double.isNaN(run.lockWaitMs())) {
                reasons.add(
                        "How long statement " + run.index() + " waited for its locks or held them was not measured.");
            }
        }
        for (OperationFacts operation : Traffic.operations(recording)) {
            if (Double.isNaN(Traffic.longestStall(operation, Traffic.JUDGED).lengthMs())) {
                reasons.add("Whether " + operation.name() + " stood still was not measured.");
            }
        }
        recording.pools().stream()
                .filter(pool -> Double.isNaN(pool.longestExhaustedMs()))
                .forEach(pool ->
                        reasons.add("Whether the pool of " + pool.instance() + " was exhausted was not measured."));
        recording.lockWaits().stream()
                .filter(wait -> Double.isNaN(wait.durationMs()))
                .findFirst()
                .ifPresent(wait -> reasons.add("How long lock waits lasted was not always measured."));
    }

    private static boolean notMeasured(Lock lock) {
        return Double.isNaN(lock.waitedMs()) || Double.isNaN(lock.heldMs());
    }
}
