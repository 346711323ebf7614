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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One kind of request, ready to run, wherever it comes from: its statements with placeholders, its parameters as functions
 * of the request's number. Immutable and thread-safe.
 */
public final class Operation implements Work {
    /** A statement returned no row, of which another one uses a column: {@code no_data}. */
    private static final String NO_DATA = "02000";

    private static final Pattern ALLOWED_IN_A_TRANSACTION = Pattern.compile(
            "(?:\\s|\\(|--[^\\n]*\\n|/\\*.*?\\*/)*+(?:select|insert|update|delete|merge|with|values|table)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final String name;
    private final double weight;
    private final Sessions.Use use;
    private final boolean onStandby;
    private final List<Statement> statements;

    /**
     * An operation.
     *
     * @param weight its share relative to the others' weights
     * @param statements run in one transaction when there are several
     */
    public Operation(String name, double weight, List<Statement> statements) {
        this(name, weight, statements, false);
    }

    private Operation(String name, double weight, List<Statement> statements, boolean onStandby) {
        this.name = name;
        this.weight = weight;
        this.use = new Sessions.Use(Sessions.Role.WORKLOAD, name);
        this.statements = List.copyOf(statements);
        this.onStandby = onStandby;
    }

    /**
     * One statement.
     *
     * @param jdbc with {@code ?} for each parameter
     * @param parameters one for each {@code ?}
     * @param as what later statements call its first row; null when none uses it
     */
    public record Statement(
            String jdbc,
            List<Parameter> parameters,
            @Nullable String as) {
        public Statement {
            parameters = List.copyOf(parameters);
        }
    }

    /** Where a parameter's values come from. */
    public sealed interface Parameter {}

    /** A pure function of the request's number; values are in the text form that PostgreSQL reads, null for NULL. */
    public record Drawn(LongFunction<@Nullable String> values) implements Parameter {}

    /** The column of the first row of an earlier statement of the same request. */
    public record Taken(String row, String column) implements Parameter {}

    /**
     * Makes a declared operation ready.
     *
     * @param seed of all random choices
     * @param keys the dataset's keys, for parameters that ask for rows that exist
     */
    public static Operation declared(WorkloadSpec.Operation spec, long seed, Keys keys) {
        Map<String, ValueGenerator> generators = new LinkedHashMap<>();
        spec.parameters()
                .forEach((parameter, value) -> generators.put(
                        parameter, ValueGenerators.of(value, seed, "operation " + spec.name(), parameter, keys)));
        List<Statement> statements = new ArrayList<>();
        for (WorkloadSpec.Statement statement : spec.statements()) {
            NamedSql named = NamedSql.parse(statement.sql());
            List<Parameter> parameters = new ArrayList<>();
            for (String parameter : named.parameters()) {
                parameters.add(parameter(parameter, generators));
            }
            statements.add(new Statement(named.jdbc(), parameters, statement.as()));
        }
        return new Operation(spec.name(), spec.weight(), statements, spec.onStandby());
    }

    private static Parameter parameter(String name, Map<String, ValueGenerator> generators) {
        int dot = name.indexOf('.');
        return dot > 0
                ? new Taken(name.substring(0, dot), name.substring(dot + 1))
                : new Drawn(Objects.requireNonNull(generators.get(name), name)::textAt);
    }

    public String name() {
        return name;
    }

    public double weight() {
        return weight;
    }

    public List<Statement> statements() {
        return statements;
    }

    @Override
    public Sessions.Use use() {
        return use;
    }

    @Override
    public boolean onStandby() {
        return onStandby;
    }

    /**
     * Runs the statements as request {@code number}: one by itself, several in one transaction. All rows are read.
     *
     * @throws SQLException when one fails; the transaction is rolled back then
     */
    @Override
    public void run(Connection connection, long number) throws SQLException {
        if (statements.size() == 1) {
            execute(connection, statements.get(0), number, Map.of());
            return;
        }
        runInTransaction(connection, number, open -> {});
    }

    /** Whether it may be run in a transaction: what begins otherwise, such as CALL, may commit by itself, and would fail in one. */
    boolean mayRunInTransaction() {
        return statements.size() > 1
                || ALLOWED_IN_A_TRANSACTION.matcher(statements.get(0).jdbc()).lookingAt();
    }

    /** What is done on the session within the transaction. */
    @FunctionalInterface
    interface Look {
        void look(Connection connection) throws SQLException;
    }

    /**
     * Runs the statements as request {@code number} in one transaction, be it only one. All rows are read.
     *
     * @throws SQLException when one fails, or the look before the commit; the transaction is rolled back then
     */
    void runInTransaction(Connection connection, long number, Look beforeCommit) throws SQLException {
        runInTransaction(connection, number, nobody -> {}, beforeCommit, Connection::commit);
    }

    /**
     * The same, rolled back: of its rows dead versions are left, and sequences go on.
     *
     * @param first what is looked at before its statements
     * @param last what is looked at after them
     */
    void tryOut(Connection connection, long number, Look first, Look last) throws SQLException {
        runInTransaction(connection, number, first, last, Connection::rollback);
    }

    private void runInTransaction(Connection connection, long number, Look first, Look last, Look end)
            throws SQLException {
        connection.setAutoCommit(false);
        try {
            first.look(connection);
            Map<String, Map<String, String>> rows = new HashMap<>();
            for (Statement statement : statements) {
                execute(connection, statement, number, rows);
            }
            last.look(connection);
            end.look(connection);
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

    private static void execute(
            Connection connection, Statement statement, long number, Map<String, Map<String, String>> rows)
            throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement.jdbc())) {
            int position = 1;
            for (Parameter parameter : statement.parameters()) {
                prepared.setString(
                        position++,
                        parameter instanceof Drawn drawn
                                ? drawn.values().apply(number)
                                : taken((Taken) parameter, rows));
            }
            boolean returns = prepared.execute();
            String as = statement.as();
            if (as != null) {
                rows.put(as, returns ? firstRow(prepared) : Map.of());
            } else if (returns) {
                readAll(prepared);
            }
        }
    }

    private static @Nullable String taken(Taken parameter, Map<String, Map<String, String>> rows) throws SQLException {
        Map<String, String> row = rows.getOrDefault(parameter.row(), Map.of());
        if (!row.containsKey(parameter.column())) {
            throw new SQLException(
                    "the statement called " + parameter.row() + " returned "
                            + (row.isEmpty() ? "no row" : "no column " + parameter.column()),
                    NO_DATA);
        }
        return row.get(parameter.column());
    }

    private static Map<String, String> firstRow(PreparedStatement prepared) throws SQLException {
        Map<String, String> first = new HashMap<>();
        try (ResultSet rows = prepared.getResultSet()) {
            int columns = rows.getMetaData().getColumnCount();
            for (boolean isFirst = true; rows.next(); isFirst = false) {
                for (int column = 1; column <= columns; column++) {
                    String value = rows.getString(column);
                    if (isFirst) {
                        first.put(rows.getMetaData().getColumnLabel(column), value);
                    }
                }
            }
        }
        return first;
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
