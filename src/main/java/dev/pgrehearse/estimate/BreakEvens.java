package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.BreakEven.Answer;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.Judge;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Severity;
import dev.pgrehearse.verdict.Standstill;
import dev.pgrehearse.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the size at which a verdict turns: what stood still at the rung under load, for whom, and by which limits; and from
 * the curves of the quiet runs, at which size that takes too long. Pure.
 */
public final class BreakEvens {
    /** Rules whose figure is a time that grows with the tables, or follows from one. */
    private static final Set<String> GROW = Set.of(
            "reads-blocked",
            "writes-blocked",
            "longest-stall",
            "lock-held",
            "table-rewritten",
            "over-duration",
            "pool-exhausted",
            "error-share",
            "response-p99");

    /** Rules that find the same at any size. */
    private static final Set<String> STAY =
            Set.of("lock-wait", "operation-broken", "invalid-index-left", "invalid-index-skipped", "already-there");

    private static final String FAILED = "migration-failed";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final int MOST_REASONS = 3;

    private final Estimate estimate;
    private final LoadedRung loaded;
    private final Limits limits;
    private final Durations durations;
    private final Verdict verdict;
    private final List<Hold> holds;
    private final UnderLoad seen;

    private BreakEvens(
            Estimator.Question question,
            List<Rung> rungs,
            KeysAlone keys,
            Estimate estimate,
            LoadedRung loaded,
            Limits limits) {
        this.estimate = estimate;
        this.loaded = loaded;
        this.limits = limits;
        this.durations = new Durations(question, rungs, keys, estimate);
        this.verdict = Judge.judge(loaded.recording(), limits, Expectation.GO);
        this.holds = Standstill.of(loaded.recording()).stream()
                .map(standstill -> Hold.of(standstill, loaded.recording(), durations, durations.top()))
                .toList();
        this.seen = Checks.of(loaded, verdict, estimate, holds, durations);
    }

    /**
     * The break-even of a variant.
     *
     * @param rungs the quiet ones, the smallest first; at least one
     * @param keys index builds that they say it with
     * @param estimate what they say
     * @param loaded the top rung again, under load
     */
    public static BreakEven of(
            Estimator.Question question,
            List<Rung> rungs,
            KeysAlone keys,
            Estimate estimate,
            LoadedRung loaded,
            Limits limits) {
        return new BreakEvens(question, rungs, keys, estimate, loaded, limits).breakEven();
    }

    private BreakEven breakEven() {
        return notRehearsed()
                .or(this::sameAtAnySize)
                .or(this::hadSeveralTimes)
                .or(this::notInAgreement)
                .orElseGet(this::turn);
    }

    private Optional<BreakEven> notRehearsed() {
        Recording recording = loaded.recording();
        if (!recording.complete()) {
            String fault = recording.fault();
            return Optional.of(unknown(List.of("The rung under load did not run to its end: "
                    + (fault == null ? "nothing says why." : fault.strip()))));
        }
        List<String> failed = titles(finding -> finding.rule().equals(FAILED) && !failedForALock(finding));
        if (!failed.isEmpty()) {
            return Optional.of(
                    unknown(concat("At " + here() + " the migration did not go through under load.", failed)));
        }
        if (verdict.verdict() == Ruling.UNKNOWN) {
            List<String> reasons = new ArrayList<>();
            reasons.add("At " + here() + " under load the verdict is UNKNOWN, so nobody can tell where it turns.");
            verdict.uncertainties().stream().limit(MOST_REASONS).forEach(reasons::add);
            return Optional.of(unknown(reasons));
        }
        return Optional.empty();
    }

