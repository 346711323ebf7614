package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlans;
import dev.pgrehearse.recording.TableChange;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The functions of the rules about the state in which tables are left. Pure. */
final class TableRules {
    /** Half of the pages: an index-only scan that looked into no page looks into every other one then. */
    static final double VISIBLE_LOST = 0.5;

    /** Where autovacuum comes by itself, unless told otherwise ({@code autovacuum_vacuum_scale_factor}). */
    static final double MANY_DEAD = 0.2;

    /** Fewer are nothing to autovacuum either, however small the table ({@code autovacuum_vacuum_threshold}). */
    static final long LEAST_DEAD = 50;

    /** Ten points: of a thousand updates a hundred more write to every index. */
    static final double HOT_LOST = 0.1;

    /** Of fewer a share tells nothing. */
    static final long LEAST_UPDATES = 100;

    private TableRules() {}

    static List<Finding> statisticsLost(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (TableChange table : recording.changes().tables()) {
            if (!table.statisticsLost().isEmpty()) {
                findings.add(new Finding(
                        "statistics-lost",
                        Severity.WARNING,
                        rewriting(recording, table),
                        table.statisticsLost().size(),
                        0,
                        Finding.COUNT,
                        "The planner lost its statistics of " + table.name() + ": "
                                + PlanWords.listed(table.statisticsLost()),
                        "Until somebody analyzes it, it guesses how many rows a condition finds: plans may turn worse, or"
                                + " stay as they are by luck. "
                                + (table.statisticsMissing().isEmpty()
                                        ? "Here autovacuum brought them back before the end; on a table of production's size it"
                                                + " comes later."
                                        : "Nobody had brought back " + PlanWords.listed(table.statisticsMissing())
                                                + " when the rehearsal ended."),
                        SaferWay.numbered(List.of(
                                "`ANALYZE " + quoted(table)
                                        + "` as the migration's next step, before the load finds new plans."
                                        + " It takes SHARE UPDATE EXCLUSIVE, which blocks neither reads nor writes.",
                                "For a change of type that must not pause the planner: a new column, a back-fill in batches,"
                                        + " `ANALYZE`, then the switch."))));
            }
        }
        return findings;
    }

    static List<Finding> vacuumNeeded(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (TableChange table : recording.changes().tables()) {
            boolean visibility = visibilityLost(table) && (table.rewritten() || filledBack(recording, table) != null);
            boolean dead = manyDead(table) && filledBack(recording, table) != null;
            if (visibility || dead) {
                findings.add(vacuumNeeded(recording, table, visibility));
            }
        }
        return findings;
    }

    private static Finding vacuumNeeded(Recording recording, TableChange table, boolean visibility) {
        Set<String> readers = indexOnly(recording, table);
        String dead = manyDead(table)
                ? Figures.count(Objects.requireNonNull(table.deadRowsAfter()), "dead row", "dead rows") + " beside "
                        + Figures.count(Objects.requireNonNull(table.liveRowsAfter())) + " of "
                        + table.name() + " were left"
                : "";
        Statement back = filledBack(recording, table);
        Integer statement = back == null ? rewriting(recording, table) : Integer.valueOf(back.index());
        Double is = table.allVisibleAfter();
        Double was = table.allVisibleBefore();
        return new Finding(
                "vacuum-needed",
                Severity.WARNING,
                statement,
                visibility && is != null ? is : deadShare(table),
                visibility && was != null ? was - VISIBLE_LOST : MANY_DEAD,
                Finding.SHARE,
                visibility
                        ? "Of " + table.name() + " " + visibility(table) + (dead.isEmpty() ? "" : "; " + dead)
                        : dead,
                "Index-only scans must look into every page that is not all-visible"
                        + (readers.isEmpty()
                                ? ", and whatever reads the table reads its dead rows too."
                                : ": " + PlanWords.listed(List.copyOf(readers)) + " is planned so.")
                        + (table.rewritten() ? "" : " What the workload itself wrote is among it."),
                SaferWay.numbered(
                        List.of(
                                "`VACUUM (ANALYZE) " + quoted(table)
                                        + "` after the migration, outside a transaction: it blocks neither reads nor writes.",
                                "In a back-fill of many batches: a VACUUM in between, so that later batches use the room again.")));
    }

    /** Whether half of the pages or more are no longer all-visible. */
    static boolean visibilityLost(TableChange table) {
        Double was = table.allVisibleBefore();
        Double is = table.allVisibleAfter();
        return was != null && is != null && was - is >= VISIBLE_LOST;
    }

    /** The share of its pages in words; for a table of which both are known. */
    static String visibility(TableChange table) {
        return Figures.share(Objects.requireNonNull(table.allVisibleBefore())) + " of the pages were all-visible, and "
                + Figures.share(Objects.requireNonNull(table.allVisibleAfter())) + " are";
    }

