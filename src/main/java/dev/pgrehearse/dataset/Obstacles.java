package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * What makes loading slow, or out of order impossible, and can be dropped and made again without loss: foreign keys,
 * indexes, unique and exclusion constraints.
 *
 * <p>What would lose something stays and is kept up to date row by row: an index that is clustered on, is a replica
 * identity, is invalid, lies in a tablespace of its own, has statistics targets, belongs to a partitioned one, or that
 * something else depends on. Foreign keys never stay, for TRUNCATE and the order of tables could not bear it.
 */
final class Obstacles {
    private static final String DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";

    private static final String FAMILIES = """
            select distinct member.oid::bigint
            from unnest(?::bigint[]) t(oid),
                 lateral (select t.oid::oid as oid
                          union select relid::oid from pg_catalog.pg_partition_ancestors(t.oid::oid)
                          union select relid::oid from pg_catalog.pg_partition_tree(t.oid::oid)) member
            """;

    private static final String FOREIGN_KEYS = """
            select o.conrelid, n.nspname, c.relname, o.conname, pg_catalog.pg_get_constraintdef(o.oid),
                   pg_catalog.quote_literal(pg_catalog.obj_description(o.oid, 'pg_constraint')),
                   exists (select 1 from pg_catalog.pg_trigger t where t.tgconstraint = o.oid and t.tgenabled <> 'O')
            from pg_catalog.pg_constraint o
            join pg_catalog.pg_class c on c.oid = o.conrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where o.contype = 'f' and o.conparentid = 0
              and (o.conrelid = any (?::bigint[]) or o.confrelid = any (?::bigint[]))
            order by o.oid
            """;

    private static final String INDEXES = """
            select i.indrelid, n.nspname, c.relname, x.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
                   pg_catalog.quote_literal(pg_catalog.obj_description(i.indexrelid, 'pg_class')),
                   o.conname, pg_catalog.pg_get_constraintdef(o.oid),
                   pg_catalog.quote_literal(pg_catalog.obj_description(o.oid, 'pg_constraint'))
            from pg_catalog.pg_index i
            join pg_catalog.pg_class x on x.oid = i.indexrelid
            join pg_catalog.pg_class c on c.oid = i.indrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            left join pg_catalog.pg_constraint o on o.conindid = i.indexrelid and o.contype in ('p', 'u', 'x')
            where i.indrelid = any (?::bigint[]) and x.relkind = 'i'
              and not i.indisclustered and not i.indisreplident and i.indisvalid
              and x.reltablespace = 0 and not x.relispartition
              and not exists (select 1 from pg_catalog.pg_attribute a
                              where a.attrelid = i.indexrelid and coalesce(a.attstattarget, -1) <> -1)
              and not exists (select 1 from pg_catalog.pg_depend d
                              where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = i.indexrelid
                                and d.deptype in ('x', 'e'))
              and coalesce(o.coninhcount, 0) = 0
            order by o.oid is not null, o.oid, i.indexrelid
            """;

    private final List<SetAside> foreignKeys;
    private final List<SetAside> indexes;

    private Obstacles(List<SetAside> foreignKeys, List<SetAside> indexes) {
        this.foreignKeys = List.copyOf(foreignKeys);
        this.indexes = List.copyOf(indexes);
    }

