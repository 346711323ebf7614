package dev.pgrehearse.traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a statement with parameters that it may get, on a copy of the data that is thrown away: whether it runs at all, how
 * many rows it gives and how many pages it asks for. What it changes is rolled back.
 */
final class Trial {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int HOPELESS = 40;

    private final Connection connection;
    private final boolean changes;

    private Trial(Connection connection, boolean changes) {
        this.connection = connection;
        this.changes = changes;
    }

    /**
     * What came of the sets that were tried, in their order; those that failed are not among them.
     *
     * @param sets those that ran
     * @param rows of each
     * @param buffers of each; 0 for statements that change something, whose triggers a plan does not show
     * @param failed how many did not run
     * @param failure the first failure; null when there was none
     */
    @SuppressWarnings("ArrayRecordComponent") // Neither compared nor printed.
    record Tried(
            List<@Nullable String[]> sets,
            double[] rows,
            double[] buffers,
            int failed,
            @Nullable SQLException failure) {}

    /** Prepares the statement, as an application's driver does. */
    static Trial of(Connection connection, ParameterTypes types, boolean changes) throws SQLException {
        ParameterTypes.forget(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "PREPARE " + ParameterTypes.NAME + " AS " + types.text().sql());
        }
        return new Trial(connection, changes);
    }

    /**
     * Tries sets.
     *
     * @param most how many, so that the same data and seed give the same parameters however fast the machine is
     */
    Tried run(List<@Nullable String[]> sets, int most) {
        List<@Nullable String[]> ran = new ArrayList<>();
        List<double[]> figures = new ArrayList<>();
        int failed = 0;
        SQLException first = null;
        for (@Nullable String[] set : sets.subList(0, Math.min(most, sets.size()))) {
            try {
                figures.add(changes ? change(set) : read(set));
                ran.add(set);
            } catch (SQLException failure) {
                failed++;
                first = first == null ? failure : first;
                if (failed >= HOPELESS && ran.isEmpty()) {
                    break;
                }
            }
        }
        return new Tried(
                ran,
                figures.stream().mapToDouble(figure -> figure[0]).toArray(),
                figures.stream().mapToDouble(figure -> figure[1]).toArray(),
                failed,
                first);
    }

    private static String execute(@Nullable String[] set) {
        return "EXECUTE " + ParameterTypes.NAME
                + (set.length == 0
                        ? ""
                        : Arrays.stream(set)
                                .map(value -> value == null ? "NULL" : Quoted.literal(value))
                                .collect(Collectors.joining(", ", "(", ")")));
    }

    private double[] read(@Nullable String[] set) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF, FORMAT JSON) " + execute(set))) {
            row.next();
            JsonNode plan = JSON.readTree(row.getString(1)).path(0).path("Plan");
            return new double[] {
                plan.path("Actual Rows").asDouble() * plan.path("Actual Loops").asDouble(1),
                plan.path("Shared Hit Blocks").asDouble()
                        + plan.path("Shared Read Blocks").asDouble()
            };
        } catch (JsonProcessingException e) {
            throw new SQLException("a plan that is no JSON", e);
        }
    }

    private double[] change(@Nullable String[] set) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            long rows = 0;
            if (statement.execute(execute(set))) {
                try (ResultSet returned = statement.getResultSet()) {
                    while (returned.next()) {
                        rows++;
                    }
                }
            } else {
                rows = statement.getUpdateCount();
            }
            // Constraints that wait for the end of the transaction speak now.
            statement.execute("SET CONSTRAINTS ALL IMMEDIATE");
            return new double[] {rows, 0};
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
