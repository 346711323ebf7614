package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import java.util.List;
import java.util.Optional;

/**
 * What one COPY fills like a table of a profile: a table, or a table partitioned by hash with all its partitions.
 *
 * @param table where rows go in
 * @param family the name of the table or, of a partition, of the table that it is in the end a partition of
 * @param name as sizes have it
 * @param rows how many, above 0
 * @param profile of the table; of one partitioned by hash its own where it was analyzed, else that of a partition
 * @param whole of a partition, the profile of the table that it is in the end a partition of; else its own
 * @param slice number of the partition among those of its table, from 0
 * @param slices how many partitions are filled one by one; 1 for a table of its own
 * @param leaves the tables that hold the rows: the table itself, or its partitions
 * @param growth rows as a multiple of the profile's
 */
record ProfiledTarget(
        CatalogueTable table,
        String family,
        String name,
        long rows,
        Profile.Table profile,
        Profile.Table whole,
        int slice,
        int slices,
        List<CatalogueTable> leaves,
        double growth) {
    ProfiledTarget {
        leaves = List.copyOf(leaves);
    }

    /**
     * How wide a column's values are, and how their lengths are spread: the same in all partitions, so that they have the
     * same values.
     */
    Profile.Column lengthsOf(Profile.Column column) {
        return whole.column(column.name()).filter(Profile.Column::hasStatistics).orElse(column);
    }

    /** Whether a column's values are all different in the whole table, and not only in this partition. */
    boolean isAllDifferent(CatalogueColumn column) {
        return whole.column(column.name())
                .filter(statistics -> statistics.hasStatistics() && statistics.distinct() == -1)
                .isPresent();
    }

    Optional<Profile.Column> statisticsOf(CatalogueColumn column) {
        return profile.column(column.name()).filter(Profile.Column::hasStatistics);
    }
}
