package dev.pgrehearse.estimate;

import java.util.List;

/**
 * What {@code estimate.json} holds; {@code docs/estimate.schema.json} describes it.
 *
 * @param format {@link #FORMAT}
 * @param startedAt ISO 8601 in UTC
 * @param estimates one a variant
 */
public record Estimates(String format, String startedAt, List<Estimate> estimates) {
    /** The format's name and version. */
    public static final String FORMAT = "pgrehearse-estimate/1";

    public Estimates {
        estimates = List.copyOf(estimates);
    }
}
