package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.values.CopyBuffer;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a table is filled. Immutable and thread-safe.
 *
 * @param table the table
 * @param name its name as the scenario's size has it
 * @param rows how many rows it gets, above 0
 * @param columns those that COPY fills; the server fills the others
 */
record TablePlan(CatalogueTable table, String name, long rows, List<ColumnPlan> columns) {
    /** Appends one row in COPY's text format. */
    void copyRow(CopyBuffer out, long row) {
        for (int index = 0; index < columns.size(); index++) {
            if (index > 0) {
                out.endField();
            }
            columns.get(index).values().copyTo(out, row);
        }
        out.endRow();
    }

    String columnList() {
        return columns.stream()
                .map(column -> Quoted.identifier(column.name()))
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
