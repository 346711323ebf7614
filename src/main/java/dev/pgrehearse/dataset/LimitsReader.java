package dev.pgrehearse.dataset;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/**
 * Reads what CHECKs of tables and domains and the bounds of partitions allow, from {@code pg_catalog}. Not thread-safe,
 * as its session is not.
 *
 * <p>Source: PostgreSQL documentation, "System Catalogs", 13 to 18.
 */
final class LimitsReader {
    /** NOT ENFORCED is of PostgreSQL 18; a catalogue without the column has none. */
    private static final String CHECKS = """
            SELECT o.conname, pg_get_expr(o.conbin, o.conrelid)
            FROM pg_catalog.pg_constraint o
            WHERE o.conrelid = {0} AND o.contype = 'c'
              AND coalesce((to_jsonb(o) ->> 'conenforced')::boolean, true)
            ORDER BY o.conname""";

    /** Of a column's type, the domain under it, and so on. */
    private static final String DOMAINS = """
            WITH RECURSIVE types AS (
              SELECT a.attname, t.oid, t.typtype, t.typbasetype, t.typnotnull
              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
              WHERE a.attrelid = {0} AND a.attnum > 0 AND NOT a.attisdropped
              UNION ALL
              SELECT d.attname, t.oid, t.typtype, t.typbasetype, t.typnotnull
              FROM types d JOIN pg_catalog.pg_type t ON t.oid = d.typbasetype
              WHERE d.typtype = 'd')
            SELECT d.attname, o.conname, pg_get_expr(o.conbin, 0), d.typnotnull
            FROM types d LEFT JOIN pg_catalog.pg_constraint o ON o.contypid = d.oid AND o.contype = 'c'
            WHERE d.typtype = 'd'
            ORDER BY d.attname, o.conname""";

    /** Of the table itself and of all the partitions that it is in. */
    private static final String PARTITIONS = """
            WITH RECURSIVE ancestors AS (
              SELECT c.oid, c.relname, c.relpartbound, i.inhparent
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
              WHERE c.oid = {0} AND c.relispartition
              UNION ALL
              SELECT c.oid, c.relname, c.relpartbound, i.inhparent
              FROM ancestors a JOIN pg_catalog.pg_class c ON c.oid = a.inhparent
              JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
              WHERE c.relispartition)
            SELECT relname, pg_get_partkeydef(inhparent), pg_get_expr(relpartbound, oid),
              pg_get_partition_constraintdef(oid)
            FROM ancestors""";

    private static final Pattern OWN_CAST = Pattern.compile("\\(VALUE\\)::[a-z]+(?: [a-z]+)*(?:\\([0-9, ]+\\))?");

    private final DSLContext sql;

    LimitsReader(Connection connection) {
        this.sql = DSL.using(connection, SQLDialect.POSTGRES);
    }

    /** Those of the table with that OID, whether it holds rows itself or is partitioned. */
    TableLimits of(long table) {
        Map<String, ColumnLimits> columns = new LinkedHashMap<>();
        List<TableLimits.Pair> pairs = new ArrayList<>();
        List<TableLimits.Unread> unread = new ArrayList<>();
        for (Record check : rows(CHECKS, table)) {
            String expression = check.get(1, String.class);
            CheckReading reading = CheckReading.of(expression);
            reading.columns().forEach((column, limits) -> merge(columns, column, limits));
            pairs.addAll(reading.pairs());
            if (!reading.complete()) {
                unread.add(new TableLimits.Unread(check.get(0, String.class), expression));
            }
        }
        for (Record domain : rows(DOMAINS, table)) {
            String column = domain.get(0, String.class);
            if (domain.get(3, Boolean.class)) {
                merge(columns, column, ColumnLimits.required());
            }
            String expression = domain.get(2, String.class);
            if (expression != null) {
                // What a domain over a domain is cast to is the type of its values.
                CheckReading reading =
                        CheckReading.of(OWN_CAST.matcher(expression).replaceAll("VALUE"));
                reading.columns().forEach((value, limits) -> merge(columns, column, limits));
                if (!reading.complete() || !reading.pairs().isEmpty()) {
                    unread.add(new TableLimits.Unread(column + ": " + domain.get(1, String.class), expression));
                }
            }
        }
        for (Record partition : rows(PARTITIONS, table)) {
            PartitionReading reading =
                    PartitionReading.of(partition.get(1, String.class), partition.get(2, String.class));
            reading.columns().forEach((column, limits) -> merge(columns, column, limits));
            if (!reading.complete()) {
                unread.add(new TableLimits.Unread(
                        "partition " + partition.get(0, String.class), partition.get(3, String.class)));
            }
        }
        return new TableLimits(columns, pairs, unread);
    }

    private Result<Record> rows(String query, long table) {
        return sql.fetch(query, DSL.inline(table));
    }

    private static void merge(Map<String, ColumnLimits> columns, String column, ColumnLimits more) {
        columns.merge(column, more, (one, other) -> one.and(other, ValueOrder.INSTANCE));
    }
}
