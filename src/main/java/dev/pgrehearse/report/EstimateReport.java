package dev.pgrehearse.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.pgrehearse.estimate.Cliff;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.WholeFile;
import dev.pgrehearse.verdict.Figures;
import io.pebbletemplates.pebble.PebbleEngine;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Writes estimates: {@code estimate.json}, {@code estimate.md} for a change request, {@code report.html}; and the lines of
 * the console. Stateless; writing again replaces what is there.
 */
public final class EstimateReport {
    private static final String INDICATES =
            "Durations are this machine's, unless they are said to be production's; without load, and without waits for"
                    + " locks, which are the workload's. The embedded server is a size-optimised build: it"
                    + " shows shapes, and its seconds only indicate.";

    private EstimateReport() {}

    /**
     * Writes all files.
     *
     * @param folder the run's, which exists
     * @throws IOException when a file cannot be written; each file is whole or untouched
     */
    public static void write(Path folder, String startedAt, List<Estimate> estimates) throws IOException {
        List<EstimateView> views = new ArrayList<>();
        for (Estimate estimate : estimates) {
            views.add(EstimateView.of(estimate, views.size() + 1));
        }
        WholeFile.write(
                folder.resolve("estimate.json"),
                RecordingJson.mapper().writeValueAsString(new Estimates(Estimates.FORMAT, startedAt, estimates))
                        + "\n");
        WholeFile.write(folder.resolve("estimate.md"), markdown(views));
        WholeFile.write(folder.resolve("report.html"), html(startedAt, views));
    }

