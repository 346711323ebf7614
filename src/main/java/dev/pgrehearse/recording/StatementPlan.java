package dev.pgrehearse.recording;

import java.util.List;

/**
 * A plan of a statement, without what differs from one parameter to the next.
 *
 * @param kind {@link #GENERIC}, or {@link #CUSTOM} for one with parameters of the workload
 * @param samples how many sampled parameters gave this shape; 1 for the generic one
 * @param shape node types, joins, relations and indexes, a node before what feeds it:
 *     {@code Limit > Index Scan using orders_pkey on orders}
 * @param cost the planner's estimate for all rows, in its own unit; the mean of the samples
 * @param indexes those that it uses; a partitioned table's stand for those of its partitions
 * @param relations the tables in it, likewise
 * @param written those of them that it writes to
 */
public record StatementPlan(
        String kind,
        int samples,
        String shape,
        double cost,
        List<String> indexes,
        List<String> relations,
        List<String> written) {
    public static final String GENERIC = "generic";
    public static final String CUSTOM = "custom";
}
