package dev.pgrehearse.traffic;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the catalogue says of a table that rows are written to.
 *
 * @param relation its name; of a partition, the partitioned table's
 * @param pages of the main fork, of all partitions together
 * @param columns by name, in the table's order
 * @param unique the columns of each unique index, primary keys first
 */
record TargetTable(Relation relation, long pages, Map<String, Column> columns, List<List<String>> unique) {
    /**
     * A column.
     *
     * @param type {@code format_type} without a modifier
     * @param longest in characters, of types that have a length; 0 for any other
     * @param referring whether it is in a foreign key
     * @param made {@code s} for a generated column, {@code a} for GENERATED ALWAYS AS IDENTITY, {@code d} when it has a
     *     default of any kind; else empty
     * @param nullable whether NULL is allowed
     * @param indexed whether an index, an exclusion constraint or the partition key uses it
     * @param checked whether a CHECK names it
     */
    record Column(
            String name,
            String type,
            int longest,
            boolean referring,
            String made,
            boolean nullable,
            boolean indexed,
            boolean checked) {}

    private static final String RELATION = """
            SELECT n.nspname, c.relname, c.oid,
                   (SELECT coalesce(sum(part.relpages), 0)::bigint FROM pg_catalog.pg_partition_tree(c.oid) t
                      JOIN pg_catalog.pg_class part ON part.oid = t.relid) + greatest(c.relpages, 0) AS pages
              FROM pg_catalog.pg_class asked JOIN pg_catalog.pg_namespace asked_n ON asked_n.oid = asked.relnamespace
              JOIN pg_catalog.pg_class c
                ON c.oid = coalesce(pg_catalog.pg_partition_root(asked.oid)::oid, asked.oid)
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE asked_n.nspname = ? AND asked.relname = ?""";

    private static final String COLUMNS = """
            SELECT a.attname, pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), NULL) AS type,
                   CASE WHEN t.typcategory = 'S' AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END AS longest,
                   EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'f'
                           AND a.attnum = ANY (k.conkey)) AS referring,
                   CASE WHEN a.attgenerated <> '' THEN 's' WHEN a.attidentity = 'a' THEN 'a'
                        WHEN a.attidentity = 'd' OR a.atthasdef THEN 'd' ELSE '' END AS made,
                   NOT a.attnotnull AS nullable,
                   EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid
                           AND (a.attnum = ANY (i.indkey) OR (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
                                AND pg_catalog.pg_get_indexdef(i.indexrelid) ~ ('\\m' || a.attname || '\\M')))
                     OR EXISTS (SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = a.attrelid
                           AND (a.attnum = ANY (p.partattrs) OR p.partexprs IS NOT NULL)) AS indexed,
                   EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'c'
                           AND a.attnum = ANY (k.conkey)) OR t.typtype = 'd' AS checked
              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""";

    private static final String UNIQUE = """
            SELECT i.indexrelid, a.attname
              FROM pg_catalog.pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place),
                   pg_catalog.pg_attribute a
             WHERE i.indrelid = ? AND i.indisunique AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
               AND a.attrelid = i.indrelid AND a.attnum = k.attnum
             ORDER BY i.indisprimary DESC, i.indexrelid, k.place""";

    /** Reads it; null when there is no such table. */
    static @Nullable TargetTable read(Connection connection, Relation asked) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RELATION)) {
            statement.setString(1, asked.schema());
            statement.setString(2, asked.name());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                long oid = row.getLong("oid");
                return new TargetTable(
                        new Relation(row.getString("nspname"), row.getString("relname")),
                        row.getLong("pages"),
                        columns(connection, oid),
                        unique(connection, oid));
            }
        }
    }

    private static Map<String, Column> columns(Connection connection, long oid) throws SQLException {
        Map<String, Column> columns = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.put(
                            row.getString("attname"),
                            new Column(
                                    row.getString("attname"),
                                    row.getString("type"),
                                    row.getInt("longest"),
                                    row.getBoolean("referring"),
                                    row.getString("made"),
                                    row.getBoolean("nullable"),
                                    row.getBoolean("indexed"),
                                    row.getBoolean("checked")));
                }
            }
        }
        return columns;
    }

    private static List<List<String>> unique(Connection connection, long oid) throws SQLException {
        Map<Long, List<String>> keys = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(UNIQUE)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    keys.computeIfAbsent(row.getLong(1), absent -> new ArrayList<>())
                            .add(row.getString(2));
                }
            }
        }
        return List.copyOf(keys.values());
    }

    private Column column(String name) {
        return java.util.Objects.requireNonNull(columns.get(name), name);
    }

    /**
     * The columns that must have new values, so that no unique key is met twice: one of each key that is given whole.
     *
     * @param given the columns that a statement gives values to
     * @return null when some key has no column that could be new
     */
    @Nullable
    List<Column> renewed(Set<String> given) {
        List<Column> renewed = new ArrayList<>();
        for (List<String> key : unique) {
            boolean byDefault = key.stream()
                    .anyMatch(column ->
                            !given.contains(column) && !column(column).made().isEmpty());
            if (byDefault || key.stream().noneMatch(given::contains)) {
                continue;
            }
            if (renewed.stream().anyMatch(column -> key.contains(column.name()))) {
                continue;
            }
            Column best = null;
            for (String name : key) {
                Column column = column(name);
                if (given.contains(name)
                        && !column.referring()
                        && NewValues.canMake(column)
                        && (best == null || NewValues.preference(column) < NewValues.preference(best))) {
                    best = column;
                }
            }
            if (best == null) {
                return null;
            }
            renewed.add(best);
        }
        return renewed;
    }
}
