package dev.pgrehearse.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Cliff;
import dev.pgrehearse.estimate.ErrorsSeen;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.estimate.StatementSpace;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.verdict.Figures;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An estimate as people read it.
 *
 * @param number of the variant within the report, from 1
 * @param tone of its card: {@code go}, {@code no-go} or {@code unknown}
 * @param answer in words
 * @param total of all statements, in words
 * @param target in words
 * @param disk the room that it needs at its most, in words; a dash when nobody can tell
 * @param temporary likewise, of temporary files
 * @param wal likewise, of WAL
 * @param machine whose durations the total tells
 * @param breakEven from which size on it is NO-GO
 */
public record EstimateView(
        Estimate estimate,
        int number,
        String tone,
        String answer,
        String total,
        String target,
        String disk,
        String temporary,
        String wal,
        List<Line> lines,
        MachineView machine,
        BreakEvenView breakEven) {
    private static final int CURVE_POINTS = 40;

    /**
     * One statement.
     *
     * @param takes its central value, or UNKNOWN
     * @param atMost its upper value; a dash when UNKNOWN
     * @param straightLine what a straight line would say; a dash without one
     * @param disk the room that it needs beside what is there, at its most
     * @param from which ladder its figures come from, when its settings were shrunk; empty otherwise
     * @param shrunk the rungs of that ladder
     * @param seen how earlier estimates of its operation fared; empty when none was checked
     * @param chart data of its chart, as JSON that may stand in a {@code script} element
     */
    public record Line(
            StatementEstimate statement,
            String takes,
            String atMost,
            String ratio,
            String model,
            String straightLine,
            String wal,
            String index,
            String temporary,
            String disk,
            String from,
            String seen,
            List<Row> rungs,
            List<Row> shrunk,
            String chart) {}

    /** One rung: rows, median, all runs, their spread. */
    public record Row(String rows, String central, String runs, String spread) {}

    static EstimateView of(Estimate estimate, int number) {
        return new EstimateView(
                estimate,
                number,
                switch (estimate.answer()) {
                    case FITS -> "go";
                    case DOES_NOT_FIT -> "no-go";
                    case UNKNOWN -> "unknown";
                },
                answer(estimate),
                total(estimate),
                rows(estimate.target()),
                bytes(estimate.space().diskBytes()),
                bytes(estimate.space().temporaryBytes()),
                bytes(estimate.space().walBytes()),
                estimate.statements().stream()
                        .map(statement -> line(statement, BreakEvenView.rowsFor(statement, estimate.breakEven())))
                        .toList(),
                MachineView.of(estimate),
                BreakEvenView.of(estimate.breakEven()));
    }

    private static String answer(Estimate estimate) {
        boolean window = estimate.windowSeconds() != null;
        return switch (estimate.answer()) {
            case FITS -> window ? "FITS" : "ESTIMATED";
            case DOES_NOT_FIT -> "DOES NOT FIT";
            case UNKNOWN -> "UNKNOWN";
        };
    }

    private static String total(Estimate estimate) {
        Double central = estimate.centralSeconds();
        Double upper = estimate.upperSeconds();
        MachineView machine = MachineView.of(estimate);
        return central == null || upper == null
                ? machine.other() ? "UNKNOWN " + machine.where() : "UNKNOWN"
                : Figures.duration(central * 1e3) + ", at most " + Figures.duration(upper * 1e3) + ", "
                        + machine.where();
    }

    static String rows(Map<String, Long> rows) {
        return rows.entrySet().stream()
                .map(table -> table.getKey() + " " + Figures.count(table.getValue()))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static Line line(StatementEstimate statement, @Nullable Double breakEvenRows) {
        Extrapolation duration = statement.duration();
        StatementEstimate.Shrunk shrunk = statement.shrunk();
        return new Line(
                statement,
                duration == null ? "UNKNOWN" : seconds(duration.central()),
                duration == null ? "–" : seconds(duration.upper()),
                duration == null ? "–" : Figures.times(duration.ratio()),
                duration == null ? "–" : duration.curve().shape(),
                duration == null || Double.isNaN(duration.straightLine())
                        ? "–"
                        : seconds(Math.max(0, duration.straightLine())),
                bytes(statement.walBytes()),
                bytes(statement.indexBytes()),
                bytes(statement.space().temporaryBytes()),
                bytes(statement.space().diskBytes()),
                shrunk == null ? "" : shrunk.inWords(),
                seen(statement),
                statement.rungs().stream().map(EstimateView::row).toList(),
                shrunk == null
                        ? List.of()
                        : shrunk.rungs().stream().map(EstimateView::row).toList(),
                chart(statement, breakEvenRows));
    }

    private static String seen(StatementEstimate statement) {
        ErrorsSeen errors = statement.errorsSeen();
        return errors == null ? "" : statement.operation().words() + ": " + errors.inWords();
    }

    private static Row row(Measurement rung) {
        return new Row(
                Figures.count(Math.round(rung.rows())),
                seconds(rung.central()),
                rung.values().stream().map(EstimateView::seconds).collect(Collectors.joining(", ")),
                rung.values().size() > 1 ? Figures.share(rung.spread()) : "–");
    }

    private static String seconds(double seconds) {
        return Figures.duration(seconds * 1e3);
    }

    private static String bytes(@Nullable Extrapolation bytes) {
        return bytes == null ? "–" : bytes(new StatementSpace.Bytes(bytes.central(), bytes.upper()));
    }

    private static String bytes(StatementSpace.@Nullable Bytes bytes) {
        if (bytes == null) {
            return "–";
        }
        return bytes.upper() == 0
                ? "none"
                : Figures.bytes(bytes.central()) + ", at most " + Figures.bytes(bytes.upper());
    }

    private static String chart(StatementEstimate statement, @Nullable Double breakEvenRows) {
        ObjectNode node = RecordingJson.mapper().createObjectNode();
        ArrayNode points = node.putArray("points");
        for (Measurement rung : statement.rungs()) {
            rung.values().forEach(value -> point(points, rung.rows(), value));
        }
        StatementEstimate.Shrunk second = statement.shrunk();
        ArrayNode shrunk = node.putArray("shrunk");
        if (second != null) {
            for (Measurement rung : second.rungs()) {
                rung.values().forEach(value -> point(shrunk, rung.rows(), value));
            }
        }
        Extrapolation duration = statement.duration();
        ArrayNode curve = node.putArray("curve");
        if (duration != null && !statement.rungs().isEmpty()) {
            double from = statement.rungs().get(0).rows();
            for (int i = 0; i <= CURVE_POINTS; i++) {
                double rows = from * Math.pow(statement.targetRows() / from, i / (double) CURVE_POINTS);
                point(curve, rows, duration.curve().at(rows));
            }
            node.put("central", duration.central());
            node.put("upper", duration.upper());
        }
        node.put("target", statement.targetRows());
        if (breakEvenRows != null) {
            node.put("breakEven", breakEvenRows);
        }
        ArrayNode cliffs = node.putArray("cliffs");
        for (Cliff cliff : statement.cliffs()) {
            cliffs.addObject().put("rows", cliff.rows()).put("what", cliff.what());
        }
        return ScriptJson.of(node);
    }

    private static void point(ArrayNode points, double rows, double seconds) {
        points.addObject().put("x", rows).put("y", seconds);
    }
}
