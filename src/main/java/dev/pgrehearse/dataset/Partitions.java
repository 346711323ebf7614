package dev.pgrehearse.dataset;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which tables are partitions of which, by OID. Immutable.
 *
 * <p>Source: PostgreSQL documentation, "System Catalogs", {@code pg_inherits} and {@code pg_partitioned_table}.
 */
final class Partitions {
    static final Partitions NONE = new Partitions(Map.of(), Map.of());

    private static final String HASH = "h";

    private final Map<Long, Long> parents;
    /** By partitioned table, {@code partstrat}: r, l or h. */
    private final Map<Long, String> strategies;

    private Partitions(Map<Long, Long> parents, Map<Long, String> strategies) {
        this.parents = Map.copyOf(parents);
        this.strategies = Map.copyOf(strategies);
    }

    static Partitions read(Connection connection) throws SQLException {
        Map<Long, Long> parents = new HashMap<>();
        Map<Long, String> strategies = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("select i.inhrelid, i.inhparent from pg_catalog.pg_inherits i"
                    + " join pg_catalog.pg_class c on c.oid = i.inhrelid where c.relispartition")) {
                while (row.next()) {
                    parents.put(row.getLong(1), row.getLong(2));
                }
            }
            try (ResultSet row =
                    statement.executeQuery("select partrelid, partstrat from pg_catalog.pg_partitioned_table")) {
                while (row.next()) {
                    strategies.put(row.getLong(1), row.getString(2));
                }
            }
        }
        return new Partitions(parents, strategies);
    }

    Optional<Long> parentOf(long table) {
        return Optional.ofNullable(parents.get(table));
    }

    /** The table, what it is a partition of, and so on up to the root. */
    List<Long> lineOf(long table) {
        List<Long> line = new ArrayList<>();
        for (Long next = table; next != null; next = parents.get(next)) {
            line.add(next);
        }
        return line;
    }

    /**
     * Where rows of a table have to go in: the table itself or, since only the server knows which hash a value has, the
     * uppermost table above that is partitioned by hash.
     */
    long entranceOf(long table) {
        long entrance = table;
        for (long ancestor : lineOf(table)) {
            if (HASH.equals(strategies.get(ancestor))) {
                entrance = ancestor;
            }
        }
        return entrance;
    }
}
