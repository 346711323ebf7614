package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.KeysWanted;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.MigrationSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.Variant;
import dev.pgrehearse.scenario.WorkloadSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A variant whose tables have those columns alone that some indexes or a foreign key need, and whose migration builds or checks
 * these. Their values are those of the variant itself.
 *
 * @param variant with its schema and its migration in files
 * @param columns those that each table keeps, by table
 */
record KeysVariant(Variant variant, Map<String, Set<String>> columns) {
    private static final String SET = "SET ";

    /** Names as recordings have them: without the schema when it is {@code public}. */
    private static final String TAKING_AWAY = """

            ;
            -- What the indexes do not need is taken away.
            DO $keys_alone$
            DECLARE
                one record;
            BEGIN
                CREATE TEMPORARY VIEW pg_temp.own AS
                    SELECT c.oid, c.relkind,
                           CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name
                      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid AND c.relkind = 'r')
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');
                FOR one IN SELECT oid, oid::regclass AS named FROM pg_temp.own WHERE name NOT IN ({tables}) LOOP
                    CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = one.oid);
                    EXECUTE pg_catalog.format('DROP TABLE IF EXISTS %s CASCADE', one.named);
                END LOOP;
                FOR one IN SELECT i.indexrelid::regclass AS named
                             FROM pg_catalog.pg_index i JOIN pg_temp.own ON own.oid = i.indrelid
                            WHERE NOT i.indisunique AND {builds}
                              AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid) LOOP
                    EXECUTE pg_catalog.format('DROP INDEX %s', one.named);
                END LOOP;
                FOR one IN SELECT own.oid::regclass AS named, a.attname
                             FROM pg_temp.own JOIN pg_catalog.pg_attribute a ON a.attrelid = own.oid
                            WHERE own.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount = 0
                              AND (own.name, a.attname) NOT IN ({columns}) LOOP
                    EXECUTE pg_catalog.format('ALTER TABLE %s DROP COLUMN IF EXISTS %I CASCADE', one.named, one.attname);
                END LOOP;
                DROP VIEW pg_temp.own;
            END
            $keys_alone$;
            """;

    /** As dense as the share says of what it would be: then a table has as many pages as with all of its columns. */
    private static final String SPREAD = """

            -- Of that table a page holds less, as with the columns that were taken away.
            DO $spread$
            DECLARE
                one record;
            BEGIN
                FOR one IN SELECT c.oid::regclass AS named,
                                  coalesce((SELECT o.option_value::integer FROM pg_catalog.pg_options_to_table(c.reloptions) o
                                             WHERE o.option_name = 'fillfactor'), 100) AS declared
                             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                            WHERE c.relkind = 'r'
                              AND CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname = {table} LOOP
                    EXECUTE pg_catalog.format('ALTER TABLE %s SET (fillfactor = %s)', one.named,
                                              greatest(10, pg_catalog.round(one.declared * {share})));
                END LOOP;
            END
            $spread$;
            """;

    /**
     * That of what is wanted.
     *
     * @param variant whose data are generated, and not like a profile's
     * @param folder gets its schema and its migration
     */
    static KeysVariant of(Variant variant, KeysWanted wanted, Path folder) throws IOException {
        return of(variant, wanted, Map.of(), folder);
    }

    /**
     * The same, whose tables have as many pages as they would have with all of their columns: a plan hangs on that.
     *
     * @param shares by table, of the bytes that a row takes there those that it takes here; up to ten times as many pages can be had
     */
    static KeysVariant of(Variant variant, KeysWanted wanted, Map<String, Double> shares, Path folder)
            throws IOException {
        Conditions conditions = variant.conditions();
        DatasetSpec dataset = conditions.dataset();
        Map<String, Set<String>> columns = columns(dataset, wanted);
        Path schema = Files.writeString(
                folder.resolve("schema.sql"),
                Files.readString(dataset.schema()) + takingAway(columns, wanted.indexes() > 0) + spread(shares));
        Path migration = Files.writeString(folder.resolve("migration.sql"), migration(wanted));
        Conditions alone = new Conditions(
                conditions.server(),
                null,
                new DatasetSpec(
                        schema.toAbsolutePath(),
                        kept(dataset.tables(), columns),
                        dataset.sizes(),
                        dataset.defaultSize(),
                        dataset.cache()),
                conditions.app(),
                new WorkloadSpec(
                        conditions.workload().traffic(), conditions.workload().arrivals(), List.of()),
                conditions.phases(),
                List.of(),
                null,
                conditions.limits());
        MigrationSpec builds =
                MigrationSpec.ofScripts(List.of(migration.toAbsolutePath()), null, null, MigrationSpec.Retries.NONE);
        return new KeysVariant(
                new Variant(variant.name(), builds, Expectation.GO, Map.of(), Map.of(), List.of(wanted.table()), alone),
                columns);
    }

    /** Of all tables' rows those of the tables that it has. */
    Map<String, Long> rows(Map<String, Long> all) {
        Map<String, Long> rows = new LinkedHashMap<>(all);
        rows.keySet().retainAll(columns.keySet());
        return rows;
    }

