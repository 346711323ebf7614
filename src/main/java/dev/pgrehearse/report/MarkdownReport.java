package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.verdict.DerivedTraffic;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.GeneratedData;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Statements;
import dev.pgrehearse.verdict.Stops;
import dev.pgrehearse.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;

/** {@code report.md}: fits a pull request's comment; verdicts first, the rest folded. Stateless. */
final class MarkdownReport {
    /** GitHub takes 65 536 characters; the rest is for whoever puts words around it. */
    static final int MOST_CHARACTERS = 60_000;

    private static final int MOST_FINDINGS = 20;
    private static final int MOST_STATEMENTS = 30;
    private static final int MOST_INDEXES = 20;
    private static final int LONGEST_TEXT = 600;

    private MarkdownReport() {}

    static String render(Run run) {
        StringBuilder text = new StringBuilder();
        text.append("## ").append(Markdown.text(Headline.of(run))).append("\n\n");
        text.append("Migration rehearsal ").append(Markdown.code(run.scenario()));
        if (!run.description().isBlank()) {
            text.append(": ").append(Markdown.text(shortened(run.description())));
        }
        text.append("\n\n");
        run.rehearsals().forEach(rehearsed -> verdict(text, rehearsed));
        underAdversaries(text, run);
        comparison(text, run);
        int left = 0;
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            String details = details(rehearsed);
            if (text.length() + details.length() > MOST_CHARACTERS - 500) {
                left++;
            } else {
                text.append(details);
            }
        }
        if (left > 0) {
            text.append("\nThe details of ")
                    .append(Figures.count(left, "rehearsal", "rehearsals"))
                    .append(" did not fit here; report.html has them.\n");
        }
        text.append("\n<sub>")
                .append(Markdown.text(run.startedAt()))
                .append(" · ")
                .append(Markdown.code(shortened(run.command())))
                .append(" · the whole story with its timeline: report.html</sub>\n");
        return fitting(text);
    }

    /** With dozens of rehearsals even the verdicts may not fit: cut, and said so. */
    private static String fitting(StringBuilder text) {
        if (text.length() <= MOST_CHARACTERS) {
            return text.toString();
        }
        int end = text.lastIndexOf("\n", MOST_CHARACTERS - 200);
        return text.substring(0, end) + "\n\nThis comment was cut here: report.html has the rest.\n";
    }

    private static void verdict(StringBuilder text, Run.Rehearsed rehearsed) {
        Verdict verdict = rehearsed.verdict();
        text.append("- **")
                .append(sign(verdict.verdict()))
                .append(' ')
                .append(verdict.verdict())
                .append("** ")
                .append(Markdown.code(rehearsed.id()))
                .append(verdict.asExpected() ? " (as expected)" : " (**expected " + verdict.expected() + "**)")
                .append(": ")
                .append(Markdown.text(shortened(verdict.reasons().get(0))))
                .append('\n');
        for (Doubt doubt : verdict.doubts().stream().limit(5).toList()) {
            text.append("  - doubt: ")
                    .append(Markdown.step(shortened(doubt.text())))
                    .append('\n');
        }
    }

    private static String sign(Ruling ruling) {
        return switch (ruling) {
            case GO -> "✅";
            case NO_GO -> "⛔";
            case UNKNOWN -> "❔";
        };
    }

    private static void underAdversaries(StringBuilder text, Run run) {
        UnderAdversaries under = UnderAdversaries.of(run);
        if (under.rows().isEmpty()) {
            return;
        }
        List<String> heads = new ArrayList<>();
        heads.add("under");
        under.variants().forEach(variant -> heads.add(Markdown.code(variant)));
        text.append('\n').append(Markdown.row(heads));
        text.append("|---|").append("---|".repeat(under.variants().size())).append('\n');
        for (UnderAdversaries.Row row : under.rows()) {
            List<String> cells = new ArrayList<>();
            cells.add(Markdown.text(row.adversary()));
            row.cells().forEach(cell -> cells.add(Markdown.text(cell)));
            text.append(Markdown.row(cells));
        }
        text.append('\n');
    }

    private static void comparison(StringBuilder text, Run run) {
        Comparison comparison = Comparison.of(run);
        List<String> heads = new ArrayList<>();
        heads.add(" ");
        comparison.columns().forEach(column -> heads.add(Markdown.code(column)));
        text.append('\n').append(Markdown.row(heads));
        text.append("|---|").append("---:|".repeat(comparison.columns().size())).append('\n');
        for (Comparison.Row row : comparison.rows()) {
            List<String> cells = new ArrayList<>();
            cells.add((row.label().startsWith("  ") ? "&nbsp;&nbsp;" : "")
                    + Markdown.text(row.label().strip()));
            row.cells().forEach(cell -> cells.add(Markdown.text(cell)));
            text.append(Markdown.row(cells));
        }
        text.append('\n');
    }

    private static String details(Run.Rehearsed rehearsed) {
        StringBuilder text = new StringBuilder();
        Verdict verdict = rehearsed.verdict();
        text.append("<details><summary>Findings and statements of ")
                .append(Markdown.text(rehearsed.id()))
                .append("</summary>\n\n");
        verdict.uncertainties().stream()
                .limit(MOST_FINDINGS)
                .forEach(reason -> text.append("- could not tell: ")
                        .append(Markdown.text(shortened(reason)))
                        .append('\n'));
        verdict.findings().stream().limit(MOST_FINDINGS).forEach(finding -> finding(text, finding));
        more(text, verdict.findings().size() - MOST_FINDINGS, "findings");
        Stops.inWords(rehearsed.recording())
                .forEach(words -> text.append("- ")
                        .append(Markdown.text(shortened(words)))
                        .append('\n'));
        String fidelity = GeneratedData.inWords(rehearsed.recording());
        if (fidelity != null) {
            text.append("- ").append(Markdown.text(fidelity)).append('\n');
        }
        StandbyView standby = StandbyView.of(rehearsed.recording());
        if (standby != null) {
            text.append("- ").append(Markdown.text(standby.inBrief())).append('\n');
        }
        chain(text, rehearsed.recording());
        derived(text, rehearsed.recording(), rehearsed.verdict().limits());
        statements(text, rehearsed.recording());
        text.append(MarkdownHolds.of(rehearsed.recording()));
        costs(text, CostView.of(rehearsed.recording()));
        indexes(text, rehearsed.recording());
        text.append(MarkdownWaits.render(rehearsed.recording()));
        text.append(MarkdownChanges.render(rehearsed.recording()));
        text.append("\n</details>\n");
        return text.toString();
    }

    private static void derived(StringBuilder text, Recording recording, Limits limits) {
        String words = DerivedTraffic.inWords(recording, limits);
        Recording.WorkloadFacts workload = recording.workload();
        if (words == null || workload == null) {
            return;
        }
        text.append('\n').append(Markdown.text(words)).append("\n\n");
        for (Recording.LeftOutStatement left : workload.leftOut()) {
            text.append("- left out, ")
                    .append(Figures.share(left.callsShare()))
                    .append(" of the calls and ")
                    .append(Figures.share(left.timeShare()))
                    .append(" of the time: ")
                    .append(Markdown.text(shortened(left.sql())))
                    .append(": ")
                    .append(Markdown.text(shortened(left.reason())))
                    .append('\n');
        }
    }

    private static void finding(StringBuilder text, Finding finding) {
        Figures.Against figures = Figures.against(finding.measured(), finding.limit(), finding.unit());
        text.append("\n**")
                .append(finding.severity())
                .append("** · ")
                .append(Markdown.code(finding.rule()))
                .append(" · ")
                .append(Markdown.text(shortened(finding.title())))
                .append(" (measured ")
                .append(figures.measured())
                .append(Double.isNaN(finding.limit()) ? "" : ", limit " + figures.limit())
                .append(").\n")
                .append(Markdown.text(shortened(finding.effect())))
                .append("\n\n");
        int number = 1;
        for (String step : finding.safer().lines().toList()) {
            text.append(number++)
                    .append(". ")
                    .append(Markdown.step(step.replaceFirst("^\\d+\\. ", "")))
                    .append('\n');
        }
    }

    private static void chain(StringBuilder text, Recording recording) {
        List<Chain.Link> chain = Chain.of(recording);
        if (!chain.isEmpty()) {
            text.append("\nWhat happened to the service, since the migration's start:\n\n");
            for (Chain.Link link : chain) {
                text.append("- ")
                        .append(link.at())
                        .append(": ")
                        .append(Markdown.text(shortened(link.text())))
                        .append(link.more().isEmpty() ? "" : " (" + link.more() + ")")
                        .append('\n');
            }
        }
    }

    private static void statements(StringBuilder text, Recording recording) {
        List<Statement> runs = Statements.runs(recording);
        if (runs.isEmpty()) {
            return;
        }
        text.append('\n')
                .append(Markdown.row(
                        List.of("at", "statement", "try", "took", "waited", "outcome", "locks and notices")))
                .append("|---|---|---:|---:|---:|---|---|\n");
        for (Statement run : runs.stream().limit(MOST_STATEMENTS).toList()) {
            List<String> told = new ArrayList<>();
            String concurrently = Statements.concurrently(recording, run);
            if (concurrently != null) {
                told.add(concurrently);
            }
            Statements.locks(recording, run)
                    .forEach(lock -> told.add(lock.mode() + " on " + lock.relation()
                            + (lock.granted()
                                    ? ", held " + Figures.duration(lock.heldMs())
                                            + (lock.longestHeldMs() == null
                                                    ? ""
                                                    : " in all, " + Figures.duration(lock.longestHold()) + " at once")
                                    : ", never had")));
            String batches = Statements.batchesInWords(run);
            if (batches != null) {
                told.add(batches);
            }
            run.notices().forEach(notice -> told.add(notice.message()));
            if (run.moreNotices() > 0) {
                told.add("and " + Figures.count(run.moreNotices()) + " more notices");
            }
            text.append(Markdown.row(List.of(
                    Markdown.text(run.file() + ":" + run.line()),
                    Markdown.code(Statements.brief(run.sql())),
                    Figures.count(run.attempt()),
                    Figures.duration(run.endMs() - run.startMs()),
                    Figures.duration(run.lockWaitMs()),
                    Markdown.text(run.outcome() + (run.sqlState() == null ? "" : " " + run.sqlState())),
                    Markdown.text(shortened(String.join("; ", told))))));
        }
        more(text, runs.size() - MOST_STATEMENTS, "statements");
    }

    private static void costs(StringBuilder text, CostView costs) {
        if (costs.diskWords() != null) {
            text.append('\n').append(Markdown.text(costs.diskWords())).append('\n');
        }
        costs.background().stream()
                .limit(MOST_FINDINGS)
                .forEach(words -> text.append("\n- ").append(Markdown.text(words)));
        text.append('\n');
        if (!costs.runs().isEmpty()) {
            text.append('\n')
                    .append(Markdown.row(List.of(
                            "cost of", "WAL", "CPU", "blocks", "temporary blocks", "disk above its start", "memory")))
                    .append("|---|---|---:|---|---|---|---:|\n");
            for (CostView.Row row : costs.runs().stream().limit(MOST_STATEMENTS).toList()) {
                text.append(Markdown.row(List.of(
                        Markdown.text(row.label()),
                        row.wal(),
                        row.cpu(),
                        row.blocks(),
                        row.temporary(),
                        row.disk(),
                        row.memory())));
            }
            more(text, costs.runs().size() - MOST_STATEMENTS + costs.moreRuns(), "runs");
        }
        if (!costs.phases().isEmpty()) {
            text.append('\n')
                    .append(Markdown.row(List.of(
                            "machine",
                            "all CPUs busy",
                            "CPU: server, migration, tool",
                            "server's disk",
                            "WAL",
                            "checkpoints")))
                    .append("|---|---:|---|---|---:|---|\n");
            for (CostView.PhaseRow row : costs.phases()) {
                text.append(Markdown.row(List.of(
                        row.phase(),
                        row.busy(),
                        row.serverCpu() + ", " + row.migrationCpu() + ", " + row.toolCpu(),
                        row.serverTraffic(),
                        row.wal(),
                        row.checkpoints())));
            }
        }
    }

    private static void indexes(StringBuilder text, Recording recording) {
        List<IndexView> indexes = IndexView.of(recording);
        if (indexes.isEmpty()) {
            return;
        }
        text.append('\n')
                .append(Markdown.row(List.of(
                        "index",
                        "on",
                        "state",
                        "size",
                        "scans (by phase ≈): baseline, migration, recovery",
                        "scans a request, by operation",
                        "covered by")))
                .append("|---|---|---|---:|---:|---|---|\n");
        for (IndexView index : indexes.stream().limit(MOST_INDEXES).toList()) {
            text.append(Markdown.row(List.of(
                    Markdown.code(index.facts().name()),
                    Markdown.text(index.facts().table()),
                    Markdown.text(index.state() + (index.note().isEmpty() ? "" : ": " + index.note())),
                    index.size(),
                    index.baseline() + ", " + index.migration() + ", " + index.recovery(),
                    Markdown.text(shortened(index.users())),
                    Markdown.text(shortened(index.covered())))));
        }
        more(text, indexes.size() - MOST_INDEXES, "indexes");
    }

    static void more(StringBuilder text, int count, String what) {
        if (count > 0) {
            text.append("\n… and ")
                    .append(Figures.count(count))
                    .append(" more ")
                    .append(what)
                    .append(" in report.html.\n");
        }
    }

    static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT - 1) + "…";
    }
}
