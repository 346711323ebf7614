package dev.pgrehearse.dataset;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.not;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Reads {@link Catalogue} from {@code pg_catalog}.
 *
 * <p>Source: PostgreSQL documentation, "System Catalogs"; every column used exists in 13 to 18.
 */
final class CatalogueReader {
    private static final Table<Record> CLASS = catalogue("pg_class", "c");
    private static final Table<Record> NAMESPACE = catalogue("pg_namespace", "n");
    private static final Table<Record> ATTRIBUTE = catalogue("pg_attribute", "a");
    private static final Table<Record> INDEX = catalogue("pg_index", "i");
    private static final Table<Record> CONSTRAINT = catalogue("pg_constraint", "o");
    private static final Table<Record> TRIGGER = catalogue("pg_trigger", "t");

    private static final Table<Record> DEFAULT = catalogue("pg_attrdef", "d");

    /** As {@code pg_get_expr} prints the functions that tell the time. */
    private static final String TIME_OF_DAY =
            "(?i)\\m(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|current_date|current_time"
                    + "|current_timestamp|localtime|localtimestamp)\\M";

    private final DSLContext sql;

    /** Reads through a session whose search path is the application's. */
    CatalogueReader(Connection connection) {
        this.sql = DSL.using(connection, SQLDialect.POSTGRES);
    }

    Catalogue read() {
        return new Catalogue(tables(), foreignKeys(), uniqueKeys());
    }

    private List<CatalogueTable> tables() {
        Map<Long, CatalogueTable> heads = new LinkedHashMap<>();
        Map<Long, List<CatalogueColumn>> columns = new LinkedHashMap<>();
        Field<String> kind = column("c", "relkind", String.class);
        Field<Boolean> visible = DSL.function(name("pg_table_is_visible"), Boolean.class, oid("c", "oid"));
        Field<Boolean> triggered = field(DSL.exists(select(inline(1))
                .from(TRIGGER)
                .where(oid("t", "tgrelid").eq(oid("c", "oid")))
                .and(not(column("t", "tgisinternal", Boolean.class)))));
        sql.select(
                        oid("c", "oid"),
                        column("n", "nspname", String.class),
                        column("c", "relname", String.class),
                        kind,
                        visible,
                        triggered)
                .from(CLASS)
                .join(NAMESPACE)
                .on(oid("n", "oid").eq(oid("c", "relnamespace")))
                .where(kind.in(inline("r"), inline("p"), inline("v"), inline("m"), inline("f")))
                .and(madeByUsers())
                .orderBy(oid("c", "oid"))
                .forEach(row -> {
                    List<CatalogueColumn> own = new ArrayList<>();
                    columns.put(row.value1(), own);
                    heads.put(
                            row.value1(),
                            new CatalogueTable(
                                    row.value1(),
                                    row.value2(),
                                    row.value3(),
                                    row.value4(),
                                    row.value5(),
                                    own,
                                    row.value6()));
                });
        readColumns(columns);
        return heads.values().stream()
                .map(head -> new CatalogueTable(
                        head.oid(),
                        head.schema(),
                        head.name(),
                        head.kind(),
                        head.visible(),
                        List.copyOf(head.columns()),
                        head.userTriggers()))
                .toList();
    }

    /** By table's OID, the numbers of the columns whose default is the time of day in some form. */
    Map<Long, Set<Integer>> filledWithTheTime() {
        Field<String> expression =
                DSL.function(name("pg_get_expr"), String.class, field(name("d", "adbin")), oid("d", "adrelid"));
        Map<Long, Set<Integer>> columns = new HashMap<>();
        sql.select(oid("d", "adrelid"), column("d", "adnum", Integer.class))
                .from(DEFAULT)
                .where(expression.likeRegex(TIME_OF_DAY))
                .forEach(row -> columns.computeIfAbsent(row.value1(), table -> new HashSet<>())
                        .add(row.value2()));
        return columns;
    }

