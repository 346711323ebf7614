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
 * @param leaves the tables that hold the rows: the table itself or, of one that is partitioned, its partitions
 */
record TablePlan(CatalogueTable table, String name, long rows, List<ColumnPlan> columns, List<CatalogueTable> leaves) {
    /** Of a plain table. */
    TablePlan(CatalogueTable table, String name, long rows, List<ColumnPlan> columns) {
        this(table, name, rows, columns, List.of(table));
    }

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

    /** The table in SQL, without tables that inherit from it but with its partitions. */
    String sqlScope() {
        return table.isPlain() ? "only " + table.sqlName() : table.sqlName();
    }

    String columnList() {
        return columns.stream()
                .map(column -> Quoted.identifier(column.name()))
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
