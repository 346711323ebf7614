package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Columns whose values are drawn together: one column, or those of a foreign key of several, which all come from the same
 * row of its parent.
 *
 * @param columns in the order of the foreign key
 * @param reference the foreign key; null for a column that refers to nothing
 * @param profile the column's statistics; of several columns those of the one with the most different values; null when
 *     the profile has none
 * @param nullShare share of rows that are NULL, 0 to 1
 */
record ColumnGroup(
        List<CatalogueColumn> columns,
        @Nullable ForeignKey reference,
        Profile.@Nullable Column profile,
        double nullShare) {
    ColumnGroup {
        columns = List.copyOf(columns);
    }

    CatalogueColumn first() {
        return columns.get(0);
    }

    boolean holds(int columnNumber) {
        return columns.stream().anyMatch(column -> column.number() == columnNumber);
    }

    /** The number of the column in the parent's row; −1 without a foreign key. */
    int parentColumnOf(CatalogueColumn column) {
        return reference == null ? -1 : reference.parentColumns().get(columns.indexOf(column));
    }

    /** With the order of the rows; 0 when nobody knows. */
    double correlation() {
        return profile == null || profile.correlation() == null ? 0 : profile.correlation();
    }

    String name() {
        return String.join(", ", columns.stream().map(CatalogueColumn::name).toList());
    }
}
