package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.OperationTimes;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.PlanFailure;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SqlErrors;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlans;
import dev.pgrehearse.recording.TableChange;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The functions of the rules about what operations met after the migration: broken, worse planned, slower. Pure. */
final class OperationRules {
    /** The planner's estimates move by some per cent with every ANALYZE. */
    static final double WORSE_COST = 1.1;

    /** A median of hundreds of requests moves by less on a machine that does nothing else. */
    static final double SLOWER = 1.25;

    /** Twice as slow with a worse plan is no noise. */
    static final double MUCH_SLOWER = 2;

    /** Below that a client notices nothing, and scheduling alone moves a median by it. */
    static final double LEAST_SLOWER_MS = 1;

    /** Of so many tries, none succeeded: one or two that failed may have failed by chance. */
    static final long LEAST_ERRORS = 5;

    private OperationRules() {}

    static List<Finding> broken(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (OperationPlans operation : recording.changes().operations()) {
            StatementPlans broken = operation.statements().stream()
                    .filter(StatementPlans::broken)
                    .findFirst()
                    .orElse(null);
            if (broken != null) {
                PlanFailure why = Objects.requireNonNull(broken.failureAfter());
                findings.add(
                        broken(recording, operation, why.message(), why.sqlState(), "It cannot be planned any more."));
            } else {
                SqlErrors met = onlyErrorsSince(recording, operation.operation());
                if (met != null) {
                    findings.add(broken(
                            recording,
                            operation,
                            met.message(),
                            met.sqlState() == null ? "no SQLSTATE" : met.sqlState(),
                            "It can be planned, but not one of its requests succeeded in the recovery."));
                }
            }
        }
        return Gathered.ofOperations(findings);
    }

    private static Finding broken(
            Recording recording, OperationPlans operation, String message, String state, String how) {
        Statement by = Culprit.of(recording, operation, message);
        long errors = errorsSince(recording, operation.operation());
        return new Finding(
                "operation-broken",
                Severity.NO_GO,
                by == null ? null : Integer.valueOf(by.index()),
                1,
                0,
                Finding.COUNT,
                operation.operation() + " is broken: " + message + " (" + state + ")",
                how
                        + (by == null
                                ? ""
                                : " Statement " + by.index() + " did it: " + Statements.brief(by.sql()) + ".")
                        + (errors == 0
                                ? ""
                                : " " + Figures.count(errors, "try", "tries")
                                        + " of it ended as sql_error in migration and recovery.")
                        + " Every instance that still runs the code of before fails so until it is replaced.",
                SaferWay.numbered(List.of(
                        "Release code first that asks neither for what goes nor for the old name, and wait until no"
                                + " instance of before runs.",
                        "For a rename: add the new column and write both, or leave a view under the old name; move the"
                                + " readers; drop the old one in a later release.",
                        "Then run this statement, and rehearse it with the operations of the new code.")));
    }

    /** The most frequent error of an operation that worked before and never in the recovery; null when there is none. */
    private static @Nullable SqlErrors onlyErrorsSince(Recording recording, String name) {
        OperationFacts operation = Traffic.operations(recording).stream()
                .filter(facts -> facts.name().equals(name))
                .findFirst()
                .orElse(null);
        if (operation == null
                || count(operation, Phase.BASELINE, Outcome.OK) == 0
                || count(operation, Phase.RECOVERY, Outcome.OK) > 0
                || count(operation, Phase.RECOVERY, Outcome.SQL_ERROR) < LEAST_ERRORS) {
            return null;
        }
        return recording.changes().errors().stream()
                .filter(errors ->
                        errors.operation().equals(name) && errors.kind().equals(SqlErrors.OTHER))
                .max(Comparator.comparingLong(errors -> since(errors)))
                .filter(errors -> since(errors) > 0)
                .orElse(null);
    }

    private static long count(OperationFacts operation, String phase, Outcome outcome) {
        return operation.outcomesByPhase().getOrDefault(phase, Map.of()).getOrDefault(outcome, 0L);
    }

