package dev.pgrehearse.report;

import dev.pgrehearse.estimate.BreakEven;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.Factor;
import dev.pgrehearse.estimate.OtherMachine;
import dev.pgrehearse.estimate.ScaledStatement;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.profile.Calibration.Source;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose durations an estimate tells, and how those of another machine came about, as people read it.
 *
 * @param other whether they are another machine's
 * @param where {@code on this machine}, or on which one
 * @param statements empty for this machine
 * @param factors likewise
 * @param remarks in whole sentences, likewise
 */
public record MachineView(
        boolean other, String where, List<Row> statements, List<FactorRow> factors, List<String> remarks) {
    private static final String NONE = "–";

    /**
     * One statement.
     *
     * @param here its central value on this machine
     * @param takes its central value there
     * @param atMost its upper value there
     * @param factor there by here
     * @param parts what it is bound by, and what became of each part
     */
    public record Row(int statement, String here, String takes, String atMost, String factor, String parts) {}

    /** One probe: what both machines took, and the factor or why there is none. */
    public record FactorRow(String probe, String here, String there, String factor) {}

    static MachineView of(Estimate estimate) {
        OtherMachine machine = estimate.otherMachine();
        if (machine == null) {
            return new MachineView(false, "on this machine", List.of(), List.of(), List.of());
        }
        List<String> remarks = new ArrayList<>(machine.remarks());
        machine.statements()
                .forEach(scaled ->
                        scaled.notes().forEach(note -> remarks.add("Statement " + scaled.index() + ": " + note)));
        if (estimate.breakEven().answer() != BreakEven.Answer.NOT_MEASURED) {
            remarks.add(
                    "The break-even is this machine's: who waited for what under load was measured here, and is not scaled.");
        }
        return new MachineView(
                true,
                "on production's machine as calibrated at " + machine.calibratedAt() + " (on this one "
                        + both(machine.hereCentralSeconds(), machine.hereUpperSeconds()) + ")",
                estimate.statements().stream()
                        .flatMap(statement ->
                                machine.statement(statement.index()).stream().map(scaled -> row(statement, scaled)))
                        .toList(),
                machine.factors().stream().map(MachineView::row).toList(),
                remarks);
    }

    private static String both(@Nullable Double central, @Nullable Double upper) {
        return central == null || upper == null ? "UNKNOWN" : seconds(central) + ", at most " + seconds(upper);
    }

    private static Row row(StatementEstimate statement, ScaledStatement scaled) {
        Extrapolation here = statement.duration();
        Double factor = scaled.factor();
        return new Row(
                scaled.index(),
                here == null ? "UNKNOWN" : seconds(here.central()),
                scaled.centralSeconds() == null ? "UNKNOWN" : seconds(scaled.centralSeconds()),
                scaled.upperSeconds() == null ? NONE : seconds(scaled.upperSeconds()),
                factor == null ? NONE : Figures.times(factor),
                parts(scaled));
    }

    /** Such as {@code 92 % processor, scaled by sort in memory; 8 % waiting for writes and the like, as here}. */
    private static String parts(ScaledStatement scaled) {
        Double cpu = scaled.cpuShare();
        Double other = scaled.otherShare();
        Double fetchHere = scaled.fetchShareHere();
        Double fetchThere = scaled.fetchShareThere();
        if (cpu == null || other == null || scaled.cpuProbe() == null || fetchHere == null) {
            return NONE;
        }
        StringBuilder parts = new StringBuilder(Figures.share(cpu))
                .append(" processor, scaled by ")
                .append(scaled.cpuProbe().words());
        if (fetchHere > 0 || (fetchThere != null && fetchThere > 0)) {
            parts.append("; fetching blocks ")
                    .append(Figures.share(fetchHere))
                    .append(" here, ")
                    .append(fetchThere == null ? "unknown" : Figures.share(fetchThere) + " of its time here")
                    .append(" there");
        }
        if (other > 0) {
            parts.append("; ").append(Figures.share(other)).append(" waiting for what no probe measures, as here");
        }
        return parts.toString();
    }

    private static FactorRow row(Factor factor) {
        Double times = factor.factor();
        Double error = factor.error();
        return new FactorRow(
                factor.probe().words(),
                micros(factor, factor.hereMicros(), factor.hereFrom()),
                micros(factor, factor.thereMicros(), factor.thereFrom()),
                times == null || error == null
                        ? String.join(" ", factor.unknown())
                        : Figures.times(times) + " ± " + Figures.share(error));
    }

    private static String micros(Factor factor, @Nullable Double micros, @Nullable Source from) {
        return micros == null
                ? "unknown"
                : Figures.plain(micros) + " µs per " + factor.probe().unit()
                        + (from == null ? "" : ", " + from.words());
    }

    private static String seconds(double seconds) {
        return Figures.duration(seconds * 1e3);
    }

    /** What the console says, without line ends. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Row row : statements) {
            lines.add("  " + row.statement() + "  there " + row.takes() + ", at most " + row.atMost() + "  (here "
                    + row.here() + ", times " + row.factor() + ": " + row.parts() + ")");
        }
        for (FactorRow row : factors) {
            lines.add("    " + row.probe() + ": " + row.factor() + " (here " + row.here() + "; there " + row.there()
                    + ")");
        }
        remarks.forEach(remark -> lines.add("  " + remark));
        return lines.stream().map(ConsoleSummary::printable).toList();
    }

    /** The section of the Markdown report; empty for this machine. */
    String markdown() {
        if (!other) {
            return "";
        }
        StringBuilder text = new StringBuilder("\n### On production's machine\n\n");
        text.append(Markdown.row(List.of("statement", "here", "there", "at most there", "factor", "bound by")));
        text.append(Markdown.row(List.of("---", "---", "---", "---", "---", "---")));
        statements.forEach(row -> text.append(Markdown.row(List.of(
                String.valueOf(row.statement()),
                Markdown.text(row.here()),
                Markdown.text(row.takes()),
                Markdown.text(row.atMost()),
                Markdown.text(row.factor()),
                Markdown.text(row.parts())))));
        text.append('\n');
        text.append(Markdown.row(List.of("probe", "here", "there", "factor")));
        text.append(Markdown.row(List.of("---", "---", "---", "---")));
        factors.forEach(row -> text.append(Markdown.row(List.of(
                Markdown.text(row.probe()),
                Markdown.text(row.here()),
                Markdown.text(row.there()),
                Markdown.text(row.factor())))));
        text.append(remarks.isEmpty() ? "" : "\n");
        remarks.forEach(
                remark -> text.append("- ").append(Markdown.text(remark)).append('\n'));
        return text.toString();
    }
}
