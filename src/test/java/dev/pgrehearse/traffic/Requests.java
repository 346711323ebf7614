package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.workload.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs operations one after the other. */
final class Requests {
    private Requests() {}

    /**
     * Each operation as often as its weight says, in a random order.
     *
     * @return what failed, by the operation's name
     */
    static List<String> run(List<Operation> operations, ConnectionDetails app, int requests) throws SQLException {
        double all = operations.stream().mapToDouble(Operation::weight).sum();
        List<Operation> order = new ArrayList<>();
        for (Operation operation : operations) {
            order.addAll(Collections.nCopies(
                    (int) Math.max(1, Math.round(operation.weight() / all * requests)), operation));
        }
        Collections.shuffle(order, new Random(1));
        List<String> failed = new ArrayList<>();
        try (Connection connection = app.open("requests", Map.of("stringtype", "unspecified"))) {
            long number = 0;
            for (Operation operation : order) {
                try {
                    operation.run(connection, number++);
                } catch (SQLException failure) {
                    failed.add(operation.name() + ": " + failure.getMessage());
                }
            }
        }
        return failed;
    }
}
