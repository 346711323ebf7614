package dev.pgrehearse.dataset;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The type behind a column's own: of a domain what it is over.
 *
 * @param name {@code format_type}
 * @param labels of an enum, or of an array's elements that are enums, in their order; empty for anything else
 */
record ColumnType(String name, List<String> labels) {
    /** Follows domains over domains; a type modifier is the nearest that says anything. */
    private static final String TYPES = """
            with recursive resolved as (
              select a.attrelid, a.attnum, a.atttypid as type, a.atttypmod as modifier
              from pg_catalog.pg_attribute a
              join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                   and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
              where a.attnum > 0 and not a.attisdropped
              union all
              select r.attrelid, r.attnum, t.typbasetype, case when t.typtypmod >= 0 then t.typtypmod else r.modifier end
              from resolved r join pg_catalog.pg_type t on t.oid = r.type
              where t.typtype = 'd'
            )
            select r.attrelid, r.attnum, pg_catalog.format_type(r.type, r.modifier),
                   (select pg_catalog.array_agg(e.enumlabel::text order by e.enumsortorder) from pg_catalog.pg_enum e
                    where e.enumtypid in (t.oid, t.typelem))
            from resolved r join pg_catalog.pg_type t on t.oid = r.type
            where t.typtype <> 'd'
            """;

    /** By table's OID and column's number. */
    static Map<Long, Map<Integer, ColumnType>> read(Connection connection) throws SQLException {
        Map<Long, Map<Integer, ColumnType>> types = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet row = statement.executeQuery(TYPES)) {
                while (row.next()) {
                    Array labels = row.getArray(4);
                    types.computeIfAbsent(row.getLong(1), table -> new HashMap<>())
                            .put(
                                    row.getInt(2),
                                    new ColumnType(
                                            row.getString(3),
                                            labels == null ? List.of() : Arrays.asList((String[]) labels.getArray())));
                }
            }
        }
        return types;
    }

    boolean isRange() {
        return name.endsWith("range");
    }

    boolean isArray() {
        return name.endsWith("[]");
    }
}
