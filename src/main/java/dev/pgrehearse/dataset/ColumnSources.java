package dev.pgrehearse.dataset;

import dev.pgrehearse.scenario.ValueSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides for every column of a table where its values come from: what the scenario says or, where it says nothing, a
 * default.
 *
 * <p>The default is, in this order: a single-column integer primary key counts from 1, a single-column uuid primary key
 * is random; a single-column foreign key refers to its parent's rows, each as likely; what the server fills by itself
 * is left to it; what may be NULL is NULL. Anything else is a mistake.
 */
final class ColumnSources {
    private final Catalogue catalogue;
    private final Consumer<DatasetMistake> mistakes;

    ColumnSources(Catalogue catalogue, Consumer<DatasetMistake> mistakes) {
        this.catalogue = catalogue;
        this.mistakes = mistakes;
    }

    /** Column by column, in the table's order, those that COPY fills. */
    Map<CatalogueColumn, ValueSpec> of(CatalogueTable table, Map<String, ValueSpec> specified) {
        Map<CatalogueColumn, ValueSpec> sources = new LinkedHashMap<>();
        for (CatalogueColumn column : table.columns()) {
            ValueSpec spec = specified.get(column.name());
            if (column.generated()) {
                if (spec != null) {
                    mistake(table, column, "a generated column, which the server alone fills", "no source for it");
                }
                continue;
            }
            if (spec == null) {
                spec = defaultOf(table, column);
            } else if (spec.nullShare() > 0 && column.notNull()) {
                mistake(table, column, "a share of NULLs in a NOT NULL column", "no NULLs");
            }
            if (spec != null) {
                sources.put(column, spec);
            } else if (column.notNull() && !column.hasDefault()) {
                mistake(
                        table,
                        column,
                        "NOT NULL without default (" + column.type() + "), and nothing to fill it with",
                        "a source for it under columns");
            }
        }
        if (sources.isEmpty()) {
            mistakes.accept(new DatasetMistake(
                    table.displayName(), null, "no column to fill", "a source for one column at least"));
        }
        return sources;
    }

    private @Nullable ValueSpec defaultOf(CatalogueTable table, CatalogueColumn column) {
        // First, since a key that refers to another table cannot be counted freely.
        for (ForeignKey key : catalogue.foreignKeysOf(table)) {
            if (key.columns().equals(List.of(column.number()))) {
                CatalogueTable parent = catalogue.table(key.parent());
                String parentColumn = parent.column(key.parentColumns().get(0)).name();
                return plain(new ValueSpec.Reference(parent.displayName(), parentColumn, 0));
            }
        }
        for (UniqueKey key : catalogue.uniqueKeysOf(table)) {
            if (key.primary() && key.columns().equals(List.of(column.number()))) {
                if (column.isInteger()) {
                    return plain(new ValueSpec.Sequence(1, 1));
                }
                if (column.isUuid()) {
                    return plain(new ValueSpec.RandomUuid());
                }
            }
        }
        return null;
    }

    private static ValueSpec plain(ValueSpec.Source source) {
        return new ValueSpec(source, 0);
    }

    private void mistake(CatalogueTable table, CatalogueColumn column, String what, String expected) {
        mistakes.accept(new DatasetMistake(table.displayName(), column.name(), what, expected));
    }
}
