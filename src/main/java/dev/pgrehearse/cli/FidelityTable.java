package dev.pgrehearse.cli;

import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.FidelityFacts.Figure;
import dev.pgrehearse.verdict.GeneratedData;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The profile against the data that were generated from it, as {@code dataset build} prints it. Pure. */
final class FidelityTable {
    private static final String OUTSIDE = " !";

    private FidelityTable() {}

    /** Tables first, then columns; each figure as asked → got, with an exclamation mark where it is too far off. */
    static List<String> lines(FidelityFacts fidelity) {
        List<String> lines = new ArrayList<>(Console.aligned(tables(fidelity)));
        fanOuts(fidelity, lines);
        lines.add("");
        lines.addAll(Console.aligned(columns(fidelity)));
        lines.add("");
        lines.add(Objects.requireNonNull(GeneratedData.inWords(fidelity)));
        lines.add(
                "Profile → generated; an exclamation mark: farther off than 10 % (10 points for dead rows and all-visible"
                        + " pages), and than chance explains.");
        return lines;
    }

    private static List<String[]> tables(FidelityFacts fidelity) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"TABLE", "ROWS", "PAGES", "DEAD ROWS", "ALL-VISIBLE", "TOAST PAGES"});
        for (FidelityFacts.Table table : fidelity.tables()) {
            rows.add(new String[] {
                table.name(),
                cell(table.figures(), "rows"),
                cell(table.figures(), "pages"),
                cell(table.figures(), "dead rows"),
                cell(table.figures(), "all-visible pages"),
                cell(table.figures(), "TOAST pages")
            });
        }
        return rows;
    }

    private static void fanOuts(FidelityFacts fidelity, List<String> lines) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"TABLE", "FOREIGN KEY", "FAN-OUT"});
        for (FidelityFacts.Table table : fidelity.tables()) {
            for (Figure figure : table.figures()) {
                int of = figure.name().indexOf(" fan-out of ");
                if (of > 0) {
                    rows.add(new String[] {
                        table.name(),
                        figure.name().substring(of + " fan-out of ".length()),
                        figure.name().substring(0, of) + " " + text(figure)
                    });
                }
            }
        }
        if (rows.size() > 1) {
            lines.add("");
            lines.addAll(Console.aligned(rows));
        }
    }

    private static List<String[]> columns(FidelityFacts fidelity) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"COLUMN", "NULL", "DISTINCT", "WIDTH", "CORRELATION", "COMMON VALUES"});
        for (FidelityFacts.Table table : fidelity.tables()) {
            for (FidelityFacts.Column column : table.columns()) {
                rows.add(new String[] {
                    table.name() + "." + column.name(),
                    cell(column.figures(), "null share"),
                    cell(column.figures(), "distinct values"),
                    cell(column.figures(), "average width"),
                    cell(column.figures(), "correlation"),
                    common(column.figures())
                });
            }
        }
        return rows;
    }

    /** The last cell of a column has what else there is to say of it. */
    private static String common(List<Figure> figures) {
        List<String> cells = new ArrayList<>();
        for (Figure figure : figures) {
            if (figure.name().startsWith("frequency of common value ")) {
                cells.add(
                        "no. " + figure.name().substring("frequency of common value ".length()) + ": " + text(figure));
            } else if (figure.name().equals("elements in a row")
                    || figure.name().equals("empty ranges")) {
                cells.add(figure.name() + ": " + text(figure));
            }
        }
        return cells.isEmpty() ? "–" : String.join(", ", cells);
    }

    private static String cell(List<Figure> figures, String name) {
        Optional<Figure> found =
                figures.stream().filter(figure -> figure.name().equals(name)).findFirst();
        return found.map(FidelityTable::text).orElse("–");
    }

    private static String text(Figure figure) {
        return GeneratedData.side(figure, figure.asked()) + " → " + GeneratedData.side(figure, figure.got())
                + (figure.within() ? "" : OUTSIDE);
    }
}
