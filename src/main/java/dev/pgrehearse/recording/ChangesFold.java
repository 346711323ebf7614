package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Recording.IndexFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Folds plans, tables' states and errors of both sides of the migration into what it changed. Pure. */
final class ChangesFold {
    private final List<Fact> facts;
    private final List<RequestEntry> requests;
    private final List<String> operations;
    private final Phases phases;

    /**
     * Folds what one rehearsal told.
     *
     * @param operations names in the request log's order
     */
    ChangesFold(List<Fact> facts, List<RequestEntry> requests, List<String> operations, Phases phases) {
        this.facts = facts;
        this.requests = requests;
        this.operations = operations;
        this.phases = phases;
    }

    /**
     * The changes.
     *
     * @param indexes what became of the indexes: those tables are told whose indexes changed
     */
    Changes fold(List<IndexFacts> indexes) {
        Set<String> touched = touched();
        indexes.stream()
                .filter(index -> index.made() || !index.existsAfter())
                .forEach(index -> touched.add(index.table()));
        return new Changes(plans(), new TablesFold(facts).fold(touched), new SqlErrorsFold(facts, phases).fold());
    }

    /** Relations that the migration locked for more than reading, rewrote or scanned. */
    private Set<String> touched() {
        Set<String> touched = new HashSet<>();
        for (Fact fact : facts) {
            if (fact instanceof Fact.StatementRan run) {
                run.locks().stream()
                        .filter(lock -> !readsOnly(lock.mode()))
                        .forEach(lock -> touched.add(lock.relation()));
                touched.addAll(run.rewrote());
                touched.addAll(run.scanned());
            } else if (fact instanceof Fact.LockSeen seen && !readsOnly(seen.mode())) {
                touched.add(seen.relation());
            }
        }
        return touched;
    }

    private static boolean readsOnly(Fact.LockModeName mode) {
        return mode.sqlName().equals(LockMode.ACCESS_SHARE.sqlName());
    }

    private List<OperationPlans> plans() {
        Map<Integer, Map<String, StatementPlansRead>> before = read(false);
        Map<Integer, Map<String, StatementPlansRead>> after = read(true);
        OperationTimesFold times = new OperationTimesFold(facts, requests, phases);
        List<OperationPlans> told = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            String operation = operations.get(i);
            List<StatementPlans> statements = new ArrayList<>();
            before.forEach((number, byOperation) -> {
                StatementPlansRead was = byOperation.get(operation);
                if (was != null) {
                    StatementPlansRead is = after.getOrDefault(number, Map.of()).get(operation);
                    statements.add(new StatementPlans(
                            number,
                            was.sql(),
                            was.plans(),
                            is == null ? List.of() : is.plans(),
                            was.failure(),
                            is == null ? null : is.failure()));
                }
            });
            OperationPlans its =
                    new OperationPlans(operation, List.copyOf(statements), times.before(i), times.after(i));
            if (!statements.isEmpty() || its.before() != null || its.after() != null) {
                told.add(its);
            }
        }
        return List.copyOf(told);
    }

    /** What was read at a moment, by the statement's number and the operation's name. */
    private Map<Integer, Map<String, StatementPlansRead>> read(boolean after) {
        Map<Integer, Map<String, StatementPlansRead>> read = new LinkedHashMap<>();
        for (Fact fact : facts) {
            if (fact instanceof Fact.PlansRead plans && plans.after() == after) {
                plans.statements()
                        .forEach(statement -> read.computeIfAbsent(statement.number(), number -> new HashMap<>())
                                .put(statement.operation(), statement));
            }
        }
        return read;
    }
}
