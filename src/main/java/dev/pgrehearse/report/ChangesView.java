package dev.pgrehearse.report;

import dev.pgrehearse.recording.Changes;
import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.SqlErrors;
import dev.pgrehearse.recording.StatementPlans;
import dev.pgrehearse.recording.TableChange;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.IndexWorth;
import dev.pgrehearse.verdict.PlanWords;
import dev.pgrehearse.verdict.Traffic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether it was needed and what it changed, as the reports show it.
 *
 * @param worths a line for each index that was made or dropped
 * @param plans statements whose plans changed or fail, first; then, to be folded, those that stayed
 * @param tables the state of those that the migration had to do with
 * @param errors what requests were answered since the migration's start
 */
record ChangesView(
        List<Worth> worths,
        List<PlanRow> plans,
        List<PlanRow> samePlans,
        List<TableRow> tables,
        List<ErrorRow> errors) {
    private static final String NONE = "–";

    /** An index, what it gives and costs. */
    record Worth(String name, String sentence, String size, String build, String wal) {}

    /**
     * One statement of an operation.
     *
     * @param tone a CSS class of ours
     * @param state {@code changed}, {@code fails}, {@code as before} or {@code not read}
     */
    record PlanRow(
            String operation,
            String sql,
            String tone,
            String state,
            String before,
            String after,
            String cost,
            String p95,
            String service) {}

    /** One table. */
    record TableRow(String name, String rewritten, String statistics, String visible, String dead, String hot) {}

    /** One error of one operation. */
    record ErrorRow(String operation, String state, String message, String count, String when) {}

    static ChangesView of(Recording recording) {
        Changes changes = recording.changes();
        List<PlanRow> changed = new ArrayList<>();
        List<PlanRow> same = new ArrayList<>();
        for (OperationPlans operation : changes.operations()) {
            for (StatementPlans statement : operation.statements()) {
                boolean stayed = !statement.changed() && !statement.broken();
                (stayed ? same : changed).add(row(operation, statement));
            }
        }
        return new ChangesView(
                IndexWorth.of(recording).stream().map(ChangesView::worth).toList(),
                changed,
                same,
                changes.tables().stream().map(ChangesView::row).toList(),
                changes.errors().stream()
                        .filter(errors -> since(errors) > 0)
                        .map(ChangesView::row)
                        .toList());
    }

    /** Whether there is nothing to show. The templates ask. */
    public boolean empty() {
        return worths.isEmpty() && plans.isEmpty() && samePlans.isEmpty() && tables.isEmpty() && errors.isEmpty();
    }

    private static Worth worth(IndexWorth worth) {
        Long size = worth.index().sizeBytes();
        Double build = worth.buildMs();
        Long wal = worth.walBytes();
        return new Worth(
                worth.index().name(),
                worth.sentence(),
                size == null ? NONE : Figures.bytes(size.doubleValue()),
                build == null ? NONE : Figures.duration(build),
                wal == null ? NONE : Figures.bytes(wal.doubleValue()));
    }

    private static PlanRow row(OperationPlans operation, StatementPlans statement) {
        String[] sides = PlanWords.change(statement).split(" → ", 2);
        boolean broken = statement.broken();
        boolean read = statement.after() != null || broken;
        String state = broken ? "fails" : statement.changed() ? "changed" : read ? "as before" : "not read";
        return new PlanRow(
                operation.operation(),
                statement.sql(),
                broken ? "no-go" : statement.changed() ? "unknown" : "go",
                state,
                sides[0],
                sides.length == 1 ? NONE : sides[1],
                orNone(PlanWords.costs(statement)),
                orNone(PlanWords.p95(operation).replace("p95 ", "")),
                orNone(PlanWords.service(operation)));
    }

    private static TableRow row(TableChange table) {
        List<String> statistics = new ArrayList<>();
        if (!table.statisticsLost().isEmpty()) {
            statistics.add("lost: " + String.join(", ", table.statisticsLost())
                    + (table.statisticsMissing().isEmpty() ? " (back at the end)" : ""));
        }
        if (!table.neverAnalyzed().isEmpty()) {
            statistics.add("none yet: " + String.join(", ", table.neverAnalyzed()));
        }
        return new TableRow(
                table.name(),
                table.rewritten() ? "yes" : "no",
                statistics.isEmpty() ? "kept" : String.join("; ", statistics),
                sides(share(table.allVisibleBefore()), share(table.allVisibleAfter())),
                sides(count(table.deadRowsBefore()), count(table.deadRowsAfter())),
                sides(share(table.hotShareBefore()), share(table.hotShareAfter())));
    }

    private static ErrorRow row(SqlErrors errors) {
        return new ErrorRow(
                errors.operation().isEmpty() ? "several" : errors.operation(),
                errors.sqlState() == null ? NONE : errors.sqlState(),
                errors.message(),
                Figures.count(errors.count())
                        + (errors.byPhase().containsKey(Phase.BASELINE)
                                ? " (" + Figures.count(errors.byPhase().get(Phase.BASELINE)) + " in the baseline)"
                                : ""),
                Figures.moment(errors.firstMs()) + " to " + Figures.moment(errors.lastMs()));
    }

    private static long since(SqlErrors errors) {
        return Traffic.JUDGED.stream()
                .mapToLong(phase -> errors.byPhase().getOrDefault(phase, 0L))
                .sum();
    }

    private static String sides(String before, String after) {
        return before.equals(NONE) && after.equals(NONE) ? NONE : before + " → " + after;
    }

    private static String orNone(String words) {
        return words.isEmpty() ? NONE : words;
    }

    private static String share(@Nullable Double share) {
        return share == null ? NONE : Figures.share(share);
    }

    private static String count(@Nullable Long count) {
        return count == null ? NONE : Figures.count(count);
    }
}
