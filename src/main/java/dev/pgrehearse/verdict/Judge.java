package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.ClockFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Says GO, NO-GO or UNKNOWN. Pure: the same recording and limits always give the same verdict.
 *
 * <p>A measured value above its limit is a NO-GO, one that equals it is not. A NO-GO is never masked, whatever else
 * could not be measured. Without one, anything that could not be measured well enough is UNKNOWN. GO is what is left.
 */
public final class Judge {
    /** The server's clock may be off by so much before waits in its log are doubted. */
    private static final double CLOCK_UNCERTAINTY_MS = 5;

    /** The order in which rules explain a NO-GO best: what users felt and why, before its symptoms. */
    private static final List<String> HEADLINES = List.of(
            "reads-blocked",
            "writes-blocked",
            "migration-failed",
            "operation-broken",
            "metastable",
            "plan-worse",
            "no-recovery",
            "invalid-index-left",
            "invalid-index-skipped",
            "already-there");

    private Judge() {}

    /** Judges a recording by limits. */
    public static Verdict judge(Recording recording, Limits limits, Expectation expected) {
        List<Finding> findings = new ArrayList<>();
        for (Rule rule : Rules.ALL) {
            findings.addAll(rule.findings(recording, limits));
        }
        // Stable: among equals the order of the rules stays.
        findings.sort(Comparator.comparing(Finding::severity));
        List<String> uncertainties = Uncertainties.of(recording, limits);
        Ruling ruling = ruling(findings, uncertainties);
        return new Verdict(
                Verdict.FORMAT,
                ruling,
                expected,
                ruling.is(expected),
                reasons(recording, limits, ruling, findings, uncertainties),
                List.copyOf(uncertainties),
                List.copyOf(findings),
                doubts(recording),
                limits);
    }

    private static Ruling ruling(List<Finding> findings, List<String> uncertainties) {
        if (findings.stream().anyMatch(finding -> finding.severity() == Severity.NO_GO)) {
            return Ruling.NO_GO;
        }
        return uncertainties.isEmpty() ? Ruling.GO : Ruling.UNKNOWN;
    }

    private static List<String> reasons(
            Recording recording, Limits limits, Ruling ruling, List<Finding> findings, List<String> uncertainties) {
        return switch (ruling) {
            case NO_GO ->
                findings.stream()
                        .filter(finding -> finding.severity() == Severity.NO_GO)
                        .filter(finding -> !toldWithReads(finding, findings))
                        .sorted(Comparator.comparingInt(Judge::headline))
                        .map(finding -> finding.title() + ".")
                        .toList();
            case UNKNOWN -> List.copyOf(uncertainties);
            case GO -> List.of(held(recording, limits, findings));
        };
    }

    /** What blocks reads blocks writes: one sentence is enough for both. */
    private static boolean toldWithReads(Finding finding, List<Finding> findings) {
        return finding.rule().equals(BlockedRule.WRITES.rule())
                && findings.stream()
                        .anyMatch(other -> other.rule().equals(BlockedRule.READS.rule())
                                && other.severity() == Severity.NO_GO
                                && Objects.equals(other.statement(), finding.statement())
                                && other.measured() >= finding.measured());
    }

    private static int headline(Finding finding) {
        int place = HEADLINES.indexOf(finding.rule());
        return place < 0 ? HEADLINES.size() : place;
    }

    private static String held(Recording recording, Limits limits, List<Finding> findings) {
        double stall = Traffic.operations(recording).stream()
                .mapToDouble(operation ->
                        Traffic.longestStall(operation, Traffic.JUDGED).lengthMs())
                .max()
                .orElse(0);
        MigrationFacts migration = recording.migration();
        long warnings = findings.stream()
                .filter(finding -> finding.severity() == Severity.WARNING)
                .count();
        return "Every limit was held: the migration "
                + (Stops.of(recording) == null ? "took " : "was stopped half-way, as the scenario says, after ")
                + (migration == null ? "" : Figures.duration(migration.durationMs()))
                + (migration != null && migration.attempts() > 1
                        ? " in " + Figures.count(migration.attempts()) + " attempts"
                        : "")
                + ", the longest stall was " + Figures.duration(stall) + " of "
                + Figures.duration(limits.longestStall().toNanos() / 1e6) + " allowed" + standstills(recording)
                + ", and "
                + Figures.share(Traffic.errorShare(recording, Traffic.JUDGED)) + " of the requests failed"
                + (warnings == 0
                        ? "."
                        : "; there " + (warnings == 1 ? "is " : "are ") + Figures.count(warnings, "warning", "warnings")
                                + ".");
    }

    /** Of the operation that stood still for longest in all: each stall may be short enough, and their sum a long time. */
    private static String standstills(Recording recording) {
        return Traffic.operations(recording).stream()
                .filter(operation ->
                        !Traffic.standstills(operation, Traffic.JUDGED).isEmpty())
                .max(Comparator.comparingDouble(
                        operation -> Objects.requireNonNull(Traffic.stalls(operation, Traffic.JUDGED))
                                .totalMs()))
                .map(operation -> " (" + operation.name() + " stood still "
                        + Traffic.standstills(operation, Traffic.JUDGED) + ")")
                .orElse("");
    }

    private static List<Doubt> doubts(Recording recording) {
        List<Doubt> doubts = new ArrayList<>(recording.doubts());
        ClockFacts clock = recording.clock();
        if (clock == null) {
            if (recording.server() != null
                    && doubts.stream().noneMatch(doubt -> doubt.id().startsWith("clock"))) {
                doubts.add(new Doubt("clock-not-read", "The server's clock was never compared with ours."));
            }
        } else if (!(clock.uncertaintyMs() <= CLOCK_UNCERTAINTY_MS)
                && doubts.stream().noneMatch(doubt -> doubt.id().startsWith("clock"))) {
            doubts.add(new Doubt(
                    "clock-uncertain",
                    "The server's clock is known only to within " + Figures.duration(clock.uncertaintyMs())
                            + ": what the server's log tells may be off by that much."));
        }
        return List.copyOf(doubts);
    }
}