    /** What breaks a limit by waiting, or by what it does, breaks it at any size. */
    private Optional<BreakEven> sameAtAnySize() {
        double allowed = limits.longestStall().toNanos() / 1e6;
        for (Hold hold : holds) {
            Standstill standstill = hold.standstill();
            if (standstill.longestWaitMs() > allowed) {
                String waited = "Statement " + hold.first() + " waited "
                        + Figures.duration(standstill.longestWaitMs()) + " for " + standstill.what()
                        + (standstill.behind() == null ? "" : " behind " + standstill.behind())
                        + ", and everybody who came later waited behind it: longer than limits.longestStall ("
                        + Figures.duration(allowed) + ") allows. ";
                return Optional.of(
                        standstill.behindWorkload()
                                ? unknown(
                                        List.of(waited + "How long the workload's own transactions last at other sizes,"
                                                + " no curve says."))
                                : nothing(
                                        List.of(waited + "That is not the table's doing, and the same at any size.")));
            }
        }
        List<String> stay = titles(finding -> STAY.contains(finding.rule()) || failedForALock(finding));
        return stay.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        nothing(concat("At " + here() + " under load it is NO-GO for what no size changes.", stay)));
    }

    private boolean failedForALock(Finding finding) {
        MigrationFacts migration = loaded.recording().migration();
        return finding.rule().equals(FAILED)
                && migration != null
                && migration.statements().stream()
                        .filter(run -> run.outcome().equals("failed"))
                        .allMatch(run -> LOCK_NOT_AVAILABLE.equals(run.sqlState()));
    }

    private Optional<BreakEven> hadSeveralTimes() {
        List<String> reasons = holds.stream()
                .map(Hold::standstill)
                .filter(standstill -> !standstill.once()
                        && !standstill.perBatch()
                        && standstill.heldMs() / 1e3 > StatementEstimate.NEGLIGIBLE_SECONDS)
                .map(standstill -> "Statement " + standstill.index() + " had " + standstill.what()
                        + " several times, at most " + Figures.duration(standstill.heldMs())
                        + " at once: how long that is at other sizes no curve says.")
                .toList();
        return reasons.isEmpty() ? Optional.empty() : Optional.of(unknown(reasons));
    }

    private Optional<BreakEven> notInAgreement() {
        List<String> reasons = seen.checks().stream()
                .filter(check -> !check.agrees())
                .map(Checks::inWords)
                .toList();
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of(unknown(concat(
                        "At " + here()
                                + " load and curves do not agree, so the curves say nothing of larger sizes under load.",
                        reasons)));
    }

    private BreakEven turn() {
        Turn turn = Turn.of(Lines.of(loaded, holds, limits, durations), durations);
        double here = durations.top();
        if (verdict.verdict() == Ruling.NO_GO && !turn.mayBeNoGoAt(here)) {
            return unknown(concat(
                    "At " + here()
                            + " under load it is NO-GO already, and nothing that lasts the longer the more rows there"
                            + " are lasts long enough for that: no curve says from which size on.",
                    titles(finding -> true)));
        }
        if (verdict.verdict() == Ruling.GO && turn.isSurelyNoGoAt(here)) {
            return unknown(List.of("At " + here() + " under load it is GO, where the curves say NO-GO."));
        }
        return new TurnInWords(estimate, holds, durations, turn, verdict.verdict())
                .breakEven(
                        seen,
                        besides(turn.decides().map(crossed -> crossed.crossing().central())));
    }

    /** What the rung under load says that the curves do not. */
    private List<String> besides(Optional<Double> byCurves) {
        List<String> others = titles(finding -> !GROW.contains(finding.rule()));
        if (!others.isEmpty()) {
            return concat(
                    "At " + here()
                            + " under load it is NO-GO for this, too, of which no curve says from which size on: it"
                            + " may turn earlier than told here.",
                    others);
        }
        boolean here = byCurves.isPresent() && byCurves.get() <= durations.top();
        return verdict.verdict() == Ruling.NO_GO && !here
                ? concat(
                        "At " + here() + " under load it is NO-GO already, earlier than by the curves.",
                        titles(each -> true))
                : verdict.verdict() == Ruling.GO && here
                        ? List.of("At " + here() + " under load it is GO still, where the curves say NO-GO.")
                        : List.of();
    }

    private List<String> titles(Predicate<Finding> which) {
        return verdict.findings().stream()
                .filter(finding -> finding.severity() == Severity.NO_GO && which.test(finding))
                .map(finding -> finding.title() + ".")
                .limit(MOST_REASONS)
                .toList();
    }

    private String here() {
        String table = durations.largestTable();
        return SizeInWords.exact(durations.rows(table, durations.top()), table);
    }

    private BreakEven unknown(List<String> reasons) {
        return BreakEven.without(Answer.UNKNOWN, Ruling.UNKNOWN, reasons, seen);
    }

    private BreakEven nothing(List<String> reasons) {
        return BreakEven.without(Answer.SIZE_DECIDES_NOTHING, Ruling.NO_GO, reasons, seen);
    }

    private static List<String> concat(String first, List<String> more) {
        List<String> all = new ArrayList<>();
        all.add(first);
        all.addAll(more);
        return all;
    }
}
