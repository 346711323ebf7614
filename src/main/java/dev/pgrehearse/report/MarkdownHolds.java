package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.verdict.Figures;
import java.util.List;

/** What the migration's locks forbade, and where the time of its statements went, in Markdown. Stateless. */
final class MarkdownHolds {
    private static final int MOST_LOCKS = 15;
    private static final int MOST_PHASES = 30;

    private MarkdownHolds() {}

    /** Both tables; empty when there is nothing to tell. */
    static String of(Recording recording) {
        StringBuilder text = new StringBuilder();
        locks(text, recording);
        phases(text, recording);
        return text.toString();
    }

    private static void locks(StringBuilder text, Recording recording) {
        LockImpactView locks = LockImpactView.of(recording);
        if (!locks.rows().isEmpty()) {
            text.append("\nLocks: what they forbid, whom they met\n\n")
                    .append(Markdown.row(List.of("statement", "lock", "forbids", "whom it met")))
                    .append("|---:|---|---|---|\n");
            for (LockImpactView.Row row :
                    locks.rows().stream().limit(MOST_LOCKS).toList()) {
                text.append(Markdown.row(List.of(
                        Figures.count(row.statement()),
                        Markdown.text(row.lock()),
                        Markdown.text(row.forbids()),
                        Markdown.text(MarkdownReport.shortened(row.met())))));
            }
            MarkdownReport.more(text, locks.rows().size() - MOST_LOCKS, "locks");
        }
        if (!locks.unread().isEmpty()) {
            text.append('\n').append(Markdown.text(locks.unread())).append('\n');
        }
    }

    private static void phases(StringBuilder text, Recording recording) {
        List<PhasesView> phases = PhasesView.of(recording);
        if (phases.isEmpty()) {
            return;
        }
        text.append('\n')
                .append(Markdown.row(List.of("statement", "phase", "from", "took", "share", "done")))
                .append("|---|---|---:|---:|---:|---|\n");
        for (PhasesView row : phases.stream().limit(MOST_PHASES).toList()) {
            text.append(Markdown.row(List.of(
                    row.first() ? Markdown.text(row.statement()) : " ",
                    Markdown.text(row.phase()),
                    Figures.duration(row.fromMs()),
                    Figures.duration(row.tookMs()),
                    row.share(),
                    Markdown.text(row.progress()))));
        }
        MarkdownReport.more(text, phases.size() - MOST_PHASES, "phases");
    }
}
