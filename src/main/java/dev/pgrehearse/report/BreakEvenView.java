package dev.pgrehearse.report;

import dev.pgrehearse.estimate.BreakEven;
import dev.pgrehearse.estimate.SizeInWords;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.estimate.UnderLoad;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Ruling;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A break-even as people read it.
 *
 * @param measured whether a rung was rehearsed under load, or tried to be
 * @param headline what it says, in a line without a full stop
 * @param rung the rung under load and its verdict, in words; empty without one
 * @param waits what its statements took under load, beside their quiet runs
 */
public record BreakEvenView(BreakEven breakEven, boolean measured, String headline, String rung, List<Row> waits) {
    /** One statement: quiet, under load, waited, and who waited for it. */
    public record Row(int statement, String quiet, String underLoad, String waited, String madeWait) {}

    static BreakEvenView of(BreakEven breakEven) {
        UnderLoad seen = breakEven.underLoad();
        return new BreakEvenView(
                breakEven,
                breakEven.answer() != BreakEven.Answer.NOT_MEASURED,
                headline(breakEven),
                seen == null ? "" : EstimateView.rows(seen.rows()) + ": " + seen.verdict(),
                seen == null
                        ? List.of()
                        : seen.statements().stream().map(BreakEvenView::row).toList());
    }

    private static String headline(BreakEven breakEven) {
        String table = breakEven.table();
        Double target = breakEven.targetRows();
        String you = table == null || target == null
                ? ""
                : Figures.count(Math.round(target), "row", "rows") + " of " + table;
        return switch (breakEven.answer()) {
            case NO_GO_FROM ->
                "NO-GO from " + size(breakEven) + "; you have " + Figures.count(Math.round(orZero(target)));
            case GO -> "GO at " + you + beyond(breakEven);
            case SIZE_DECIDES_NOTHING ->
                "size decides nothing: "
                        + (table == null ? breakEven.atTarget() + " at any size" : "GO at " + you + beyond(breakEven));
            case UNKNOWN ->
                breakEven.rows() != null
                        ? "UNKNOWN; most likely NO-GO from " + size(breakEven)
                        : isGoAtItsRung(breakEven) ? "UNKNOWN at " + you + "; GO" + upTo(breakEven) : "UNKNOWN";
            case NOT_MEASURED -> "not looked for";
        };
    }

    private static double orZero(@Nullable Double rows) {
        return rows == null ? 0 : rows;
    }

    /** Such as {@code about 480 000 rows of orders (between 400 000 and 530 000)}. */
    private static String size(BreakEven breakEven) {
        double rows = orZero(breakEven.rows());
        Double from = breakEven.fromRows();
        Double to = breakEven.toRows();
        if (breakEven.orFewer()) {
            return "fewer than " + SizeInWords.atMost(rows) + " rows of " + breakEven.table();
        }
        String about = "about " + SizeInWords.about(rows) + " rows of " + breakEven.table();
        if (from == null) {
            return about;
        }
        return about
                + (to == null
                        ? " (perhaps from " + SizeInWords.atLeast(from) + " on)"
                        : " (between " + SizeInWords.atLeast(from) + " and " + SizeInWords.atMost(to) + ")");
    }

    /** What is said of sizes beyond the target, at which it is GO. */
    private static String beyond(BreakEven breakEven) {
        if (breakEven.rows() == null) {
            return " and" + upTo(breakEven) + "; beyond that UNKNOWN";
        }
        return turnsWithinReach(breakEven)
                ? "; NO-GO from " + size(breakEven)
                : " and" + upTo(breakEven) + "; beyond that UNKNOWN, and NO-GO from " + size(breakEven);
    }

    /** Such as {@code  up to 1 300 000 (cliff: the sort of i leaves maintenance_work_mem)}. */
    private static String upTo(BreakEven breakEven) {
        String ends = breakEven.reachEnds();
        return " up to " + SizeInWords.atLeast(surelyGo(breakEven))
                + (ends == null || turnsWithinReach(breakEven) ? "" : " (" + ends + ")");
    }

    private static boolean turnsWithinReach(BreakEven breakEven) {
        Double from = breakEven.fromRows();
        return from != null && from <= orZero(breakEven.reachRows());
    }

    /** Rows up to which it is GO in nine of ten cases. */
    private static double surelyGo(BreakEven breakEven) {
        Double from = breakEven.fromRows();
        double reach = orZero(breakEven.reachRows());
        return from == null ? reach : Math.min(from, reach);
    }

    /** Of smaller sizes the curves alone say nothing that a rehearsal bears out. */
    private static boolean isGoAtItsRung(BreakEven breakEven) {
        UnderLoad seen = breakEven.underLoad();
        return seen != null
                && seen.verdict() == Ruling.GO
                && breakEven.table() != null
                && surelyGo(breakEven) >= seen.rows().getOrDefault(breakEven.table(), Long.MAX_VALUE);
    }

    private static Row row(UnderLoad.Waits waits) {
        Double quiet = waits.quietSeconds();
        return new Row(
                waits.statement(),
                quiet == null ? "–" : Figures.duration(quiet * 1e3),
                Figures.duration(waits.seconds() * 1e3),
                waits.waitedSeconds() == 0
                        ? "–"
                        : Figures.duration(waits.waitedSeconds() * 1e3)
                                + (waits.behind() == null ? "" : " behind " + waits.behind()),
                waits.requests() == 0
                        ? "nobody"
                        : Figures.count(waits.requests(), "request", "requests") + " of "
                                + String.join(", ", waits.operations()) + ", the longest for "
                                + Figures.duration(waits.longestSeconds() * 1e3));
    }

    /** What the console says, without line ends. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (measured) {
            lines.add(ConsoleSummary.printable("  Break-even: " + headline));
        }
        breakEven.reasons().forEach(reason -> lines.add(ConsoleSummary.printable((measured ? "    " : "  ") + reason)));
        for (Row row : waits) {
            lines.add(ConsoleSummary.printable("    Statement " + row.statement() + " at " + rung + " under load: took "
                    + row.underLoad() + " (quiet " + row.quiet() + "), waited " + row.waited() + ", made wait "
                    + row.madeWait() + "."));
        }
        return lines;
    }

    /** The section of the Markdown report. */
    String markdown() {
        StringBuilder text = new StringBuilder("\n### Break-even: ")
                .append(Markdown.text(headline))
                .append("\n\n");
        breakEven
                .reasons()
                .forEach(reason ->
                        text.append("- ").append(Markdown.text(reason)).append('\n'));
        if (!waits.isEmpty()) {
            text.append("\nUnder load at ").append(Markdown.text(rung)).append(".\n\n");
            text.append(Markdown.row(List.of("statement", "quiet", "under load", "waited for locks", "made wait")));
            text.append(Markdown.row(List.of("---", "---", "---", "---", "---")));
            waits.forEach(row -> text.append(Markdown.row(List.of(
                    String.valueOf(row.statement()),
                    Markdown.text(row.quiet()),
                    Markdown.text(row.underLoad()),
                    Markdown.text(row.waited()),
                    Markdown.text(row.madeWait())))));
        }
        return text.toString();
    }

    /** Where a statement's chart shows it: in rows of its table; null when it is not the one that decides. */
    static @Nullable Double rowsFor(StatementEstimate statement, BreakEven breakEven) {
        Integer decides = breakEven.statement();
        return decides != null
                        && decides == statement.index()
                        && breakEven.table() != null
                        && breakEven.table().equals(statement.table())
                ? breakEven.rows()
                : null;
    }
}
