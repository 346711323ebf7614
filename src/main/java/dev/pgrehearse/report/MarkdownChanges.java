package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.verdict.Figures;
import java.util.List;

/** The part of {@code report.md} that tells whether it was needed and what it changed. Stateless. */
final class MarkdownChanges {
    private static final int MOST = 20;
    private static final int LONGEST = 400;

    private MarkdownChanges() {}

    /** Empty when there is nothing to tell; plans that stayed are in the other report. */
    static String render(Recording recording) {
        ChangesView changes = ChangesView.of(recording);
        StringBuilder text = new StringBuilder();
        if (!changes.worths().isEmpty()) {
            text.append("\nWhat its indexes are to this workload:\n\n");
            for (ChangesView.Worth worth : first(changes.worths())) {
                text.append("- ")
                        .append(Markdown.code(worth.name()))
                        .append(": ")
                        .append(Markdown.text(shortened(worth.sentence())))
                        .append(" (size ")
                        .append(worth.size())
                        .append(", build ")
                        .append(worth.build())
                        .append(", WAL ")
                        .append(worth.wal())
                        .append(")\n");
            }
            more(text, changes.worths().size());
        }
        if (!changes.plans().isEmpty()) {
            text.append('\n')
                    .append(Markdown.row(List.of("plan of", "before", "after", "cost", "p95", "service p50")))
                    .append("|---|---|---|---:|---:|---:|\n");
            for (ChangesView.PlanRow row : first(changes.plans())) {
                text.append(Markdown.row(List.of(
                        Markdown.text(row.operation()),
                        Markdown.text(shortened(row.before())),
                        Markdown.text(shortened(row.after())),
                        row.cost(),
                        row.p95(),
                        row.service())));
            }
            more(text, changes.plans().size());
        }
        if (!changes.tables().isEmpty()) {
            text.append('\n')
                    .append(Markdown.row(
                            List.of("table", "rewritten", "statistics", "all-visible", "dead rows", "HOT")))
                    .append("|---|---|---|---:|---:|---:|\n");
            for (ChangesView.TableRow row : first(changes.tables())) {
                text.append(Markdown.row(List.of(
                        Markdown.text(row.name()),
                        row.rewritten(),
                        Markdown.text(shortened(row.statistics())),
                        row.visible(),
                        row.dead(),
                        row.hot())));
            }
            more(text, changes.tables().size());
        }
        if (!changes.errors().isEmpty()) {
            text.append('\n')
                    .append(Markdown.row(List.of("operation", "error", "message", "tries", "when")))
                    .append("|---|---|---|---:|---|\n");
            for (ChangesView.ErrorRow row : first(changes.errors())) {
                text.append(Markdown.row(List.of(
                        Markdown.text(row.operation()),
                        row.state(),
                        Markdown.text(shortened(row.message())),
                        row.count(),
                        row.when())));
            }
            more(text, changes.errors().size());
        }
        return text.toString();
    }

    private static <T> List<T> first(List<T> rows) {
        return rows.subList(0, Math.min(MOST, rows.size()));
    }

    private static void more(StringBuilder text, int count) {
        if (count > MOST) {
            text.append("\n… and ").append(Figures.count(count - MOST)).append(" more in report.html.\n");
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
