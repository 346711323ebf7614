package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads every table and index once, and looks what is in PostgreSQL's buffers then.
 *
 * <p>The extensions for it are made in a transaction that is rolled back, where they are not there already: the catalogue
 * stays the scenario's.
 */
final class CacheWarming {
    /** Heap, TOAST table, and the indexes of both; in this order, so that indexes stay when the buffers run out. */
    private static final String RELATIONS = """
            select c.oid from pg_catalog.pg_class c where c.oid = ?::bigint
            union all
            select c.reltoastrelid from pg_catalog.pg_class c where c.oid = ?::bigint and c.reltoastrelid <> 0
            union all
            select i.indexrelid
            from pg_catalog.pg_class c join pg_catalog.pg_index i on i.indrelid in (c.oid, c.reltoastrelid)
            where c.oid = ?::bigint and i.indisvalid
            """;

    private final PreparedDataset dataset;

    CacheWarming(PreparedDataset dataset) {
        this.dataset = dataset;
    }

    /** Reads everything: through {@code pg_prewarm}, or else by sequential scans, which leave indexes out. */
    CacheState.Method read(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try {
            String schema = extension(connection, "pg_prewarm");
            for (TablePlan table : dataset.tables()) {
                if (schema.isEmpty()) {
                    execute(connection, "select count(*) from " + table.sqlScope());
                } else {
                    for (long relation : relations(connection, table)) {
                        execute(
                                connection,
                                "select " + Quoted.identifier(schema, "pg_prewarm") + "(" + relation
                                        + "::pg_catalog.oid::pg_catalog.regclass, 'buffer')");
                    }
                }
            }
            return schema.isEmpty() ? CacheState.Method.SCANNED : CacheState.Method.PREWARMED;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** What the buffers hold; nothing is told when {@code pg_buffercache} is not there. */
    CacheState stateAfter(CacheState.Method method, Connection connection) throws SQLException {
        Map<String, Double> shares = new LinkedHashMap<>();
        double used = 0;
        connection.setAutoCommit(false);
        try {
            String schema = extension(connection, "pg_buffercache");
            if (!schema.isEmpty()) {
                for (TablePlan table : dataset.tables()) {
                    shares.put(table.name(), cachedShare(connection, schema, relations(connection, table)));
                }
                used = buffersUsed(connection, schema);
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        return new CacheState(method, shares, used);
    }

    private static double buffersUsed(Connection connection, String schema) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(relfilenode)::float8 / count(*) from "
                        + Quoted.identifier(schema, "pg_buffercache"))) {
            row.next();
            return row.getDouble(1);
        }
    }

    private static double cachedShare(Connection connection, String schema, List<Long> relations) throws SQLException {
        String sql = """
                select count(b.bufferid), (select sum(pg_catalog.pg_relation_size(r) / current_setting('block_size')::int)
                                           from unnest(?::bigint[]::pg_catalog.oid[]) r)
                from %s b
                where b.reldatabase = (select oid from pg_catalog.pg_database where datname = current_database())
                  and b.relforknumber = 0
                  and b.relfilenode in (select pg_catalog.pg_relation_filenode(r)
                                        from unnest(?::bigint[]::pg_catalog.oid[]) r)
                """.formatted(Quoted.identifier(schema, "pg_buffercache"));
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setArray(1, connection.createArrayOf("bigint", relations.toArray()));
            query.setArray(2, connection.createArrayOf("bigint", relations.toArray()));
            try (ResultSet row = query.executeQuery()) {
                row.next();
                long blocks = row.getLong(2);
                return blocks == 0 ? 1 : (double) row.getLong(1) / blocks;
            }
        }
    }

    private static List<Long> relations(Connection connection, TablePlan table) throws SQLException {
        List<Long> relations = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(RELATIONS)) {
            for (CatalogueTable leaf : table.leaves()) {
                for (int parameter = 1; parameter <= 3; parameter++) {
                    query.setLong(parameter, leaf.oid());
                }
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        relations.add(row.getLong(1));
                    }
                }
            }
        }
        return relations;
    }

    /** The schema of an extension, made when it can be; empty when the server does not have it. */
    private static String extension(Connection connection, String name) throws SQLException {
        try (PreparedStatement available =
                connection.prepareStatement("select 1 from pg_catalog.pg_available_extensions where name = ?")) {
            available.setString(1, name);
            try (ResultSet row = available.executeQuery()) {
                if (!row.next()) {
                    return "";
                }
            }
        }
        execute(connection, "create extension if not exists " + Quoted.identifier(name));
        try (PreparedStatement query = connection.prepareStatement("select n.nspname from pg_catalog.pg_extension e"
                + " join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