    /** One estimate as a line of JSON. */
    public static String line(Estimate estimate) {
        ObjectMapper mapper = RecordingJson.mapper().disable(SerializationFeature.INDENT_OUTPUT);
        try {
            return mapper.writeValueAsString(
                    mapper.createObjectNode().put("kind", "ESTIMATE").set("estimate", mapper.valueToTree(estimate)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an estimate could not be written as JSON", e);
        }
    }

    /** What the console says of one estimate, without line ends. */
    public static List<String> summary(Estimate estimate) {
        EstimateView view = EstimateView.of(estimate, 1);
        List<String> lines = new ArrayList<>();
        lines.add(ConsoleSummary.printable(estimate.variant() + " at " + view.target() + ": " + view.answer()
                + (view.total().equals(view.answer()) ? "" : ", " + view.total())));
        for (EstimateView.Line line : view.lines()) {
            lines.add(ConsoleSummary.printable("  " + line.statement().index() + "  " + line.takes()
                    + (line.statement().known() ? ", at most " + line.atMost() : "") + "  ("
                    + line.statement().operation().words()
                    + (line.statement().known()
                            ? ", " + line.ratio() + " the top rung; a straight line says " + line.straightLine()
                            : "")
                    + (line.from().isEmpty() ? "" : "; " + line.from())
                    + ")  " + shortened(line.statement().sql())));
            if (!line.seen().isEmpty()) {
                lines.add(ConsoleSummary.printable("     estimates so far, " + line.seen()));
            }
        }
        lines.add(ConsoleSummary.printable("  Room on the disk: " + space(view)));
        lines.addAll(view.machine().lines());
        estimate.reasons().forEach(reason -> lines.add(ConsoleSummary.printable("  " + reason)));
        view.lines().stream()
                .flatMap(line -> line.statement().notes().stream()
                        .map(note -> line.statement().index() + ": " + note))
                .forEach(note -> lines.add(ConsoleSummary.printable("  Statement " + note)));
        lines.addAll(view.breakEven().lines());
        lines.add("");
        return lines;
    }

    private static String space(EstimateView view) {
        return view.disk() + " (temporary files " + view.temporary() + "; WAL written " + view.wal() + ")";
    }

    /** On one line, for the end of one. */
    static String shortened(String sql) {
        String line = sql.replaceAll("\\s+", " ").strip();
        return line.length() > 60 ? line.substring(0, 59) + "…" : line;
    }

    private static String html(String startedAt, List<EstimateView> views) {
        PebbleEngine engine = HtmlReport.engine();
        StringWriter html = new StringWriter();
        try {
            engine.getTemplate("estimate.html.peb")
                    .evaluate(
                            html,
                            Map.of(
                                    "views",
                                    views,
                                    "scenario",
                                    views.isEmpty()
                                            ? ""
                                            : views.get(0).estimate().scenario(),
                                    "startedAt",
                                    startedAt,
                                    "indicates",
                                    INDICATES,
                                    "style",
                                    ChartJs.text("/dev/pgrehearse/report/report.css"),
                                    "script",
                                    ChartJs.text("/dev/pgrehearse/report/estimate.js"),
                                    "chartJs",
                                    ChartJs.source()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return html.toString();
    }

    private static String markdown(List<EstimateView> views) {
        StringBuilder text = new StringBuilder("# Estimated duration\n");
        for (EstimateView view : views) {
            Estimate estimate = view.estimate();
            text.append("\n## ")
                    .append(Markdown.text(estimate.scenario() + ", " + estimate.variant() + ": " + view.answer()))
                    .append("\n\nAt ")
                    .append(Markdown.text(view.target()))
                    .append(" rows: **")
                    .append(Markdown.text(view.total()))
                    .append("**.\n\nRoom on the disk, beside what is there: ")
                    .append(Markdown.text(space(view)))
                    .append(".\n\n");
            estimate.reasons()
                    .forEach(reason ->
                            text.append("- ").append(Markdown.text(reason)).append('\n'));
            text.append(estimate.reasons().isEmpty() ? "" : "\n");
            text.append(Markdown.row(List.of(
                    "statement",
                    "operation",
                    "takes",
                    "at most (9 of 10)",
                    "WAL",
                    "new index",
                    "temporary files",
                    "room on the disk",
                    "model",
                    "times the top rung",
                    "a straight line says")));
            text.append(Markdown.row(Collections.nCopies(11, "---")));
            for (EstimateView.Line line : view.lines()) {
                text.append(Markdown.row(List.of(
                        line.statement().index() + " "
                                + Markdown.code(line.statement().sql()),
                        Markdown.text(line.statement().operation().words()),
                        Markdown.text(line.takes()),
                        Markdown.text(line.atMost()),
                        Markdown.text(line.wal()),
                        Markdown.text(line.index()),
                        Markdown.text(line.temporary()),
                        Markdown.text(line.disk()),
                        Markdown.text(line.model()),
                        Markdown.text(line.ratio()),
                        Markdown.text(line.straightLine()))));
            }
            text.append(view.machine().markdown());
            text.append(view.breakEven().markdown());
            for (EstimateView.Line line : view.lines()) {
                details(line, text);
            }
            text.append("\nMeasured with ")
                    .append(Markdown.text(estimate.machine()))
                    .append(".\n");
        }
        return text.append('\n').append(Markdown.text(INDICATES)).append('\n').toString();
    }

    private static void details(EstimateView.Line line, StringBuilder text) {
        text.append("\n### Statement ").append(line.statement().index()).append("\n\n");
        rungs(line.rungs(), text);
        if (!line.from().isEmpty()) {
            text.append("\nIts figures come ")
                    .append(Markdown.text(line.from()))
                    .append(":\n\n");
            rungs(line.shrunk(), text);
        }
        text.append('\n');
        for (Cliff cliff : line.statement().cliffs()) {
            text.append("- Beyond ")
                    .append(Markdown.text(Figures.count((long) cliff.rows()) + " rows " + cliff.what()))
                    .append(".\n");
        }
        if (!line.seen().isEmpty()) {
            text.append("- Estimates so far, ")
                    .append(Markdown.text(line.seen()))
                    .append(".\n");
        }
        line.statement()
                .notes()
                .forEach(note -> text.append("- ").append(Markdown.text(note)).append('\n'));
        line.statement()
                .space()
                .unknown()
                .forEach(why -> text.append("- ").append(Markdown.text(why)).append('\n'));
    }

    private static void rungs(List<EstimateView.Row> rungs, StringBuilder text) {
        text.append(Markdown.row(List.of("rows", "median", "runs", "apart")));
        text.append(Markdown.row(List.of("---", "---", "---", "---")));
        rungs.forEach(row -> text.append(Markdown.row(List.of(
                Markdown.text(row.rows()),
                Markdown.text(row.central()),
                Markdown.text(row.runs()),
                Markdown.text(row.spread())))));
    }
}
