package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Autovacuum;
import dev.pgrehearse.profile.Profile.Column;
import dev.pgrehearse.profile.Profile.Index;
import dev.pgrehearse.profile.Profile.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables: plain ones, partitions and partitioned ones, but none of extensions, which bring their own.
 *
 * <p>Sizes are read from the files, which waits for whoever holds ACCESS EXCLUSIVE; everything else is catalogue and
 * cumulative statistics. Source: {@code pg_class}, {@code pg_stat_get_*}.
 */
final class TablesReader {
    private static final String QUERY = """
            SELECT c.oid, n.nspname, c.relname, c.relkind::text,
                   CASE WHEN c.relispartition THEN (
                     SELECT CASE WHEN pn.nspname = 'public' THEN '' ELSE pn.nspname || '.' END || p.relname
                       FROM pg_catalog.pg_inherits i
                       JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
                       JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
                      WHERE i.inhrelid = c.oid LIMIT 1) END AS partition_of,
                   CASE WHEN c.relispartition THEN (SELECT i.inhparent FROM pg_catalog.pg_inherits i
                      WHERE i.inhrelid = c.oid LIMIT 1) END AS parent,
                   c.reltuples::float8 AS rows, pg_catalog.pg_stat_get_live_tuples(c.oid) AS live,
                   CASE WHEN c.relkind = 'r' THEN
                     pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint ELSE 0 END AS pages,
                   c.relpages, c.relallvisible, pg_catalog.pg_stat_get_dead_tuples(c.oid) AS dead,
                   (SELECT o.option_value::int FROM pg_catalog.pg_options_to_table(c.reloptions) o
                     WHERE o.option_name = 'fillfactor') AS fill_factor,
                   (SELECT o.option_value::boolean FROM pg_catalog.pg_options_to_table(c.reloptions) o
                     WHERE o.option_name = 'autovacuum_enabled') AS autovacuum,
                   CASE WHEN c.reltoastrelid <> 0 THEN pg_catalog.pg_relation_size(c.reltoastrelid)
                     / pg_catalog.current_setting('block_size')::bigint ELSE 0 END AS toast_pages,
                   greatest(pg_catalog.pg_stat_get_last_vacuum_time(c.oid),
                            pg_catalog.pg_stat_get_last_autovacuum_time(c.oid)) AS last_vacuum,
                   greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                            pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) AS last_analyze,
                   pg_catalog.pg_stat_get_vacuum_count(c.oid)
                     + pg_catalog.pg_stat_get_autovacuum_count(c.oid) AS vacuums,
                   pg_catalog.pg_stat_get_analyze_count(c.oid)
                     + pg_catalog.pg_stat_get_autoanalyze_count(c.oid) AS analyzes,
                   pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS modified
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
               AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
             ORDER BY n.nspname, c.relname""";

    private static final int FULL = 100;

    private final Connection connection;

    TablesReader(Connection connection) {
        this.connection = connection;
    }

    /**
     * A table before its columns and indexes are known.
     *
     * @param parent OID of the partitioned table that it is a partition of; 0 when it is none
     * @param rows below 0 when it was never analyzed nor vacuumed
     */
    record Bare(
            long oid,
            String schema,
            String name,
            String kind,
            @Nullable String partitionOf,
            long parent,
            double rows,
            long live,
            long pages,
            double allVisibleShare,
            long deadRows,
            int fillFactor,
            long toastPages,
            Autovacuum autovacuum) {
        String displayName() {
            return schema.equals("public") ? name : schema + "." + name;
        }

        boolean neverLookedAt() {
            return kind.equals("r") && rows < 0;
        }

        Table with(double allRows, List<Column> columns, List<Index> indexes) {
            return new Table(
                    schema,
                    name,
                    kind,
                    partitionOf,
                    allRows,
                    pages,
                    allVisibleShare,
                    deadRows,
                    fillFactor,
                    toastPages,
                    columns.stream().anyMatch(Column::hasStatistics),
                    autovacuum,
                    columns,
                    indexes);
        }
    }

    /** By schema and name. */
    List<Bare> read() throws SQLException {
        List<Bare> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                tables.add(bare(row));
            }
        }
        return tables;
    }

    private static Bare bare(ResultSet row) throws SQLException {
        long knownPages = row.getLong("relpages");
        int fillFactor = row.getInt("fill_factor");
        boolean autovacuum = row.getBoolean("autovacuum");
        boolean autovacuumSaid = !row.wasNull();
        return new Bare(
                row.getLong("oid"),
                row.getString("nspname"),
                row.getString("relname"),
                row.getString("relkind"),
                row.getString("partition_of"),
                row.getLong("parent"),
                row.getDouble("rows"),
                row.getLong("live"),
                row.getLong("pages"),
                knownPages <= 0 ? 0 : row.getLong("relallvisible") / (double) knownPages,
                row.getLong("dead"),
                fillFactor == 0 ? FULL : fillFactor,
                row.getLong("toast_pages"),
                new Autovacuum(
                        !autovacuumSaid || autovacuum,
                        Rows.instant(row, "last_vacuum"),
                        Rows.instant(row, "last_analyze"),
                        row.getLong("vacuums"),
                        row.getLong("analyzes"),
                        row.getLong("modified")));
    }

    /**
     * Live rows by OID: of a table that was never looked at what its sessions have told, of a partitioned table those of
     * all its partitions.
     */
    static Map<Long, Double> rows(List<Bare> tables) {
        Map<Long, Double> rows = new HashMap<>();
        Map<Long, Long> parents = new HashMap<>();
        tables.forEach(table -> parents.put(table.oid(), table.parent()));
        for (Bare table : tables) {
            double own = table.kind().equals("p") ? 0 : table.neverLookedAt() ? table.live() : table.rows();
            for (long oid = table.oid(); oid != 0; oid = parents.getOrDefault(oid, 0L)) {
                rows.merge(oid, own, Double::sum);
            }
        }
        return rows;
    }
}
