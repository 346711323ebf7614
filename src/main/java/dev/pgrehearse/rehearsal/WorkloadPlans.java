package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.observe.PlanReader;
import dev.pgrehearse.observe.PlannedStatement;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.workload.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The plans of all operations, with parameters of their first requests. Used by one thread. */
final class WorkloadPlans {
    /** Rare values are seen by luck alone; common ones are what the load runs with. */
    private static final int SAMPLES = 10;

    private final PlanReader reader;
    private final List<PlannedStatement> statements;

    WorkloadPlans(List<Operation> operations, ConnectionDetails app, RehearsalClock clock, FactSink facts) {
        this.reader = new PlanReader(app, clock, facts);
        this.statements = operations.stream()
                .flatMap(operation -> statements(operation).stream())
                .toList();
    }

    /** Before the load. */
    void readBefore() {
        reader.before(statements);
    }

    /** After load and adversaries, and after scans were counted: a planner counts as well. */
    void readAfter() {
        reader.after(statements);
    }

    private static List<PlannedStatement> statements(Operation operation) {
        List<PlannedStatement> planned = new ArrayList<>();
        for (Operation.Statement statement : operation.statements()) {
            planned.add(new PlannedStatement(
                    operation.name(),
                    planned.size() + 1,
                    statement.jdbc(),
                    statement.parameters().size(),
                    samples(statement.parameters())));
        }
        return planned;
    }

    /** One is enough where there is nothing to choose; none where a value comes from a row that nobody has read. */
    private static List<List<@Nullable String>> samples(List<Operation.Parameter> parameters) {
        if (!parameters.stream().allMatch(Operation.Drawn.class::isInstance)) {
            return List.of();
        }
        List<List<@Nullable String>> samples = new ArrayList<>();
        for (long number = 0; number < (parameters.isEmpty() ? 1 : SAMPLES); number++) {
            List<@Nullable String> values = new ArrayList<>();
            for (Operation.Parameter parameter : parameters) {
                values.add(((Operation.Drawn) parameter).values().apply(number));
            }
            samples.add(values);
        }
        return samples;
    }
}
