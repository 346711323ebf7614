package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What EXPLAIN told of one statement at one moment.
 *
 * @param operation the operation that it is of
 * @param number its place there, from 1
 * @param sql with {@code ?} for parameters
 * @param failure why there are no plans; null when there are
 */
public record StatementPlansRead(
        String operation,
        int number,
        String sql,
        List<StatementPlan> plans,
        @Nullable PlanFailure failure) {}
