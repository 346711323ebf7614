package dev.pgrehearse.observe;

import static org.jooq.impl.DSL.condition;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.not;
import static org.jooq.impl.DSL.table;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import java.sql.Connection;
import java.util.List;
import java.util.TreeSet;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * What a migration leaves behind in the catalogue: indexes that are INVALID, constraints that are NOT VALID, the
 * {@code _ccnew} and {@code _ccold} of a REINDEX CONCURRENTLY. Reads {@code pg_index}, {@code pg_class} and
 * {@code pg_constraint} only, which does not wait for locks on the tables.
 */
final class LeftoversProbe {
    /**
     * Neither of a partitioned table, nor attached to such a one, nor what a constraint stands on; and not in a schema that
     * no role but a superuser may name.
     */
    private static final Field<Boolean> DROPPABLE = field(
            "(ic.relkind = 'i' AND NOT ic.relispartition AND n.nspname <> 'pg_toast'"
                    + " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = ic.oid))",
            SQLDataType.BOOLEAN);

    private final DSLContext catalogue;
    private final FactSink facts;
    private Recording.Leftovers before = Recording.Leftovers.NONE;

    LeftoversProbe(Connection connection, FactSink facts) {
        this.catalogue = DSL.using(connection, SQLDialect.POSTGRES);
        this.facts = facts;
    }

    /**
     * Reads what is there already.
     *
     * @throws org.jooq.exception.DataAccessException when the catalogue cannot be read
     */
    void prepare() {
        before = read();
    }

    /**
     * Writes what is there now and was not there before.
     *
     * @throws org.jooq.exception.DataAccessException when the catalogue cannot be read
     */
    void finish() {
        facts.add(new Fact.LeftBehind(addedIn(read())));
    }

    /**
     * What is there now and was not there before.
     *
     * @throws org.jooq.exception.DataAccessException when the catalogue cannot be read
     */
    LeftBehind now() {
        Recording.Leftovers added = addedIn(read());
        List<Index> invalid = invalid().stream()
                .filter(index -> added.invalidIndexes().contains(index.name()))
                .toList();
        return new LeftBehind(
                added,
                invalid.stream()
                        .filter(Index::droppable)
                        .map(index -> Quoted.identifier(index.schema(), index.relation()))
                        .toList(),
                invalid.stream()
                        .filter(index -> !index.droppable())
                        .map(Index::name)
                        .toList());
    }

    private Recording.Leftovers addedIn(Recording.Leftovers now) {
        return new Recording.Leftovers(
                added(before.invalidIndexes(), now.invalidIndexes()),
                added(before.notValidConstraints(), now.notValidConstraints()),
                added(before.other(), now.other()));
    }

    /**
     * An index by the parts of its name.
     *
     * @param droppable whether DROP INDEX CONCURRENTLY takes it
     */
    private record Index(String schema, String relation, boolean droppable) {
        String name() {
            return RelationName.of(schema, relation);
        }
    }

    private static List<String> added(List<String> before, List<String> now) {
        return now.stream().filter(name -> !before.contains(name)).toList();
    }

    private Recording.Leftovers read() {
        List<String> invalid = invalid().stream().map(Index::name).toList();
        TreeSet<String> rebuilt = new TreeSet<>(indexes(text("ic", "relname").likeRegex("_cc(new|old)[0-9]*$")).stream()
                .map(Index::name)
                .toList());
        invalid.forEach(rebuilt::remove);
        return new Recording.Leftovers(invalid, notValidConstraints(), List.copyOf(rebuilt));
    }

    private List<Index> invalid() {
        return indexes(not(flag("indisvalid").and(flag("indisready")).and(flag("indislive"))));
    }

    private List<Index> indexes(Condition which) {
        return catalogue
                .select(text("n", "nspname"), text("ic", "relname"), DROPPABLE)
                .from(catalogueTable("pg_index", "i"))
                .join(catalogueTable("pg_class", "ic"))
                .on(oid("ic", "oid").eq(oid("i", "indexrelid")))
                .join(catalogueTable("pg_namespace", "n"))
                .on(oid("n", "oid").eq(oid("ic", "relnamespace")))
                .where(which)
                .orderBy(text("n", "nspname"), text("ic", "relname"))
                .fetch(row -> new Index(row.value1(), row.value2(), row.value3()));
    }

    /** Named with their table: a constraint's name is unique in it only. */
    private List<String> notValidConstraints() {
        return catalogue
                .select(text("n", "nspname"), text("t", "relname"), text("c", "conname"))
                .from(catalogueTable("pg_constraint", "c"))
                .join(catalogueTable("pg_class", "t"))
                .on(oid("t", "oid").eq(oid("c", "conrelid")))
                .join(catalogueTable("pg_namespace", "n"))
                .on(oid("n", "oid").eq(oid("t", "relnamespace")))
                .where(not(condition(field(name("c", "convalidated"), SQLDataType.BOOLEAN))))
                .orderBy(text("n", "nspname"), text("t", "relname"), text("c", "conname"))
                .fetch(row -> row.value3() + " on " + RelationName.of(row.value1(), row.value2()));
    }

    private static Table<?> catalogueTable(String catalogueName, String alias) {
        return table(name("pg_catalog", catalogueName)).as(name(alias));
    }

    private static Condition flag(String column) {
        return condition(field(name("i", column), SQLDataType.BOOLEAN));
    }

    private static Field<String> text(String alias, String column) {
        return field(name(alias, column), SQLDataType.VARCHAR);
    }

    private static Field<Long> oid(String alias, String column) {
        return field(name(alias, column), SQLDataType.BIGINT);
    }
}
