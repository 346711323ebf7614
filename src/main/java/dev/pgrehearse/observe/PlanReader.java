package dev.pgrehearse.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.PlanFailure;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlansRead;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Reads the plans of the workload's statements, with EXPLAIN and never with ANALYZE: nothing of them is run.
 *
 * <p>Only before the load and after its end, on a session of its own that is there for so long: planning takes locks on
 * tables and a snapshot. The session is the application's, so that its search path, its rights and its settings decide, and
 * waits for no lock longer than a second. It tells of a scan of an index when the planner looks for the ends of its range, so
 * scans are counted before it comes.
 *
 * <p>Used by one thread at a time.
 */
public final class PlanReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, String> DRIVER_PROPERTIES = Map.of(
            "options", "-c lock_timeout=1s -c statement_timeout=10s", "socketTimeout", "30", "prepareThreshold", "0");

    private static final String NAME = "pgrehearse_plan";

    private static final String ROOTS = """
            SELECT n.nspname, c.relname, root_n.nspname, root.relname
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_class root ON root.oid = pg_catalog.pg_partition_root(c.oid)
              JOIN pg_catalog.pg_namespace root_n ON root_n.oid = root.relnamespace
             WHERE c.relispartition
            """;

    private final ConnectionDetails app;
    private final FactSink facts;
    private final Doubts doubts;

    /**
     * A reader.
     *
     * @param app the database as the workload's role, without anything in between
     */
    public PlanReader(ConnectionDetails app, RehearsalClock clock, FactSink facts) {
        this.app = app;
        this.facts = facts;
        this.doubts = new Doubts(facts, clock);
    }

    /** Before the load. What cannot be read becomes a doubt. */
    public void before(List<PlannedStatement> statements) {
        read(false, statements);
    }

    /** After load and adversaries have ended, and scans were counted. What cannot be read becomes a doubt. */
    public void after(List<PlannedStatement> statements) {
        read(true, statements);
    }

    private void read(boolean after, List<PlannedStatement> statements) {
        try (Connection connection = app.open("pgrehearse plans", DRIVER_PROPERTIES)) {
            Map<String, String> roots = roots(connection);
            List<StatementPlansRead> read = new ArrayList<>();
            for (PlannedStatement statement : statements) {
                read.add(plans(connection, statement, roots));
            }
            facts.add(new Fact.PlansRead(after, read));
        } catch (SQLException failure) {
            doubts.raise(
                    after ? "plans-after" : "plans-before",
                    "The plans of the workload's statements " + (after ? "after the load" : "before the load")
                            + " could not be read: " + failure.getMessage()
                            + ". Whether a plan changed, or an operation cannot be planned any more, is not known.");
        }
    }

    private static Map<String, String> roots(Connection connection) throws SQLException {
        Map<String, String> roots = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ROOTS)) {
            while (row.next()) {
                roots.put(
                        RelationName.of(row.getString(1), row.getString(2)),
                        RelationName.of(row.getString(3), row.getString(4)));
            }
        }
        return roots;
    }

    /**
     * All plans of one statement.
     *
     * @throws SQLException when the session is gone
     */
    private StatementPlansRead plans(Connection connection, PlannedStatement asked, Map<String, String> roots)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PREPARE " + NAME + " AS " + connection.nativeSQL(asked.sql()));
            try {
                List<StatementPlan> plans = new ArrayList<>();
                statement.execute("SET plan_cache_mode = force_generic_plan");
                List<@Nullable String> nulls = new ArrayList<>();
                for (int i = 0; i < asked.parameters(); i++) {
                    nulls.add(null);
                }
                plans.add(plan(statement, nulls, StatementPlan.GENERIC, roots));
                statement.execute("SET plan_cache_mode = force_custom_plan");
                plans.addAll(custom(statement, asked, roots));
                return new StatementPlansRead(asked.operation(), asked.number(), asked.sql(), plans, null);
            } finally {
                statement.execute("DEALLOCATE " + NAME);
            }
        } catch (SQLException failure) {
            if (SqlState.meansConnectionLost(failure.getSQLState())) {
                throw failure;
            }
            PlanFailure why = failure(failure);
            if (!why.tellsOfTheStatement()) {
                doubts.raise(
                        "plans-locked",
                        "The plan of " + asked.operation() + " could not be read: " + why.message()
                                + ". Whether it changed is not known.");
            }
            return new StatementPlansRead(asked.operation(), asked.number(), asked.sql(), List.of(), why);
        }
    }

    /** Those of equal shape together. A sample whose values the server refuses has no plan: its requests fail as well. */
    private List<StatementPlan> custom(Statement statement, PlannedStatement asked, Map<String, String> roots)
            throws SQLException {
        Map<String, List<StatementPlan>> byShape = new LinkedHashMap<>();
        String refused = null;
        int planned = 0;
        for (List<@Nullable String> values : asked.samples()) {
            try {
                StatementPlan plan = plan(statement, values, StatementPlan.CUSTOM, roots);
                byShape.computeIfAbsent(plan.shape(), shape -> new ArrayList<>())
                        .add(plan);
                planned++;
            } catch (SQLException failure) {
                if (!failure(failure).tellsOfTheStatement()) {
                    throw failure;
                }
                refused = failure.getMessage();
            }
        }
        if (planned == 0 && refused != null) {
            doubts.raise(
                    "plans-without-parameters",
                    "With none of the sampled parameters " + asked.operation() + " could be planned, the last time: "
                            + refused + ". Only its generic plan is told.");
        }
        return byShape.values().stream().map(PlanReader::together).toList();
    }

    private static StatementPlan together(List<StatementPlan> alike) {
        StatementPlan first = alike.get(0);
        double mean = alike.stream().mapToDouble(StatementPlan::cost).average().orElse(first.cost());
        return new StatementPlan(
                first.kind(), alike.size(), first.shape(), mean, first.indexes(), first.relations(), first.written());
    }

    private static StatementPlan plan(
            Statement statement, List<@Nullable String> values, String kind, Map<String, String> roots)
            throws SQLException {
        String parameters = values.stream()
                .map(value -> value == null ? "NULL" : Quoted.literal(value))
                .collect(Collectors.joining(", "));
        try (ResultSet row = statement.executeQuery("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE " + NAME
                + (parameters.isEmpty() ? "" : "(" + parameters + ")"))) {
            row.next();
            JsonNode plan = JSON.readTree(row.getString(1)).path(0).path("Plan");
            return PlanShape.of(plan, kind, roots);
        } catch (JsonProcessingException e) {
            throw new SQLException("a plan that is no JSON", e);
        }
    }

    private static PlanFailure failure(SQLException failure) {
        ServerErrorMessage server = failure instanceof PSQLException ours ? ours.getServerErrorMessage() : null;
        String message = server == null ? null : server.getMessage();
        return new PlanFailure(
                failure.getSQLState() == null ? "" : failure.getSQLState(),
                message == null ? String.valueOf(failure.getMessage()) : message);
    }
}