    private void readColumns(Map<Long, List<CatalogueColumn>> columns) {
        Field<String> type = DSL.function(
                name("format_type"), String.class, oid("a", "atttypid"), column("a", "atttypmod", Integer.class));
        Field<String> identity = column("a", "attidentity", String.class);
        sql.select(
                        oid("a", "attrelid"),
                        column("a", "attnum", Integer.class),
                        column("a", "attname", String.class),
                        type,
                        column("a", "attnotnull", Boolean.class),
                        column("a", "atthasdef", Boolean.class),
                        identity,
                        column("a", "attgenerated", String.class))
                .from(ATTRIBUTE)
                .where(column("a", "attnum", Integer.class).gt(inline(0)))
                .and(not(column("a", "attisdropped", Boolean.class)))
                .orderBy(oid("a", "attrelid"), column("a", "attnum", Integer.class))
                .forEach(row -> {
                    List<CatalogueColumn> own = columns.get(row.value1());
                    if (own != null) {
                        boolean generated = !row.value8().isEmpty();
                        own.add(new CatalogueColumn(
                                row.value2(),
                                row.value3(),
                                row.value4(),
                                row.value5(),
                                (row.value6() && !generated) || !row.value7().isEmpty(),
                                generated));
                    }
                });
    }

    private List<ForeignKey> foreignKeys() {
        return sql.select(
                        column("o", "conname", String.class),
                        oid("o", "conrelid"),
                        text("o", "conkey"),
                        oid("o", "confrelid"),
                        text("o", "confkey"))
                .from(CONSTRAINT)
                .where(column("o", "contype", String.class).eq(inline("f")))
                .orderBy(oid("o", "oid"))
                .fetch(row -> new ForeignKey(
                        row.value1(), row.value2(), numbers(row.value3()), row.value4(), numbers(row.value5())));
    }

    private List<UniqueKey> uniqueKeys() {
        return sql.select(
                        column("c", "relname", String.class),
                        oid("i", "indrelid"),
                        text("i", "indkey"),
                        column("i", "indnkeyatts", Integer.class),
                        column("i", "indisprimary", Boolean.class),
                        field(column("i", "indpred", Object.class).isNotNull()))
                .from(INDEX)
                .join(CLASS)
                .on(oid("c", "oid").eq(oid("i", "indexrelid")))
                .join(NAMESPACE)
                .on(oid("n", "oid").eq(oid("c", "relnamespace")))
                .where(column("i", "indisunique", Boolean.class))
                .and(column("i", "indexprs", Object.class).isNull())
                .and(madeByUsers())
                .orderBy(oid("i", "indexrelid"))
                .fetch(row -> new UniqueKey(
                        row.value1(),
                        row.value2(),
                        numbers(row.value3()).subList(0, row.value4()),
                        row.value5(),
                        row.value6()));
    }

    /** Whether a table has a row, outside of what its statistics say. */
    boolean hasRows(CatalogueTable table) {
        return sql.fetchCount(sql.select(inline(1))
                        .from(table(name(table.schema(), table.name())))
                        .limit(1))
                > 0;
    }

    private static Condition madeByUsers() {
        Field<String> schema = column("n", "nspname", String.class);
        return not(schema.startsWith(inline("pg_"))).and(schema.ne(inline("information_schema")));
    }

    /** The numbers in the text of an {@code int2vector} ({@code 1 2}) or an array ({@code {1,2}}). */
    private static List<Integer> numbers(String text) {
        return Arrays.stream(text.replaceAll("[{}]", "").split("[ ,]", -1))
                .map(Integer::valueOf)
                .toList();
    }

    private static Table<Record> catalogue(String relation, String alias) {
        return table(name("pg_catalog", relation)).as(alias);
    }

    private static Field<Long> oid(String alias, String column) {
        return column(alias, column, Long.class);
    }

    private static Field<String> text(String alias, String column) {
        return field(name(alias, column)).cast(SQLDataType.VARCHAR);
    }

    private static <T> Field<T> column(String alias, String column, Class<T> type) {
        Name qualified = name(alias, column);
        return field(qualified, type);
    }
}