    /** Whether a fifth of its rows or more is dead, more than a few, and most of these were not before. */
    static boolean manyDead(TableChange table) {
        Long is = table.deadRowsAfter();
        Long was = table.deadRowsBefore();
        return is != null && is > LEAST_DEAD && deadShare(table) >= MANY_DEAD && (was == null || is >= 2 * was);
    }

    private static double deadShare(TableChange table) {
        Long dead = table.deadRowsAfter();
        Long live = table.liveRowsAfter();
        return dead == null || live == null || dead + live == 0 ? 0 : (double) dead / (dead + live);
    }

    /** Operations whose plans read the table by its index alone. */
    private static Set<String> indexOnly(Recording recording, TableChange table) {
        Set<String> operations = new TreeSet<>();
        for (OperationPlans operation : recording.changes().operations()) {
            for (StatementPlans statement : operation.statements()) {
                for (StatementPlan plan : statement.plansAfter()) {
                    if (plan.shape().contains("Index Only Scan")
                            && plan.relations().contains(table.name())) {
                        operations.add(operation.operation());
                    }
                }
            }
        }
        return operations;
    }

    /** The last statement that rewrote it; null when the recording names none. */
    private static @Nullable Integer rewriting(Recording recording, TableChange table) {
        Integer last = null;
        for (Statement run : Statements.runs(recording)) {
            if (run.outcome().equals("ok")
                    && (run.rewrote().contains(table.name())
                            || run.locks().stream()
                                    .anyMatch(lock -> lock.granted()
                                            && lock.relation().equals(table.name())
                                            && Statements.blocksReads(lock.mode())))) {
                last = run.index();
            }
        }
        return last;
    }

    /** The last statement that changed rows of it: a back-fill, an UPDATE or a DELETE; null when there is none. */
    private static @Nullable Statement filledBack(Recording recording, TableChange table) {
        String bare = table.name().substring(table.name().lastIndexOf('.') + 1);
        Statement last = null;
        for (Statement run : Statements.runs(recording)) {
            boolean batches =
                    run.batches() != null && SetColumns.names(run.sql()).contains(bare);
            if (run.outcome().equals("ok") && (batches || SetColumns.changesRows(run.sql(), bare))) {
                last = run;
            }
        }
        return last;
    }

    static List<Finding> hotUpdatesLost(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (IndexFacts index : recording.indexes()) {
            TableChange table = IndexWorth.tableOf(recording, index);
            Set<String> setters = index.made() ? setters(recording, index) : Set.of();
            if (table != null && !setters.isEmpty() && hotLost(table)) {
                double was = Objects.requireNonNull(table.hotShareBefore());
                double is = Objects.requireNonNull(table.hotShareAfter());
                findings.add(new Finding(
                        "hot-updates-lost",
                        Severity.WARNING,
                        IndexRules.statementOf(recording, index),
                        is,
                        was,
                        Finding.SHARE,
                        "The new index " + index.name() + " makes updates of " + table.name() + " dearer: "
                                + PlanWords.hot(was, is),
                        PlanWords.listed(List.copyOf(setters))
                                + " sets a column that is in it. Such an update is no longer HOT: it writes an entry into"
                                + " every index of the table, and leaves a dead one in each for VACUUM.",
                        SaferWay.numbered(List.of(
                                "Leave the column that is updated often out of the index: another column first, or a partial"
                                        + " index whose condition does not name it.",
                                "If the query needs it: rehearse how much slower the writes are, and give the table a vacuum"
                                        + " that keeps up (`autovacuum_vacuum_scale_factor`)."))));
            }
        }
        return findings;
    }

    private static boolean hotLost(TableChange table) {
        Double was = table.hotShareBefore();
        Double is = table.hotShareAfter();
        return was != null
                && is != null
                && Objects.requireNonNull(table.updatesBefore()) >= LEAST_UPDATES
                && Objects.requireNonNull(table.updatesAfter()) >= LEAST_UPDATES
                && was - is >= HOT_LOST;
    }

    /** Operations that set a column that the index's definition names; none for BRIN, which keeps updates HOT since 16. */
    private static Set<String> setters(Recording recording, IndexFacts index) {
        String definition = index.definition();
        if (definition == null || definition.contains(" USING brin ")) {
            return Set.of();
        }
        Set<String> held = SetColumns.names(definition);
        Set<String> operations = new TreeSet<>();
        for (OperationPlans operation : recording.changes().operations()) {
            for (StatementPlans statement : operation.statements()) {
                if (statement.writesTo(index.table())
                        && SetColumns.of(statement.sql()).stream().anyMatch(held::contains)) {
                    operations.add(operation.operation());
                }
            }
        }
        return operations;
    }

    static String quoted(TableChange table) {
        return Quoted.readable(table.name().split("\\.", 2));
    }
}
