package dev.pgrehearse.workload;

import dev.pgrehearse.app.Work;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.NamedSql;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerator;
import dev.pgrehearse.values.ValueGenerators;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One kind of request, ready to run: its statements with placeholders, its parameters as functions of the request's
 * number. Immutable and thread-safe.
 */
final class Operation implements Work {
    private final String name;
    private final Sessions.Use use;
    private final List<NamedSql> statements;
    private final Map<String, ValueGenerator> parameters;

    private Operation(String name, List<NamedSql> statements, Map<String, ValueGenerator> parameters) {
        this.name = name;
        this.use = new Sessions.Use(Sessions.Role.WORKLOAD, name);
        this.statements = statements;
        this.parameters = parameters;
    }

    /**
     * Makes an operation ready.
     *
     * @param seed of all random choices
     * @param keys the dataset's keys, for parameters that ask for rows that exist
     */
    static Operation of(WorkloadSpec.Operation spec, long seed, Keys keys) {
        Map<String, ValueGenerator> parameters = new LinkedHashMap<>();
        spec.parameters()
                .forEach((parameter, value) -> parameters.put(
                        parameter, ValueGenerators.of(value, seed, "operation " + spec.name(), parameter, keys)));
        return new Operation(
                spec.name(), spec.statements().stream().map(NamedSql::parse).toList(), parameters);
    }

    String name() {
        return name;
    }

    @Override
    public Sessions.Use use() {
        return use;
    }

    /**
     * Runs the statements as request {@code number}: one by itself, several in one transaction. All rows are read.
     *
     * @throws SQLException when one fails; the transaction is rolled back then
     */
    @Override
    public void run(Connection connection, long number) throws SQLException {
        if (statements.size() == 1) {
            execute(connection, statements.get(0), number);
            return;
        }
        connection.setAutoCommit(false);
        try {
            for (NamedSql statement : statements) {
                execute(connection, statement, number);
            }
            connection.commit();
        } catch (SQLException failure) {
            rollBack(connection, failure);
            throw failure;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        }
    }

    private static void rollBack(Connection connection, SQLException because) {
        try {
            connection.rollback();
        } catch (SQLException connectionGone) {
            because.addSuppressed(connectionGone);
        }
    }

    private void execute(Connection connection, NamedSql statement, long number) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement.jdbc())) {
            int position = 1;
            for (String parameter : statement.parameters()) {
                ValueGenerator generator = Objects.requireNonNull(parameters.get(parameter), parameter);
                prepared.setString(position++, generator.textAt(number));
            }
            if (prepared.execute()) {
                readAll(prepared);
            }
        }
    }

    private static void readAll(PreparedStatement prepared) throws SQLException {
        try (ResultSet rows = prepared.getResultSet()) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                for (int column = 1; column <= columns; column++) {
                    rows.getBytes(column);
                }
            }
        }
    }
}
