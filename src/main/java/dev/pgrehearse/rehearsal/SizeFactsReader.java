package dev.pgrehearse.rehearsal;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.SizeFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads what decides about cliffs. Only on a server that nobody else uses: sizes of tables wait for their locks. */
final class SizeFactsReader {
    private static final String SETTINGS = """
            SELECT name, setting::float8 * u.bytes AS value, min_val::float8 * u.bytes AS least
            FROM pg_catalog.pg_settings,
                LATERAL (SELECT CASE unit WHEN '8kB' THEN 8192 WHEN 'kB' THEN 1024 WHEN 'MB' THEN 1048576 ELSE 1 END AS bytes) u
            WHERE name IN ('shared_buffers', 'work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'max_wal_size',
                'min_wal_size', 'wal_segment_size', 'wal_buffers', 'checkpoint_completion_target',
                'checkpoint_timeout', 'min_parallel_table_scan_size', 'max_parallel_maintenance_workers',
                'max_parallel_workers')""";

    /** As the observer names relations: without the schema when it is {@code public}. */
    private static final String NAME =
            "(SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname FROM pg_catalog.pg_class c"
                    + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s)";

    /** A column's width by its statistics; else that of its type; 16 bytes for a type of any length without statistics. */
    private static final String INDEXES = """
            SELECT %s AS index, %s AS table, am.amname AS method, pg_catalog.pg_relation_size(i.indexrelid) AS bytes,
                t.relispartition AS partition, greatest(x.reltuples, 0)::float8 AS entries,
                (SELECT sum(coalesce(
                        (SELECT max(s.stawidth) FROM pg_catalog.pg_statistic s
                         WHERE s.starelid = i.indrelid AND s.staattnum = i.indkey[a.attnum - 1]
                            OR s.starelid = i.indexrelid AND s.staattnum = a.attnum),
                        nullif(a.attlen, -1), 16))
                 FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid AND NOT a.attisdropped) AS width,
                ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = i.indrelid AND (a.attnum = ANY (i.indkey) OR EXISTS (
                    SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid
                      AND d.refobjsubid = a.attnum))) AS columns,
                replace(pg_catalog.pg_get_indexdef(i.indexrelid), ' INDEX ' || pg_catalog.quote_ident(x.relname) || ' ON ',
                    ' INDEX ON ') AS definition
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid AND x.relkind = 'i'
            JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
            JOIN pg_catalog.pg_namespace xn ON xn.oid = x.relnamespace
            JOIN pg_catalog.pg_am am ON am.oid = x.relam
            WHERE xn.nspname NOT IN ('pg_catalog', 'information_schema') AND xn.nspname !~ '^pg_'""".formatted(NAME.formatted("i.indexrelid"), NAME.formatted("i.indrelid"));

    private static final String REFERENCES = """
            SELECT %s AS table, %s AS parent,
                (SELECT sum(coalesce(
                        (SELECT max(s.stawidth) FROM pg_catalog.pg_statistic s
                         WHERE s.starelid = a.attrelid AND s.staattnum = a.attnum),
                        nullif(a.attlen, -1), 16))
                 FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) AS width,
                ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS columns,
                ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) AS "parentColumns"
            FROM pg_catalog.pg_constraint k
            WHERE k.contype = 'f' AND k.conparentid = 0""".formatted(NAME.formatted("k.conrelid"), NAME.formatted("k.confrelid"));

    private static final String GROUPS = """
            SELECT %s AS table, ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = g.relation AND a.attnum = ANY (g.columns)) AS columns
            FROM (
                SELECT i.indrelid AS relation, ARRAY(
                    SELECT unnest(i.indkey::int2[])::int UNION
                    SELECT d.refobjsubid FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid) AS columns
                FROM pg_catalog.pg_index i WHERE i.indisunique
                UNION ALL
                SELECT k.conrelid, k.conkey::int[] FROM pg_catalog.pg_constraint k WHERE k.contype = 'c' AND k.conrelid <> 0
                UNION ALL
                SELECT v.adrelid, ARRAY(
                    SELECT v.adnum::int UNION
                    SELECT d.refobjsubid FROM pg_catalog.pg_depend d
                    WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = v.adrelid
                      AND (d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = v.oid
                        -- PostgreSQL before 15 has it of the column.
                        OR d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = v.adrelid AND d.objsubid = v.adnum))
                FROM pg_catalog.pg_attrdef v
                JOIN pg_catalog.pg_attribute a ON a.attrelid = v.adrelid AND a.attnum = v.adnum AND a.attgenerated <> ''
            ) g
            JOIN pg_catalog.pg_class t ON t.oid = g.relation
            JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            WHERE tn.nspname NOT IN ('pg_catalog', 'information_schema') AND tn.nspname !~ '^pg_'""".formatted(NAME.formatted("g.relation"));

    private static final String TOAST = """
            SELECT %s AS table, pg_catalog.pg_total_relation_size(t.reltoastrelid)::float8 AS bytes
            FROM pg_catalog.pg_class t
            JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            WHERE t.reltoastrelid <> 0 AND tn.nspname NOT IN ('pg_catalog', 'information_schema') AND tn.nspname !~ '^pg_'""".formatted(NAME.formatted("t.oid"));

    /** The table of a name that the observer gave it, quoted for SQL; parameter: the name. */
    static final String TABLE_BY_NAME =
            "SELECT t.oid::regclass::text FROM pg_catalog.pg_class t WHERE t.relkind = 'r' AND "
                    + NAME.formatted("t.oid") + " = ?";

    private SizeFactsReader() {}

    static SizeFacts read(ConnectionDetails superuser) throws SQLException {
        try (Connection connection = superuser.open("pgrehearse sizes");
                Statement statement = connection.createStatement()) {
            Map<String, Double> settings = new TreeMap<>();
            Map<String, Double> least = new TreeMap<>();
            try (ResultSet row = statement.executeQuery(SETTINGS)) {
                while (row.next()) {
                    settings.put(row.getString("name"), row.getDouble("value"));
                    least.put(row.getString("name"), row.getDouble("least"));
                }
            }
            List<SizeFacts.IndexWidth> indexes = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(INDEXES)) {
                while (row.next()) {
                    indexes.add(new SizeFacts.IndexWidth(
                            row.getString("index"),
                            row.getString("table"),
                            row.getString("method"),
                            row.getDouble("width"),
                            row.getLong("bytes"),
                            row.getBoolean("partition"),
                            row.getDouble("entries"),
                            columns(row, "columns"),
                            row.getString("definition")));
                }
            }
            List<SizeFacts.Reference> references = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(REFERENCES)) {
                while (row.next()) {
                    references.add(new SizeFacts.Reference(
                            row.getString("table"),
                            row.getString("parent"),
                            row.getDouble("width"),
                            columns(row, "columns"),
                            columns(row, "parentColumns")));
                }
            }
            return new SizeFacts(settings, least, indexes, references, groups(statement), toast(statement));
        }
    }

    private static List<SizeFacts.ColumnGroup> groups(Statement statement) throws SQLException {
        List<SizeFacts.ColumnGroup> groups = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(GROUPS)) {
            while (row.next()) {
                Set<String> columns = columns(row, "columns");
                if (columns.size() > 1) {
                    groups.add(new SizeFacts.ColumnGroup(row.getString("table"), columns));
                }
            }
        }
        return groups;
    }

    private static Map<String, Double> toast(Statement statement) throws SQLException {
        Map<String, Double> toast = new TreeMap<>();
        try (ResultSet row = statement.executeQuery(TOAST)) {
            while (row.next()) {
                toast.put(row.getString("table"), row.getDouble("bytes"));
            }
        }
        return toast;
    }

    private static Set<String> columns(ResultSet row, String name) throws SQLException {
        return Set.of((String[]) row.getArray(name).getArray());
    }
}
