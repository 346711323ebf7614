package dev.pgrehearse.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.ErrorsSeen;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.history.Check;
import dev.pgrehearse.history.CheckedStatement;
import dev.pgrehearse.history.HistoryFile;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code estimate --check} says: a table of estimates beside what was measured, and what the history makes of it.
 *
 * @param estimateFile where the estimate was read
 * @param historyFile where the history is
 * @param added what the history holds now, and what is new of it
 * @param told of estimates that could not be read when one was looked for, in whole sentences
 */
public record CheckSummary(
        Check check, String estimateFile, String historyFile, HistoryFile.Added added, List<String> told) {
    private static final String NONE = "–";

    /** The lines of the console, without line ends. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(check.estimate().variant() + " at "
                + EstimateView.rows(check.estimate().target()) + ": " + estimateFile + " of " + check.estimatedAt()
                + ", against the recording of " + check.run().recordedAt());
        lines.add("");
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("statement", "operation", "estimated", "at most", "measured", "error", "within", ""));
        check.statements().forEach(held -> table.add(row(held)));
        lines.addAll(
                ConsoleSummary.table(table.stream().map(CheckSummary::printable).toList()));
        lines.add("");
        for (Check.Held held : check.statements()) {
            if (held.leftOut() != null) {
                lines.add("Statement " + held.estimate().index() + " is not counted. " + held.leftOut());
            }
        }
        lines.add(
                "An error is how far the estimate was above what was measured; negative: below. Waits for locks are in"
                        + " no figure.");
        if (check.run().underLoad()) {
            lines.add("It was measured beside a load, and the estimate is of a server that does nothing else.");
        }
        lines.add(remembered());
        lines.addAll(added.history().told());
        check.checked().stream()
                .map(CheckedStatement::operation)
                .distinct()
                .forEach(operation -> lines.add("So far, " + soFar(operation)));
        lines.addAll(told);
        return printable(lines);
    }

    /** The same as lines of JSON: one a statement, then one of what was remembered. */
    public List<String> json() {
        ObjectMapper mapper = RecordingJson.mapper();
        List<String> lines = new ArrayList<>();
        for (Check.Held held : check.statements()) {
            CheckedStatement checked = held.checked();
            ObjectNode node = mapper.createObjectNode();
            node.put("kind", "CHECKED").put("index", held.estimate().index());
            node.set("checked", mapper.valueToTree(checked));
            node.put("error", checked == null || checked.negligible() ? null : Double.valueOf(checked.error()));
            node.put("within", checked == null ? null : Boolean.valueOf(!checked.aboveUpper()));
            node.put("leftOut", held.leftOut());
            lines.add(node.toString());
        }
        ObjectNode node = mapper.createObjectNode();
        node.put("kind", "HISTORY")
                .put("estimate", estimateFile)
                .put("file", historyFile)
                .put("added", added.added().size())
                .put("statements", added.history().checked().size());
        List<String> unread = new ArrayList<>(added.history().told());
        unread.addAll(told);
        node.set("told", mapper.valueToTree(unread));
        node.set("errorsSeen", mapper.valueToTree(added.history().errors().byOperation()));
        lines.add(node.toString());
        return lines;
    }

    private static List<String> row(Check.Held held) {
        Extrapolation duration = held.estimate().duration();
        CheckedStatement checked = held.checked();
        return List.of(
                Integer.toString(held.estimate().index()),
                held.estimate().operation().words(),
                duration == null ? "UNKNOWN" : seconds(duration.central()),
                duration == null ? NONE : seconds(duration.upper()),
                seconds(held.measuredSeconds()),
                checked == null
                        ? NONE
                        : checked.negligible()
                                ? "≤ " + seconds(StatementEstimate.NEGLIGIBLE_SECONDS)
                                : Figures.error(checked.error()),
                checked == null ? NONE : checked.aboveUpper() ? "NO" : "yes",
                EstimateReport.shortened(held.estimate().sql()));
    }

    private static String seconds(double seconds) {
        return Figures.duration(seconds * 1e3);
    }

    private String remembered() {
        int before = check.checked().size() - added.added().size();
        String counted = before == 0
                ? ""
                : (added.added().isEmpty() ? "This recording" : "The rest of this recording")
                        + " was checked before and is counted once. ";
        return counted
                + (added.added().isEmpty()
                        ? "Nothing was added to "
                        : Figures.count(added.added().size(), "statement was", "statements were") + " added to ")
                + historyFile + ", which has "
                + Figures.count(added.history().checked().size(), "statement", "statements") + ".";
    }

    private String soFar(Operation operation) {
        ErrorsSeen errors = added.history().errors().of(operation);
        return operation.words() + ": " + (errors == null ? "none checked" : errors.inWords()) + ".";
    }

    private static List<String> printable(List<String> texts) {
        return texts.stream().map(ConsoleSummary::printable).toList();
    }
}