    /**
     * Drops them, in one transaction of the session.
     *
     * @param connection a superuser's session in auto-commit mode
     */
    static Obstacles dropFrom(Connection connection, List<CatalogueTable> tables)
            throws SQLException, DatasetException {
        connection.setAutoCommit(false);
        try {
            Long[] oids = withFamilies(connection, tables);
            List<SetAside> foreignKeys = foreignKeys(connection, oids);
            for (SetAside key : foreignKeys) {
                execute(connection, key.drop());
            }
            List<SetAside> dropped = new ArrayList<>();
            for (SetAside index : indexes(connection, oids)) {
                if (dropUnlessNeeded(connection, index)) {
                    dropped.add(index);
                }
            }
            connection.commit();
            // Indexes were dropped before constraints; keys come back first, as a schema file would make them.
            Collections.reverse(dropped);
            return new Obstacles(foreignKeys, dropped);
        } catch (SQLException | DatasetException failed) {
            connection.rollback();
            throw failed;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** The tables, and what they are partitions of, and their partitions: their foreign keys are in the way as well. */
    private static Long[] withFamilies(Connection connection, List<CatalogueTable> tables) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FAMILIES)) {
            query.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", tables.stream().map(CatalogueTable::oid).toArray()));
            List<Long> oids = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    oids.add(row.getLong(1));
                }
            }
            return oids.toArray(Long[]::new);
        }
    }

    /** Indexes, unique and exclusion constraints of a table, in the order in which to make them. */
    List<SetAside> indexesOf(CatalogueTable table) {
        return indexes.stream().filter(index -> index.table() == table.oid()).toList();
    }

    /** All foreign keys, in the order in which to make them. */
    List<SetAside> foreignKeys() {
        return foreignKeys;
    }

    private static boolean dropUnlessNeeded(Connection connection, SetAside index) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            execute(connection, index.drop());
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException refused) {
            if (!DEPENDENT_OBJECTS_STILL_EXIST.equals(refused.getSQLState())) {
                throw refused;
            }
            connection.rollback(before);
            return false;
        }
    }

    private static List<SetAside> foreignKeys(Connection connection, Long[] tables)
            throws SQLException, DatasetException {
        List<SetAside> found = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(FOREIGN_KEYS)) {
            Array oids = connection.createArrayOf("bigint", tables);
            query.setArray(1, oids);
            query.setArray(2, oids);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    String table = Quoted.identifier(row.getString(2), row.getString(3));
                    String name = row.getString(4);
                    if (row.getBoolean(7)) {
                        throw new DatasetException(
                                "foreign key " + name + " of " + table
                                        + " has disabled triggers, which would be lost when"
                                        + " it is set aside for the load. Nothing was loaded; enable them in the schema"
                                        + " file",
                                new IllegalStateException(name));
                    }
                    found.add(constraint(
                            row.getLong(1),
                            table,
                            name,
                            row.getString(5),
                            Map.of(constraintNamed(table, name), text(row, 6))));
                }
            }
        }
        return found;
    }

    private static List<SetAside> indexes(Connection connection, Long[] tables) throws SQLException {
        List<SetAside> found = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(INDEXES)) {
            query.setArray(1, connection.createArrayOf("bigint", tables));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    long oid = row.getLong(1);
                    String schema = row.getString(2);
                    String table = Quoted.identifier(schema, row.getString(3));
                    String index = Quoted.identifier(schema, row.getString(4));
                    String constraint = row.getString(7);
                    Map<String, String> comments = Map.of("index " + index, text(row, 6));
                    if (constraint == null) {
                        List<String> restore = new ArrayList<>(List.of(row.getString(5)));
                        restore.addAll(comments(comments));
                        found.add(new SetAside(oid, row.getString(4), "drop index " + index, List.copyOf(restore)));
                    } else {
                        comments = Map.of(
                                "index " + index, text(row, 6), constraintNamed(table, constraint), text(row, 9));
                        found.add(constraint(oid, table, constraint, row.getString(8), comments));
                    }
                }
            }
        }
        return found;
    }

    private static SetAside constraint(
            long oid, String table, String name, String definition, Map<String, String> comments) {
        String quoted = Quoted.identifier(name);
        List<String> restore =
                new ArrayList<>(List.of("alter table " + table + " add constraint " + quoted + " " + definition));
        restore.addAll(comments(comments));
        return new SetAside(oid, name, "alter table " + table + " drop constraint " + quoted, List.copyOf(restore));
    }

    private static String constraintNamed(String table, String name) {
        return "constraint " + Quoted.identifier(name) + " on " + table;
    }

    /** By object, the comment as a literal; empty for none. */
    private static List<String> comments(Map<String, String> literals) {
        return literals.entrySet().stream()
                .filter(comment -> !comment.getValue().isEmpty())
                .map(comment -> "comment on " + comment.getKey() + " is " + comment.getValue())
                .toList();
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
