package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import java.util.List;

/**
 * The state that a table is to have besides its rows: what PostgreSQL finds on its pages. Immutable.
 *
 * @param rows live rows
 * @param pages of the main fork
 * @param deadRows row versions that nobody sees any more
 * @param allVisibleShare share of the pages that are marked all-visible, 0 to 1
 * @param fillFactor that the schema declares, in percent
 * @param indexes the valid ones, with the pages that they have for these rows
 * @param invalidIndexes those that a dump hides; they are recreated
 */
public record TableState(
        long rows,
        long pages,
        long deadRows,
        double allVisibleShare,
        int fillFactor,
        List<Profile.Index> indexes,
        List<Profile.Index> invalidIndexes) {
    public TableState {
        indexes = List.copyOf(indexes);
        invalidIndexes = List.copyOf(invalidIndexes);
    }

    /**
     * The state of a profiled table, in proportion to the rows that it gets.
     *
     * @param table that holds rows, not a partitioned one
     * @param rows how many live rows it gets here
     */
    public static TableState of(Profile.Table table, long rows) {
        double proportion = table.rows() > 0 ? rows / table.rows() : 1;
        return new TableState(
                rows,
                (long) Math.ceil(table.pages() * proportion - 1e-6),
                Math.round(table.deadRows() * proportion),
                table.allVisibleShare(),
                table.fillFactor(),
                table.indexes().stream()
                        .filter(Profile.Index::valid)
                        .map(index -> index.with(Math.round(index.pages() * proportion)))
                        .toList(),
                table.indexes().stream()
                        .filter(index -> !index.valid() && !index.constraint())
                        .toList());
    }

    /** Row versions of both kinds. */
    long rowVersions() {
        return rows + deadRows;
    }

    /** Share of the dead among all row versions; 0 for a table without any. */
    public double deadShare() {
        return rowVersions() == 0 ? 0 : (double) deadRows / rowVersions();
    }

    /** How many pages the live rows get, in parts of pages too, when dead rows and free space are spread evenly. */
    double pagesOfLiveRows() {
        return rows == 0 ? 0 : (double) pages * rows / rowVersions();
    }
}