    private static long errorsSince(Recording recording, String name) {
        return recording.changes().errors().stream()
                .filter(errors ->
                        errors.operation().equals(name) && errors.kind().equals(SqlErrors.OTHER))
                .mapToLong(OperationRules::since)
                .sum();
    }

    /** How many of them came after the migration's start. */
    private static long since(SqlErrors errors) {
        return Traffic.JUDGED.stream()
                .mapToLong(phase -> errors.byPhase().getOrDefault(phase, 0L))
                .sum();
    }

    static List<Finding> cachedPlan(Recording recording, Limits limits) {
        List<SqlErrors> met = recording.changes().errors().stream()
                .filter(errors -> errors.kind().equals(SqlErrors.CACHED_PLAN) && since(errors) > 0)
                .toList();
        if (met.isEmpty()) {
            return List.of();
        }
        long all = met.stream().mapToLong(OperationRules::since).sum();
        SqlErrors earliest = Collections.min(met, Comparator.comparingDouble(SqlErrors::firstMs));
        double first = earliest.firstMs();
        double last = met.stream().mapToDouble(SqlErrors::lastMs).max().orElse(0);
        Statement by = Culprit.before(recording, plansOf(recording, earliest.operation()), first);
        return List.of(new Finding(
                "cached-plan",
                Severity.WARNING,
                by == null ? null : Integer.valueOf(by.index()),
                all,
                0,
                Finding.COUNT,
                Figures.count(all, "try", "tries") + " met “cached plan must not change result type” (0A000): "
                        + PlanWords.listed(met.stream()
                                .map(errors -> errors.operation() + " " + Figures.count(since(errors)))
                                .toList()),
                "From " + Figures.moment(first) + " to " + Figures.moment(last)
                        + ". A pooled connection keeps the statements that it prepared; after "
                        + (by == null ? "the migration" : Statements.brief(by.sql()))
                        + " they would return other columns, and the server refuses that. In a transaction the driver"
                        + " cannot prepare again, so each connection fails once for each such statement; outside of"
                        + " one pgjdbc prepares again unseen. Other drivers may go on failing until their connections"
                        + " are new.",
                SaferWay.numbered(List.of(
                        "Name the columns instead of `SELECT *` and `RETURNING *`: then a new column changes nothing.",
                        "With pgjdbc: `autosave=conservative`, which rolls back to a savepoint, prepares again and"
                                + " goes on. `prepareThreshold=0` prevents it as well, at the price of parsing every"
                                + " statement. Rehearse it so: `app: { pool: { dataSource: { autosave: conservative } } }`.",
                        "Or replace the connections right after the migration: a rolling restart, or the pool's soft"
                                + " eviction."))));
    }

    private static @Nullable OperationPlans plansOf(Recording recording, String operation) {
        return recording.changes().operations().stream()
                .filter(plans -> plans.operation().equals(operation))
                .findFirst()
                .orElse(null);
    }

    /** Slower is told only of operations on tables that the migration had to do with. */
    static List<Finding> planWorse(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (OperationPlans operation : recording.changes().operations()) {
            if (operation.statements().stream().anyMatch(StatementPlans::broken)) {
                continue;
            }
            StatementPlans worse = operation.statements().stream()
                    .filter(OperationRules::worse)
                    .max(Comparator.comparingDouble(OperationRules::times))
                    .orElse(null);
            double slower = ofOperation(recording, operation).isEmpty()
                            && !operation.statements().isEmpty()
                    ? 0
                    : slower(operation);
            if (worse != null || slower >= SLOWER) {
                findings.add(planWorse(recording, operation, worse, slower));
            }
        }
        return Gathered.ofOperations(findings);
    }

    private static boolean worse(StatementPlans statement) {
        return statement.changed() && times(statement) > WORSE_COST;
    }

    /** How many times as costly its plan is afterwards. */
    private static double times(StatementPlans statement) {
        StatementPlan was = Objects.requireNonNull(statement.before());
        return Objects.requireNonNull(statement.after()).cost() / Math.max(was.cost(), 0.01);
    }

