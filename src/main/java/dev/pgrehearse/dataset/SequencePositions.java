package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Sets sequences past the values that the load put into their columns, so that the next row's number is free. */
final class SequencePositions {
    /** A partition's own columns, and those of what it is a partition of, which may have the sequence. */
    private static final String SEQUENCES = """
            select distinct n.nspname, c.relname, s.seqincrement > 0
            from pg_catalog.pg_sequence s
            join pg_catalog.pg_class c on c.oid = s.seqrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            cross join (select attrelid, attnum from pg_catalog.pg_attribute
                        where attname = ? and attrelid in (select ?::bigint::oid
                                                           union select relid
                                                           from pg_catalog.pg_partition_ancestors(?::bigint::oid))) a
            where exists (select 1 from pg_catalog.pg_depend d
                          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.seqrelid
                            and d.refclassid = 'pg_catalog.pg_class'::regclass
                            and d.refobjid = a.attrelid and d.refobjsubid = a.attnum and d.deptype in ('a', 'i'))
               or exists (select 1 from pg_catalog.pg_attrdef f
                          join pg_catalog.pg_depend d
                            on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = f.oid
                          where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = s.seqrelid
                            and f.adrelid = a.attrelid and f.adnum = a.attnum)
            """;

    private record Sequence(String sqlName, boolean ascending) {}

    private SequencePositions() {}

    /** For every integer column that was filled, each sequence that it owns or that its default draws from. */
    static void advance(Connection connection, TablePlan table) throws SQLException {
        for (ColumnPlan column : table.columns()) {
            if (column.column().isInteger()) {
                for (Sequence sequence : sequences(connection, table, column)) {
                    advance(connection, table, column, sequence);
                }
            }
        }
    }

    private static List<Sequence> sequences(Connection connection, TablePlan table, ColumnPlan column)
            throws SQLException {
        List<Sequence> found = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(SEQUENCES)) {
            query.setString(1, column.name());
            query.setLong(2, table.table().oid());
            query.setLong(3, table.table().oid());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    found.add(new Sequence(Quoted.identifier(row.getString(1), row.getString(2)), row.getBoolean(3)));
                }
            }
        }
        return found;
    }

    /** Never back: several columns may draw from one sequence. */
    private static void advance(Connection connection, TablePlan table, ColumnPlan column, Sequence sequence)
            throws SQLException {
        String furthest = sequence.ascending() ? "max" : "min";
        String beyond = sequence.ascending() ? ">=" : "<=";
        String sql = """
                select pg_catalog.setval(%s::pg_catalog.regclass, loaded.furthest)
                from (select %s(%s)::bigint as furthest from %s) loaded, %s position
                where loaded.furthest %s position.last_value
                """.formatted(
                        Quoted.literal(sequence.sqlName()),
                        furthest,
                        Quoted.identifier(column.name()),
                        table.sqlScope(),
                        sequence.sqlName(),
                        beyond);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
