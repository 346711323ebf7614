package dev.pgrehearse.report;

import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.LockImpact;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Severity;
import dev.pgrehearse.verdict.StatementPhases;
import dev.pgrehearse.verdict.Stops;
import dev.pgrehearse.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;

/** What a command prints at its end: one table, then the worst of each rehearsal. Plain text, no colours. Stateless. */
public final class ConsoleSummary {
    private static final int WORST = 3;
    private static final List<String> HEADS =
            List.of("variant", "verdict", "expected", "took", "longest stall", "errors", "pool exhausted", "attempts");

    private ConsoleSummary() {}

    /** The lines, without line ends. */
    public static List<String> lines(Run run) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADS);
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            Verdict verdict = rehearsed.verdict();
            rows.add(List.of(
                    printable(rehearsed.id()),
                    verdict.verdict().toString(),
                    verdict.expected() + (verdict.asExpected() ? "" : " (!)"),
                    printable(Comparison.duration(rehearsed.recording())),
                    printable(Comparison.longestStall(rehearsed.recording())),
                    printable(Comparison.errorShare(rehearsed.recording())),
                    printable(Comparison.poolExhausted(rehearsed.recording())),
                    printable(Comparison.attempts(rehearsed.recording()))));
        }
        List<String> lines = new ArrayList<>(table(rows));
        lines.addAll(underAdversaries(run));
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            lines.add("");
            lines.addAll(worst(rehearsed));
        }
        return lines;
    }

    private static List<String> underAdversaries(Run run) {
        UnderAdversaries under = UnderAdversaries.of(run);
        if (under.rows().isEmpty()) {
            return List.of();
        }
        List<List<String>> rows = new ArrayList<>();
        List<String> heads = new ArrayList<>(List.of("under"));
        under.variants().forEach(variant -> heads.add(printable(variant)));
        rows.add(heads);
        for (UnderAdversaries.Row row : under.rows()) {
            List<String> cells = new ArrayList<>(List.of(row.adversary()));
            row.cells().forEach(cell -> cells.add(printable(cell)));
            rows.add(cells);
        }
        List<String> lines = new ArrayList<>(List.of(""));
        lines.addAll(table(rows));
        return lines;
    }

    private static List<String> worst(Run.Rehearsed rehearsed) {
        Verdict verdict = rehearsed.verdict();
        List<String> lines = new ArrayList<>();
        lines.add(printable(rehearsed.id()) + ": " + verdict.verdict()
                + (verdict.asExpected() ? ", as expected" : ", but expected was " + verdict.expected()));
        List<String> reasons = verdict.reasons();
        reasons.stream().limit(WORST).forEach(reason -> lines.add("  " + printable(reason)));
        more(lines, reasons.size() - WORST, "reason", "reasons");
        PartsView.worst(rehearsed.recording()).ifPresent(words -> lines.add("  waited: " + printable(words)));
        long deadlocks = WaitsView.deadlocksOfMigration(rehearsed.recording());
        if (deadlocks > 0) {
            lines.add("  deadlocks with the migration: " + deadlocks);
        }
        LockImpact worst = LockImpact.worst(rehearsed.recording());
        if (worst != null) {
            lines.add("  lock: statement " + worst.run().index() + ", " + printable(worst.inWords()));
        }
        StatementPhases.longest(rehearsed.recording())
                .ifPresent(phases -> lines.add(
                        "  time: statement " + phases.run().index() + ", " + printable(phases.longestInWords())));
        Stops.inWords(rehearsed.recording()).forEach(words -> lines.add("  stop: " + printable(words)));
        StandbyView standby = StandbyView.of(rehearsed.recording());
        if (standby != null) {
            lines.add("  standby: " + printable(standby.inBrief()));
        }
        if (verdict.verdict() == Ruling.NO_GO) {
            verdict.findings().stream()
                    .filter(finding -> (finding.title() + ".").equals(reasons.get(0)))
                    .findFirst()
                    .ifPresent(finding -> safer(lines, finding));
            verdict.uncertainties().stream()
                    .limit(WORST)
                    .forEach(reason -> lines.add("  could not tell: " + printable(reason)));
            more(lines, verdict.uncertainties().size() - WORST, "uncertainty", "uncertainties");
        }
        List<Finding> warnings = verdict.findings().stream()
                .filter(finding -> finding.severity() == Severity.WARNING)
                .toList();
        warnings.stream().limit(WORST).forEach(finding -> lines.add("  warning: " + printable(finding.title()) + "."));
        more(lines, warnings.size() - WORST, "warning", "warnings");
        verdict.doubts().forEach(doubt -> lines.add("  doubt: " + printable(doubt.text())));
        return lines;
    }

    private static void safer(List<String> lines, Finding finding) {
        lines.add("  safer:");
        finding.safer().lines().forEach(step -> lines.add("    " + printable(step)));
    }

    private static void more(List<String> lines, int count, String one, String many) {
        if (count > 0) {
            lines.add("  … and " + count + " more " + (count == 1 ? one : many) + " in the report");
        }
    }

    /** The rows as lines; each column is as wide as its widest cell. */
    static List<String> table(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** On one line, and without what a terminal might obey. */
    static String printable(String text) {
        return text.replace('\u00a0', ' ').replaceAll("\\p{Cntrl}", " ");
    }
}
