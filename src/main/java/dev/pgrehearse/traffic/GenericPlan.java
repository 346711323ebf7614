package dev.pgrehearse.traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the server itself makes of a statement: its tables by alias, and its conditions with every column under its alias,
 * whatever views, subqueries and bare names the text has.
 *
 * <p>The plan is the generic one of the prepared statement, by {@code plan_cache_mode}, which every supported version has;
 * {@code EXPLAIN (GENERIC_PLAN)} of PostgreSQL 16 shows the same. The session's settings keep conditions where they are
 * easy to read: as filters of sequential scans.
 *
 * @param relations by alias
 * @param conditions as SQL, fully parenthesised
 * @param changed the table that is written; null for a statement that reads alone
 * @param operation {@code Insert}, {@code Update}, {@code Delete}, {@code Merge} or {@code Select}
 */
record GenericPlan(
        Map<String, Relation> relations,
        List<String> conditions,
        @Nullable Relation changed,
        String operation) {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> CONDITIONS = List.of(
            "Filter",
            "Index Cond",
            "Recheck Cond",
            "Join Filter",
            "Hash Cond",
            "Merge Cond",
            "One-Time Filter",
            "TID Cond");

    private static final List<String> SETTINGS = List.of(
            "plan_cache_mode = force_generic_plan",
            "enable_indexscan = off",
            "enable_indexonlyscan = off",
            "enable_bitmapscan = off",
            "enable_hashjoin = off",
            "enable_mergejoin = off",
            "enable_material = off",
            // With NULL for a parameter no partition would be left.
            "enable_partition_pruning = off",
            "max_parallel_workers_per_gather = 0",
            "jit = off");

    /** Readies a session that reads plans, and does nothing else. */
    static void ready(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String setting : SETTINGS) {
                statement.execute("SET " + setting);
            }
        }
    }

    /** The plan of the statement that is prepared in a session that was made ready. Runs nothing of it. */
    static GenericPlan of(Connection connection, ParameterTypes types) throws SQLException {
        String values = types.types().stream().map(type -> "NULL").collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE "
                        + ParameterTypes.NAME + (values.isEmpty() ? "" : "(" + values + ")"))) {
            row.next();
            Reading reading = new Reading();
            reading.read(JSON.readTree(row.getString(1)).path(0).path("Plan"));
            return new GenericPlan(reading.relations, reading.conditions, reading.changed, reading.operation);
        } catch (JsonProcessingException e) {
            throw new SQLException("a plan that is no JSON", e);
        }
    }

    private static final class Reading {
        private final Map<String, Relation> relations = new LinkedHashMap<>();
        private final List<String> conditions = new ArrayList<>();
        private @Nullable Relation changed;
        private String operation = "Select";

        private void read(JsonNode node) {
            if (node.has("Relation Name")) {
                Relation relation = new Relation(
                        node.path("Schema").asText(), node.path("Relation Name").asText());
                if (node.path("Node Type").asText().equals("ModifyTable")) {
                    changed = relation;
                    operation = node.path("Operation").asText();
                }
                relations.putIfAbsent(node.path("Alias").asText(), relation);
            }
            for (String key : CONDITIONS) {
                if (node.has(key)) {
                    conditions.add(node.path(key).asText());
                }
            }
            node.path("Plans").forEach(this::read);
        }
    }
}