    /** The median service time against the worst fifth of the baseline; 0 where it was not measured, or is no longer by much. */
    static double slower(OperationPlans operation) {
        OperationTimes was = operation.before();
        OperationTimes is = operation.after();
        return was == null || is == null || is.serviceP50Ms() - was.worstP50Ms() < LEAST_SLOWER_MS
                ? 0
                : is.serviceP50Ms() / was.worstP50Ms();
    }

    private static Finding planWorse(
            Recording recording, OperationPlans operation, @Nullable StatementPlans worse, double slower) {
        boolean measured = slower >= SLOWER;
        Statement by = Culprit.of(recording, operation);
        String service = PlanWords.service(operation);
        String title = worse == null
                ? operation.operation() + " takes longer than before"
                        + (operation.statements().isEmpty() ? "" : ", with plans that are no worse")
                        + ": median service time " + service
                : operation.operation() + " has a worse plan: " + PlanWords.change(worse) + ", estimated cost "
                        + PlanWords.costs(worse)
                        + (service.isEmpty() ? "" : ", median service time " + service);
        OperationTimes was = operation.before();
        OperationTimes is = operation.after();
        // Without times nothing was measured to be slower.
        double median = is == null ? 0 : is.serviceP50Ms();
        double worst = was == null ? 0 : was.worstP50Ms();
        return new Finding(
                "plan-worse",
                worse != null && slower >= MUCH_SLOWER ? Severity.NO_GO : Severity.WARNING,
                by == null ? null : Integer.valueOf(by.index()),
                measured ? median : Math.round(times(Objects.requireNonNull(worse)) * 100) / 100.0,
                measured ? worst * SLOWER : WORSE_COST,
                measured ? Finding.MILLISECONDS : Finding.COUNT,
                title,
                (measured
                                ? "The worst fifth of the baseline had a median of " + Figures.duration(worst) + ". "
                                : "So far this is the planner's estimate: the time of its requests is within the"
                                        + " baseline's own spread, or was not measured. With more rows it may show. ")
                        + causes(recording, operation),
                SaferWay.numbered(cures(recording, operation)));
    }

    private static String causes(Recording recording, OperationPlans operation) {
        List<String> causes = new ArrayList<>();
        for (TableChange table : ofOperation(recording, operation)) {
            if (!table.statisticsLost().isEmpty()) {
                causes.add("Of " + table.name() + " the planner lost its statistics of "
                        + PlanWords.listed(table.statisticsLost()) + ".");
            }
            if (TableRules.visibilityLost(table)) {
                causes.add("Of " + table.name() + " " + TableRules.visibility(table) + ".");
            }
        }
        if (!Culprit.relations(operation).isEmpty()
                && ofOperation(recording, operation).isEmpty()) {
            causes.add(
                    "The migration changed none of its tables, as far as was seen: new statistics, or the load's own rows,"
                            + " may have turned it.");
        }
        return String.join(" ", causes);
    }

    private static List<String> cures(Recording recording, OperationPlans operation) {
        Set<String> steps = new LinkedHashSet<>();
        for (TableChange table : ofOperation(recording, operation)) {
            if (TableRules.visibilityLost(table) || TableRules.manyDead(table)) {
                steps.add("`VACUUM (ANALYZE) " + TableRules.quoted(table) + "` right after the migration.");
            } else if (!table.statisticsLost().isEmpty()) {
                steps.add("`ANALYZE " + TableRules.quoted(table) + "` right after the migration.");
            }
        }
        for (Recording.IndexFacts index : recording.indexes()) {
            boolean wanted = operation.statements().stream()
                    .flatMap(statement -> statement.plansBefore().stream())
                    .anyMatch(plan -> plan.indexes().contains(index.name()));
            if (!index.existsAfter() && wanted) {
                steps.add("It was served by " + index.name()
                        + ", which is gone: keep it, or build what replaces it first.");
            }
        }
        steps.add("Compare both plans with `EXPLAIN (ANALYZE, BUFFERS)` on a copy, before and after.");
        return List.copyOf(steps);
    }

    private static List<TableChange> ofOperation(Recording recording, OperationPlans operation) {
        Set<String> relations = Culprit.relations(operation);
        return recording.changes().tables().stream()
                .filter(table -> relations.contains(table.name()))
                .toList();
    }
}
