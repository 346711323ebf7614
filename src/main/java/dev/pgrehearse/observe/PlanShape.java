package dev.pgrehearse.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.recording.StatementPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a plan looks like without what differs from one parameter to the next: node types, joins, relations and indexes, and
 * neither conditions nor estimates. What is done to several partitions alike is told once.
 *
 * <p>Hash and Materialize are left out: the first belongs to its join, the second comes and goes with estimates.
 */
final class PlanShape {
    private static final Set<String> PASSED_OVER = Set.of("Hash", "Materialize");

    private final Map<String, String> roots;
    private final Set<String> indexes = new TreeSet<>();
    private final Set<String> relations = new TreeSet<>();
    private final Set<String> written = new TreeSet<>();

    /**
     * Reads one plan.
     *
     * @param roots the name of the partitioned relation by that of each partition, of tables and of indexes
     */
    private PlanShape(Map<String, String> roots) {
        this.roots = roots;
    }

    /** The plan in EXPLAIN's JSON, with VERBOSE. */
    static StatementPlan of(JsonNode plan, String kind, Map<String, String> roots) {
        PlanShape shape = new PlanShape(roots);
        String words = shape.words(plan, "public");
        return new StatementPlan(
                kind,
                1,
                words,
                plan.path("Total Cost").asDouble(),
                List.copyOf(shape.indexes),
                List.copyOf(shape.relations),
                List.copyOf(shape.written));
    }

    private String words(JsonNode node, String schemaAround) {
        // A Bitmap Index Scan names no schema; its index is in that of the table whose heap is scanned with it.
        String schema = node.path("Schema").asText(schemaAround);
        List<String> below = new ArrayList<>();
        node.path("Plans").forEach(child -> below.add(words(child, schema)));
        String fed = together(below);
        String type = node.path("Node Type").asText();
        if (PASSED_OVER.contains(type)) {
            return fed;
        }
        String own = own(node, type, schema);
        if (fed.isEmpty()) {
            return own;
        }
        return below.size() == 1 ? own + " > " + fed : own + " (" + fed + ")";
    }

    /** Equal ones once, in the order of the first. */
    private static String together(List<String> below) {
        Map<String, Long> counts = below.stream()
                .collect(Collectors.groupingBy(words -> words, LinkedHashMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .map(each -> each.getValue() == 1 ? each.getKey() : "several: " + each.getKey())
                .collect(Collectors.joining("; "));
    }

    private String own(JsonNode node, String type, String schema) {
        StringBuilder words = new StringBuilder();
        if (node.path("Parallel Aware").asBoolean()) {
            words.append("Parallel ");
        }
        String join = node.path("Join Type").asText("Inner");
        String strategy = node.path("Strategy").asText("Plain");
        if (type.equals("ModifyTable")) {
            words.append(node.path("Operation").asText());
        } else if (type.equals("Aggregate") && !strategy.equals("Plain")) {
            words.append(
                    strategy.equals("Hashed")
                            ? "HashAggregate"
                            : strategy.equals("Sorted") ? "GroupAggregate" : "MixedAggregate");
        } else if (!join.equals("Inner")) {
            words.append(type.replace(" Join", "")).append(' ').append(join).append(" Join");
        } else {
            words.append(type);
        }
        if (node.path("Scan Direction").asText().equals("Backward")) {
            words.append(" Backward");
        }
        if (node.has("Index Name")) {
            String index = root(schema, node.path("Index Name").asText());
            indexes.add(index);
            words.append(type.equals("Bitmap Index Scan") ? " on " : " using ").append(index);
        }
        // Those that ON CONFLICT looks into, without which the statement fails.
        node.path("Conflict Arbiter Indexes").forEach(arbiter -> indexes.add(root(schema, arbiter.asText())));
        if (node.has("Relation Name")) {
            String relation = root(schema, node.path("Relation Name").asText());
            relations.add(relation);
            if (type.equals("ModifyTable")) {
                written.add(relation);
            }
            words.append(" on ").append(relation);
        }
        return words.toString();
    }

    private String root(String schema, String name) {
        String relation = RelationName.of(schema, name);
        return roots.getOrDefault(relation, relation);
    }
}
