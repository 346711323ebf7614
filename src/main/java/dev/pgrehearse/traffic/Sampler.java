package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the rehearsal's data, sampled: those of one table, with those of the others that a statement joins to each.
 *
 * <p>Its cost does not grow with the table: of one of more than {@value #PAGES} pages so many are read, chosen by
 * {@code TABLESAMPLE SYSTEM … REPEATABLE}, which picks them by number without reading the others; of their rows some are
 * kept by a hash of their place. So the same data and seed give the same rows, and a frequent value is as frequent among
 * them as in the table.
 */
final class Sampler {
    /** 16 MB: they hold the rows of several thousand places even where rows are long. */
    private static final int PAGES = 2000;

    private final Connection connection;
    private final long seed;

    /**
     * A sampler.
     *
     * @param connection of a session with a {@code statement_timeout}
     */
    Sampler(Connection connection, long seed) {
        this.connection = connection;
        this.seed = Math.floorMod(seed, 1_000_000_007L);
    }

    /**
     * Sampled rows.
     *
     * @param values of each row: one for each expression
     * @param ranks of each row, in the order of the ranked expression, from 0
     */
    @SuppressWarnings("ArrayRecordComponent") // Neither compared nor printed.
    record Rows(List<@Nullable String[]> values, int[] ranks) {}

    /**
     * What is sampled.
     *
     * @param first the alias of the table whose rows are sampled
     * @param tables by alias
     * @param joins conditions between tables
     * @param fixed conditions on one table
     * @param expressions over the columns of the tables
     * @param ranked the expression whose order ranks the rows; null for none
     * @param rows at most so many
     */
    record Wanted(
            String first,
            Map<String, TargetTable> tables,
            Set<String> joins,
            Set<String> fixed,
            List<String> expressions,
            @Nullable String ranked,
            int rows) {}

    Rows read(Wanted wanted) throws SQLException {
        Rows rows = read(wanted, true);
        // Conditions that few rows meet leave too few of a sample; an index finds more of them.
        return rows.values().size() >= Math.min(50, wanted.rows()) || pages(wanted) <= PAGES
                ? rows
                : read(wanted, false);
    }

    private static long pages(Wanted wanted) {
        return java.util.Objects.requireNonNull(wanted.tables().get(wanted.first()))
                .pages();
    }

    private Rows read(Wanted wanted, boolean sampled) throws SQLException {
        String order = wanted.ranked() == null ? "0" : "row_number() OVER (ORDER BY " + wanted.ranked() + ") - 1";
        String sql = "SELECT " + order + ", "
                + wanted.expressions().stream()
                        .map(expression -> "(" + expression + ")::text")
                        .collect(Collectors.joining(", "))
                + " FROM " + from(wanted, sampled) + " ORDER BY " + Quoted.identifier(wanted.first())
                + ".pgrehearse_order";
        List<@Nullable String[]> values = new ArrayList<>();
        List<Integer> ranks = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                @Nullable String[] found = new String[wanted.expressions().size()];
                for (int i = 0; i < found.length; i++) {
                    found[i] = row.getString(i + 2);
                }
                values.add(found);
                ranks.add(row.getInt(1));
            }
        }
        return new Rows(values, ranks.stream().mapToInt(Integer::intValue).toArray());
    }

    private String from(Wanted wanted, boolean sampled) {
        String alias = Quoted.identifier(wanted.first());
        TargetTable table = java.util.Objects.requireNonNull(wanted.tables().get(wanted.first()));
        String sample = sampled && table.pages() > PAGES
                ? " TABLESAMPLE SYSTEM (" + 100.0 * PAGES / table.pages() + ") REPEATABLE (" + seed + ")"
                : "";
        // Without a sample no order either, since that would read all rows.
        String order = sampled ? " ORDER BY pgrehearse_order" : "";
        StringBuilder from = new StringBuilder("(SELECT " + alias + ".*, pg_catalog.hashtextextended(" + alias
                + ".tableoid || '/' || " + alias + ".ctid::text, " + seed + ") AS pgrehearse_order FROM "
                + table.relation().quoted() + " AS " + alias + sample
                + where(conditions(wanted.fixed(), Set.of(wanted.first()), wanted)) + order + " LIMIT " + wanted.rows()
                + ") AS " + alias);
        Set<String> there = new LinkedHashSet<>(Set.of(wanted.first()));
        Map<String, TargetTable> left = new LinkedHashMap<>(wanted.tables());
        left.remove(wanted.first());
        while (!left.isEmpty()) {
            String next = left.keySet().iterator().next();
            for (String candidate : left.keySet()) {
                if (!conditions(wanted.joins(), with(there, candidate), wanted).isEmpty()
                        && conditions(wanted.joins(), with(there, candidate), wanted)
                                        .size()
                                > conditions(wanted.joins(), there, wanted).size()) {
                    next = candidate;
                    break;
                }
            }
            TargetTable joined = java.util.Objects.requireNonNull(left.remove(next));
            Set<String> conditions = new LinkedHashSet<>(conditions(wanted.joins(), with(there, next), wanted));
            conditions.removeAll(conditions(wanted.joins(), there, wanted));
            conditions.addAll(conditions(wanted.fixed(), Set.of(next), wanted));
            String other = Quoted.identifier(next);
            from.append(" LEFT JOIN LATERAL (SELECT ")
                    .append(other)
                    .append(".* FROM ")
                    .append(joined.relation().quoted())
                    .append(" AS ")
                    .append(other)
                    .append(where(conditions))
                    .append(" LIMIT 1) AS ")
                    .append(other)
                    .append(" ON true");
            there.add(next);
        }
        return from.toString();
    }

    private static Set<String> with(Set<String> aliases, String another) {
        Set<String> all = new LinkedHashSet<>(aliases);
        all.add(another);
        return all;
    }

    /** Those that name no table but some of these. */
    private static Set<String> conditions(Set<String> conditions, Set<String> aliases, Wanted wanted) {
        return conditions.stream()
                .filter(condition -> aliases.containsAll(
                        Expression.of(condition).aliases(wanted.tables().keySet())))
                .filter(condition -> !Expression.of(condition)
                        .aliases(wanted.tables().keySet())
                        .isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String where(Set<String> conditions) {
        return conditions.isEmpty()
                ? ""
                : conditions.stream()
                        .map(condition -> "(" + condition + ")")
                        .collect(Collectors.joining(" AND ", " WHERE ", ""));
    }
}
