package dev.pgrehearse.plan;

import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ServerSpec;
import dev.pgrehearse.scenario.Variant;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of one variant, at one size, under one set of conditions.
 *
 * @param id unique within its plan, and a folder's name: the variant's name when it is run once
 * @param scenario where the variant comes from
 * @param under the one of {@link dev.pgrehearse.scenario.StandardAdversaries#NAMES} that is planted alone; null when the
 *     scenario's own adversaries are
 * @param size the size's name
 * @param scale the factor on the size's row counts
 * @param rows rows by table, scaled
 * @param seed of all random choices
 * @param leastTime what it takes at least, without the migration itself
 * @param dataBytes what its data take on disk, estimated; once, and each copy that is rehearsed on as much again
 */
public record Rehearsal(
        String id,
        Scenario scenario,
        Variant variant,
        @Nullable String under,
        String size,
        double scale,
        Map<String, Long> rows,
        long seed,
        Duration leastTime,
        long dataBytes) {
    /** What makes two rehearsals use one dataset. */
    public record Data(ServerSpec server, DatasetSpec dataset, Map<String, Long> rows, long seed) {}

    /** The data that it starts from, which others may start from too. */
    public Data data() {
        return new Data(variant.conditions().server(), variant.conditions().dataset(), rows, seed);
    }

    /** What its copies take: the one that is rehearsed on, and the standby's where there is one. */
    public double copyBytes() {
        return (double) dataBytes + standbyBytes();
    }

    /** What its standby's copy takes, which is never kept; 0 without one. */
    double standbyBytes() {
        return variant.conditions().standby() == null ? 0 : dataBytes;
    }

    /** The verdict that its variant expects at its size. */
    public Expectation expected() {
        return variant.expectAt(size);
    }
}
