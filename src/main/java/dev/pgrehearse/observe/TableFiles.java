package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.recording.Fact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How large users' tables and their indexes are, by the files that the catalogue names for them. {@code pg_relation_size}
 * would wait for a lock on the table; this waits for nobody, since the catalogue and the directories are all it reads. What
 * a transaction has not committed yet is not in the catalogue. Used by one thread at a time.
 */
final class TableFiles {
    private static final String PARTS = """
            WITH tables AS (
              SELECT t.oid, t.reltoastrelid, n.nspname, t.relname
                FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
               WHERE t.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            ), parts AS (
              SELECT oid, oid AS part, false AS index FROM tables
              UNION ALL SELECT oid, reltoastrelid, false FROM tables WHERE reltoastrelid <> 0
              UNION ALL SELECT t.oid, i.indexrelid, false
                FROM tables t JOIN pg_catalog.pg_index i ON i.indrelid = t.reltoastrelid
              UNION ALL SELECT t.oid, i.indexrelid, true FROM tables t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
            )
            SELECT t.oid::bigint, t.nspname, t.relname, p.index, pg_catalog.pg_relation_filepath(p.part)
              FROM parts p JOIN tables t ON t.oid = p.oid
            """;

    private final PreparedStatement parts;

    TableFiles(Connection connection) throws SQLException {
        this.parts = connection.prepareStatement(PARTS);
    }

    /** The tables as the catalogue knows them now, as large as their files were when {@code files} was read. */
    List<Fact.TableSize> sizes(DataFiles.Reading files) throws SQLException {
        Map<Long, Fact.TableSize> tables = new LinkedHashMap<>();
        try (ResultSet rows = parts.executeQuery()) {
            while (rows.next()) {
                long oid = rows.getLong(1);
                boolean isIndex = rows.getBoolean(4);
                // An index of a partitioned table has no file; one that was dropped meanwhile has none any more.
                String path = rows.getString(5);
                long bytes = path == null ? 0 : files.relations().getOrDefault(path, 0L);
                Fact.TableSize before = tables.getOrDefault(
                        oid, new Fact.TableSize(oid, RelationName.of(rows.getString(2), rows.getString(3)), 0, 0));
                tables.put(
                        oid,
                        new Fact.TableSize(
                                oid,
                                before.table(),
                                before.heapBytes() + (isIndex ? 0 : bytes),
                                before.indexBytes() + (isIndex ? bytes : 0)));
            }
        }
        return new ArrayList<>(tables.values());
    }
}
