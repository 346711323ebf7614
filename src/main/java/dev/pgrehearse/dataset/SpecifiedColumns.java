package dev.pgrehearse.dataset;

import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ValueSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** What the scenario says of columns, held against the schema. */
final class SpecifiedColumns {
    private SpecifiedColumns() {}

    /** By the table's OID and the column's name; tables and columns that do not exist are mistakes. */
    static Map<Long, Map<String, ValueSpec>> of(
            Catalogue catalogue, DatasetSpec spec, Consumer<DatasetMistake> mistakes) {
        Map<Long, Map<String, ValueSpec>> specified = new LinkedHashMap<>();
        spec.tables().forEach((name, tableSpec) -> {
            CatalogueTable table = catalogue.find(name);
            if (table == null) {
                mistakes.accept(new DatasetMistake(
                        name, null, "no such table in the schema", "one that exists: " + catalogue.nearestTable(name)));
                return;
            }
            if (specified.putIfAbsent(table.oid(), tableSpec.columns()) != null) {
                mistakes.accept(new DatasetMistake(name, null, "the same table twice", "each table once"));
            }
            for (String column : tableSpec.columns().keySet()) {
                if (table.column(column) == null) {
                    mistakes.accept(new DatasetMistake(
                            name,
                            column,
                            "no such column in the schema",
                            "one that exists: " + Catalogue.nearestColumn(table, column)));
                }
            }
        });
        return specified;
    }
}
