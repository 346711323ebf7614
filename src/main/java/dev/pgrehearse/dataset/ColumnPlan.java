package dev.pgrehearse.dataset;

import dev.pgrehearse.values.ValueGenerator;

/** A column that COPY fills, and with what. */
record ColumnPlan(CatalogueColumn column, ValueGenerator values) {
    String name() {
        return column.name();
    }
}
