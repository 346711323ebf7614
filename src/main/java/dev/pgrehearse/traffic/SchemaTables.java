package dev.pgrehearse.traffic;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The tables of a schema that an application would ask for, with their references and indexes. */
final class SchemaTables {
    private static final String TABLES = """
            SELECT n.nspname, c.relname, c.oid,
                   (SELECT coalesce(sum(greatest(part.reltuples, 0)), 0) FROM pg_catalog.pg_partition_tree(c.oid) t
                      JOIN pg_catalog.pg_class part ON part.oid = t.relid WHERE part.relkind = 'r')
                   + CASE WHEN c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid))
                          THEN greatest(c.reltuples, 0) ELSE 0 END AS rows
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
               AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
               AND pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2""";

    private static final String REFERENCES = """
            SELECT n.nspname, p.relname,
                   (SELECT string_agg('p.' || quote_ident(pa.attname) || ' = t.' || quote_ident(ca.attname), ' AND ' ORDER BY k.place)
                      FROM unnest(f.conkey, f.confkey) WITH ORDINALITY k(child, parent, place)
                      JOIN pg_catalog.pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = k.child
                      JOIN pg_catalog.pg_attribute pa ON pa.attrelid = f.confrelid AND pa.attnum = k.parent) AS condition
              FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
             WHERE f.contype = 'f' AND f.conparentid = 0 AND f.conrelid =\s""";

    private static final String INDEXES = """
            SELECT DISTINCT a.attname, t.typcategory IN ('D', 'N') AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                     WHERE k.conrelid = i.indrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)) AS ordered
              FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_am m ON m.oid = c.relam
              JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
              JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
             WHERE m.amname = 'btree' AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indisvalid
               AND NOT (i.indisunique AND i.indnkeyatts = 1) AND i.indrelid =\s""";

    private SchemaTables() {}

    /** A reference to another table, as the condition of a join between {@code t} and {@code p}. */
    record Reference(Relation parent, String condition) {}

    /** The first column of an index; {@code ordered} for numbers and times that refer to nothing. */
    record Indexed(String column, boolean ordered) {}

    /** A table. */
    record SchemaTable(TargetTable table, double rows, List<Reference> references, List<Indexed> indexes) {}

    static List<SchemaTable> read(Connection connection) throws SQLException {
        List<SchemaTable> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TABLES)) {
            while (row.next()) {
                TargetTable table = TargetTable.read(connection, new Relation(row.getString(1), row.getString(2)));
                if (table != null && row.getDouble("rows") > 0) {
                    tables.add(new SchemaTable(
                            table,
                            row.getDouble("rows"),
                            references(connection, row.getLong("oid")),
                            indexes(connection, row.getLong("oid"))));
                }
            }
        }
        return tables;
    }

    private static List<Reference> references(Connection connection, long oid) throws SQLException {
        List<Reference> references = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(REFERENCES + oid)) {
            while (row.next()) {
                references.add(
                        new Reference(new Relation(row.getString(1), row.getString(2)), row.getString("condition")));
            }
        }
        return references;
    }

    private static List<Indexed> indexes(Connection connection, long oid) throws SQLException {
        List<Indexed> indexes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(INDEXES + oid)) {
            while (row.next()) {
                indexes.add(new Indexed(row.getString(1), row.getBoolean(2)));
            }
        }
        return indexes;
    }
}
