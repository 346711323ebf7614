package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A statement's plans before the migration and after it, as EXPLAIN tells them without running anything: with the
 * load's own role, before the load and after its end.
 *
 * @param number its place in the operation, from 1
 * @param sql with {@code ?} for parameters
 * @param plansBefore the generic one, and those with sampled parameters by shape; empty when it could not be planned
 * @param plansAfter likewise; empty also when nothing was read then
 * @param failureBefore why it could not be planned before; null when it could
 * @param failureAfter why it cannot be planned any more; null when it can, or nothing was read then
 */
public record StatementPlans(
        int number,
        String sql,
        List<StatementPlan> plansBefore,
        List<StatementPlan> plansAfter,
        @Nullable PlanFailure failureBefore,
        @Nullable PlanFailure failureAfter) {
    /** The plan that stands for it before; null when there is none. */
    public @Nullable StatementPlan before() {
        return standing(plansBefore);
    }

    /** The plan that stands for it afterwards; null when there is none. */
    public @Nullable StatementPlan after() {
        return standing(plansAfter);
    }

    /** Whether it could be planned before and can no longer be, for another reason than a lock or a timeout. */
    public boolean broken() {
        return !plansBefore.isEmpty() && failureAfter != null && failureAfter.tellsOfTheStatement();
    }

    /** Whether there are plans of both moments, and another one stands for it afterwards. */
    public boolean changed() {
        StatementPlan was = before();
        StatementPlan is = after();
        return was != null && is != null && !was.shape().equals(is.shape());
    }

    /** Whether any plan afterwards uses the index. */
    public boolean uses(String index) {
        return plansAfter.stream().anyMatch(plan -> plan.indexes().contains(index));
    }

    /** Whether it writes to the table. */
    public boolean writesTo(String table) {
        return Stream.concat(plansBefore.stream(), plansAfter.stream())
                .anyMatch(plan -> plan.written().contains(table));
    }

    /** Whether any plan names one of the relations. */
    public boolean touches(List<String> relations) {
        return Stream.concat(plansBefore.stream(), plansAfter.stream())
                .anyMatch(plan -> plan.relations().stream().anyMatch(relations::contains));
    }

    /**
     * As the server chooses by itself after five executions ({@code plan_cache_mode = auto}): the generic plan unless those
     * with parameters are cheaper on average; of these the most frequent one.
     */
    private static @Nullable StatementPlan standing(List<StatementPlan> plans) {
        List<StatementPlan> custom = new ArrayList<>();
        StatementPlan generic = null;
        for (StatementPlan plan : plans) {
            if (plan.kind().equals(StatementPlan.GENERIC)) {
                generic = plan;
            } else {
                custom.add(plan);
            }
        }
        int samples = custom.stream().mapToInt(StatementPlan::samples).sum();
        double mean = custom.stream()
                        .mapToDouble(plan -> plan.cost() * plan.samples())
                        .sum()
                / samples;
        return samples == 0 || (generic != null && generic.cost() <= mean)
                ? generic
                : custom.stream()
                        .filter(Objects::nonNull)
                        .max(Comparator.comparingInt(StatementPlan::samples))
                        .orElse(generic);
    }
}
