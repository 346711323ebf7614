package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.OperationTimes;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlans;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans and times before and after in words, for rules and reports. Pure. */
public final class PlanWords {
    private PlanWords() {}

    /** The statement's plan before and after: {@code Seq Scan on t → Index Scan using i on t}, or the one that stayed. */
    public static String change(StatementPlans statement) {
        StatementPlan was = statement.before();
        StatementPlan is = statement.after();
        if (was == null) {
            return statement.failureBefore() == null
                    ? "not read"
                    : "cannot be planned: " + statement.failureBefore().message();
        }
        if (is == null) {
            return was.shape() + " → "
                    + (statement.failureAfter() == null
                            ? "not read"
                            : statement.broken()
                                    ? "fails: " + statement.failureAfter().message()
                                    : "not read: " + statement.failureAfter().message());
        }
        return was.shape().equals(is.shape()) ? is.shape() + " (as before)" : was.shape() + " → " + is.shape();
    }

    /** The planner's estimates: {@code 1 834 → 8}; empty where one of them is missing. */
    public static String costs(StatementPlans statement) {
        StatementPlan was = statement.before();
        StatementPlan is = statement.after();
        return was == null || is == null ? "" : cost(was) + " → " + cost(is);
    }

    static String cost(StatementPlan plan) {
        return plan.cost() < 10
                ? Figures.plain(Math.round(plan.cost() * 10) / 10.0)
                : Figures.count(Math.round(plan.cost()));
    }

    /** p95 of the response time: {@code p95 41 ms → 3.0 ms}; empty where it was not measured on both sides. */
    public static String p95(OperationPlans operation) {
        OperationTimes was = operation.before();
        OperationTimes is = operation.after();
        return was == null || is == null
                ? ""
                : "p95 " + Figures.duration(was.p95Ms()) + " → " + Figures.duration(is.p95Ms());
    }

    /** Median service time: {@code 1.2 ms → 1.5 ms}; empty where it was not measured on both sides. */
    public static String service(OperationPlans operation) {
        OperationTimes was = operation.before();
        OperationTimes is = operation.after();
        return was == null || is == null
                ? ""
                : Figures.duration(was.serviceP50Ms()) + " → " + Figures.duration(is.serviceP50Ms());
    }

    /** What HOT updates were and are: {@code HOT 92 % → 40 %}; empty where one of them is not known. */
    public static String hot(@Nullable Double before, @Nullable Double after) {
        return before == null || after == null ? "" : "HOT " + Figures.share(before) + " → " + Figures.share(after);
    }

    /** Names with commas, and {@code and} before the last. */
    public static String listed(List<String> names) {
        if (names.size() < 2) {
            return String.join("", names);
        }
        List<String> first = new ArrayList<>(names.subList(0, names.size() - 1));
        return String.join(", ", first) + " and " + names.get(names.size() - 1);
    }
}