    /** The same on a server with other settings. */
    KeysVariant with(Map<String, String> settings) {
        return new KeysVariant(variant.with(settings), columns);
    }

    /** What was wanted took together in a run; its other statements set what the variant's own script sets. */
    static double seconds(Recording recording) {
        return Estimator.statements(recording).stream()
                .filter(statement -> !statement.sql().startsWith(SET))
                .mapToDouble(Estimator::seconds)
                .sum();
    }

    /** Which tables of the wanted foreign key its statements read from end to end: whether their plan was the same. */
    static Set<String> read(KeysWanted wanted, Stream<Recording.Statement> statements) {
        Set<String> both = wanted.references().stream()
                .filter(reference -> reference.table().equals(wanted.table())
                        && wanted.columns().equals(reference.columns()))
                .flatMap(reference -> Stream.of(reference.table(), reference.parent()))
                .collect(Collectors.toSet());
        return statements
                .flatMap(statement -> statement.scanned().stream())
                .filter(both::contains)
                .collect(Collectors.toSet());
    }

    /**
     * What is wanted needs, and whatever the values of that hang on: what is filled together with them, and keys that they refer to, by a
     * foreign key or since the scenario says so.
     */
    private static Map<String, Set<String>> columns(DatasetSpec dataset, KeysWanted wanted) {
        Map<String, Set<String>> columns = new TreeMap<>();
        columns.put(wanted.table(), new TreeSet<>(wanted.columns()));
        boolean more = true;
        while (more) {
            more = false;
            for (SizeFacts.ColumnGroup group : wanted.groups()) {
                more |= keeps(columns, group.table(), group.columns()) && keep(columns, group.table(), group.columns());
            }
            for (SizeFacts.Reference reference : wanted.references()) {
                if (keeps(columns, reference.table(), reference.columns())) {
                    more |= keep(columns, reference.table(), reference.columns());
                    more |= keep(columns, reference.parent(), reference.parentColumns());
                }
            }
            for (Map.Entry<String, Set<String>> table : List.copyOf(columns.entrySet())) {
                for (ValueSpec.Reference reference : references(dataset, table.getKey(), table.getValue())) {
                    more |= keep(columns, reference.table(), Set.of(reference.column()));
                }
            }
        }
        return columns;
    }

    private static boolean keeps(Map<String, Set<String>> columns, String table, Set<String> some) {
        return !Collections.disjoint(columns.getOrDefault(table, Set.of()), some);
    }

    /** Whether that is new. */
    private static boolean keep(Map<String, Set<String>> columns, String table, Set<String> some) {
        return columns.computeIfAbsent(table, absent -> new TreeSet<>()).addAll(some);
    }

    private static List<ValueSpec.Reference> references(DatasetSpec dataset, String table, Set<String> columns) {
        TableSpec spec = dataset.tables().get(table);
        return spec == null
                ? List.of()
                : spec.columns().entrySet().stream()
                        .filter(column -> columns.contains(column.getKey()))
                        .map(column -> column.getValue().source())
                        .filter(ValueSpec.Reference.class::isInstance)
                        .map(ValueSpec.Reference.class::cast)
                        .toList();
    }

    private static Map<String, TableSpec> kept(Map<String, TableSpec> tables, Map<String, Set<String>> columns) {
        Map<String, TableSpec> kept = new LinkedHashMap<>();
        tables.forEach((table, spec) -> {
            if (columns.containsKey(table)) {
                Map<String, ValueSpec> values = new LinkedHashMap<>(spec.columns());
                values.keySet().retainAll(columns.get(table));
                kept.put(table, new TableSpec(values));
            }
        });
        return kept;
    }

    /** A check may read an index instead of its table: what is left of those stays, as it is there for the whole. */
    private static String takingAway(Map<String, Set<String>> columns, boolean builds) {
        String tables = columns.keySet().stream().map(KeysVariant::literal).collect(Collectors.joining(", "));
        String pairs = columns.entrySet().stream()
                .flatMap(table -> table.getValue().stream()
                        .map(column -> "(" + literal(table.getKey()) + ", " + literal(column) + ")"))
                .collect(Collectors.joining(", "));
        return TAKING_AWAY
                .replace("{tables}", tables)
                .replace("{columns}", pairs)
                .replace("{builds}", String.valueOf(builds));
    }

    private static String spread(Map<String, Double> shares) {
        return new TreeMap<>(shares)
                .entrySet().stream()
                        .map(table -> SPREAD.replace("{table}", literal(table.getKey()))
                                .replace("{share}", String.format(Locale.ROOT, "%.4f", table.getValue())))
                        .collect(Collectors.joining());
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String migration(KeysWanted wanted) {
        StringBuilder script = new StringBuilder();
        wanted.settings()
                .forEach((name, value) -> script.append(SET)
                        .append(name)
                        .append(" = ")
                        .append(name.endsWith("_mem") ? "'" + Math.round(value / 1024) + "kB'" : String.valueOf(value))
                        .append(";\n"));
        wanted.works().forEach(work -> script.append(work.sql()).append(";\n"));
        return script.toString();
    }
}
