package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operation before the migration and after it.
 *
 * @param operation its name
 * @param statements its statements in order; empty when plans were not read
 * @param before its times in the baseline; null when too few requests were served in it
 * @param after its times in the recovery, from when on the load was calm, or of the recovery's second half when it never
 *     was; null when too few requests were served then
 */
public record OperationPlans(
        String operation,
        List<StatementPlans> statements,
        @Nullable OperationTimes before,
        @Nullable OperationTimes after) {}
