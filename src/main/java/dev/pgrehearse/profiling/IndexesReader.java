package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Index;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The indexes, INVALID ones too, which a dump leaves out. Definitions and sizes wait for whoever holds ACCESS EXCLUSIVE on
 * the table. Source: {@code pg_index}, {@code pg_get_indexdef}.
 */
final class IndexesReader {
    private static final String QUERY = """
            SELECT i.indrelid, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition, i.indisunique,
                   i.indisprimary, i.indisvalid, i.indisready,
                   EXISTS (SELECT FROM pg_catalog.pg_constraint o
                            WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')) AS of_constraint,
                   CASE WHEN c.relkind = 'i' THEN pg_catalog.pg_relation_size(i.indexrelid)
                     / pg_catalog.current_setting('block_size')::bigint ELSE 0 END AS pages,
                   pg_catalog.pg_stat_get_numscans(i.indexrelid) AS scans
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
             WHERE i.indrelid = ANY (?)
             ORDER BY c.relname""";

    private final Connection connection;

    IndexesReader(Connection connection) {
        this.connection = connection;
    }

    /** Indexes by the OID of their table, by name. */
    Map<Long, List<Index>> read(List<Long> relations) throws SQLException {
        Map<Long, List<Index>> indexes = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setArray(1, connection.createArrayOf("oid", relations.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    indexes.computeIfAbsent(row.getLong("indrelid"), any -> new ArrayList<>())
                            .add(new Index(
                                    row.getString("relname"),
                                    row.getString("definition"),
                                    row.getBoolean("indisunique"),
                                    row.getBoolean("indisprimary"),
                                    row.getBoolean("of_constraint"),
                                    row.getBoolean("indisvalid"),
                                    row.getBoolean("indisready"),
                                    row.getLong("pages"),
                                    row.getLong("scans")));
                }
            }
        }
        return indexes;
    }
}
