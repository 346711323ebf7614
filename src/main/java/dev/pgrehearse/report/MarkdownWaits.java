package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import java.util.List;

/** Lock waits in {@code report.md}: the queue at its worst, deadlocks, where the time of responses went. Stateless. */
final class MarkdownWaits {
    private static final int MOST_LINES = 15;
    private static final int MOST_ROWS = 24;
    private static final int LONGEST_LINE = 200;

    private MarkdownWaits() {}

    static String render(Recording recording) {
        StringBuilder text = new StringBuilder();
        WaitsView waits = WaitsView.of(recording);
        tree(text, waits.queue());
        deadlocks(text, waits.deadlocks());
        parts(text, PartsView.of(recording), recording);
        own(text, waits.own());
        return text.toString();
    }

    private static void tree(StringBuilder text, QueueTreeView queue) {
        if (queue.worst().isEmpty()) {
            return;
        }
        text.append("\nThe lock queue at its worst. ")
                .append(Markdown.text(queue.worstWords()))
                .append("\n\n```\n");
        queue.worst().stream()
                .limit(MOST_LINES)
                .forEach(line -> text.append(verbatim(line.indented())).append('\n'));
        if (queue.worst().size() > MOST_LINES) {
            text.append("… ").append(queue.worst().size() - MOST_LINES).append(" more lines in report.html\n");
        }
        text.append("```\n");
    }

    /** Within a fence: on one line, and nothing that ends the fence. */
    private static String verbatim(String line) {
        String safe = line.replaceAll("\\p{Cntrl}", " ").replace('`', '\'');
        return safe.length() <= LONGEST_LINE ? safe : safe.substring(0, LONGEST_LINE - 1) + "…";
    }

    private static void deadlocks(StringBuilder text, List<WaitsView.Deadlock> deadlocks) {
        for (WaitsView.Deadlock deadlock : deadlocks.stream().limit(3).toList()) {
            text.append("\n- deadlock ")
                    .append(deadlock.withMigration() ? "**with the migration**" : "without the migration")
                    .append(" at ")
                    .append(deadlock.at())
                    .append(": ")
                    .append(Markdown.text(String.join("; ", deadlock.sides()) + "; " + deadlock.victim()))
                    .append('\n');
        }
        if (deadlocks.size() > 3) {
            text.append("\n… more deadlocks in report.html.\n");
        }
    }

    private static void parts(StringBuilder text, List<PartsView> rows, Recording recording) {
        if (rows.isEmpty()) {
            return;
        }
        text.append("\nWhere the time of responses went, on average of a request, all its tries together:\n\n")
                .append(Markdown.row(List.of(
                        "operation",
                        "phase",
                        "of",
                        "response",
                        "between tries",
                        "arrival queue",
                        "pool",
                        "locks",
                        "rest",
                        "chief lock")))
                .append("|---|---|---|---:|---:|---:|---:|---:|---:|---|\n");
        for (PartsView row : rows.stream().limit(MOST_ROWS).toList()) {
            text.append(Markdown.row(List.of(
                    Markdown.code(row.operation()),
                    row.phase(),
                    row.of(),
                    row.response(),
                    row.betweenTries(),
                    row.arrivalQueue(),
                    row.pool(),
                    row.locks(),
                    row.rest(),
                    Markdown.text(row.chief()))));
        }
        if (rows.size() > MOST_ROWS) {
            text.append("\n… and ").append(rows.size() - MOST_ROWS).append(" more rows in report.html.\n");
        }
        if (PartsView.backendsUnknown(recording)) {
            text.append("\nBehind the pooler a request's backend is not known: waits for locks are part of “rest”.\n");
        }
    }

    private static void own(StringBuilder text, List<WaitsView.Own> own) {
        if (own.isEmpty()) {
            return;
        }
        text.append("\nWhat the workload waits for by itself:\n\n")
                .append(Markdown.row(List.of("for", "baseline", "migration and recovery")))
                .append("|---|---|---|\n");
        own.forEach(
                row -> text.append(Markdown.row(List.of(Markdown.text(row.relation()), row.baseline(), row.after()))));
    }
}
