package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a statement did, and what it can run out of on the way to the target.
 *
 * @param table whose rows its duration goes by, as it was at the top rung; null when it touched none
 * @param by the table whose rows are counted: that one, or the largest
 * @param targetRows of it
 * @param hashed what it hashes to check foreign keys
 * @param sorts what it sorts, to build indexes or in whole rows
 * @param cliffs below the target, the nearest first
 */
record Recognised(
        Operation operation,
        @Nullable TableFacts table,
        String by,
        double targetRows,
        List<Cliffs.Hashed> hashed,
        List<Cliffs.Sort> sorts,
        List<Cliff> cliffs) {
    /**
     * @param top the recording that it is of
     * @param ground of the same
     * @param target rows by table
     * @param rungs the same of each rung
     */
    static Recognised of(
            Statement statement,
            Recording top,
            Ground ground,
            Map<String, Long> target,
            List<Map<String, Long>> rungs) {
        Operation operation = Recognition.of(statement, top);
        Optional<TableFacts> table = ground.tableOf(statement, operation)
                .filter(found ->
                        target.containsKey(found.name()) && found.rows() > 0 && growsAtEachOf(rungs, found.name()));
        String by = table.map(TableFacts::name).orElseGet(() -> largest(target));
        double targetRows = rows(by, target);
        List<Cliffs.Sort> sorts = table.map(found -> Cliffs.sortsOf(operation, statement, found, ground, targetRows))
                .orElse(List.of());
        return new Recognised(
                operation,
                table.orElse(null),
                by,
                targetRows,
                table.map(found -> Cliffs.hashesOf(operation, statement, found, ground))
                        .orElse(List.of()),
                sorts,
                table.map(found -> Cliffs.of(
                                operation, statement, sorts, walBefore(statement, top), found, ground, targetRows))
                        .orElse(List.of()));
    }

    private static double walBefore(Statement statement, Recording recording) {
        return Estimator.statements(recording).stream()
                .filter(earlier -> earlier.index() < statement.index())
                .map(Statement::walBytes)
                .filter(Objects::nonNull)
                .mapToDouble(Long::doubleValue)
                .sum();
    }

    /** Small tables stay whole from rung to rung, as currencies do not grow with the orders: no curve goes by their rows. */
    private static boolean growsAtEachOf(List<Map<String, Long>> rungs, String table) {
        return rungs.stream().map(rows -> rows(table, rows)).distinct().count() == rungs.size();
    }

    /** Whether it read or wrote rows, and of no table whose rows are counted at each rung. */
    boolean isOfAnUncountedTable() {
        return table == null && operation != Operation.CATALOGUE && operation != Operation.UNSEEN;
    }

    private static String largest(Map<String, Long> target) {
        return target.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
    }

    /** At least one: a table that is empty at a rung still has its statement there. */
    static double rows(String table, Map<String, Long> rows) {
        return (double) Math.max(1, rows.getOrDefault(table, 1L));
    }
}
