package dev.pgrehearse.traffic;

import dev.pgrehearse.workload.Operation;
import java.util.List;

/** A statement that a transaction runs several times: each time with parameters of its own. */
final class Repeated {
    private Repeated() {}

    /** The same statement for one of its times. */
    static Operation.Statement of(Operation.Statement statement, long time, long times) {
        List<Operation.Parameter> parameters = statement.parameters().stream()
                .<Operation.Parameter>map(parameter -> parameter instanceof Operation.Drawn drawn
                        ? new Operation.Drawn(number -> drawn.values().apply(number * times + time))
                        : parameter)
                .toList();
        return new Operation.Statement(statement.jdbc(), parameters, statement.as());
    }
}
