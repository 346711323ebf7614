package dev.pgrehearse.dataset;

import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.Dictionaries;
import dev.pgrehearse.values.DistinctDraw;
import dev.pgrehearse.values.ValueGenerators;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds what the scenario says against the schema, and makes the plan or lists every mistake. Used once. */
final class DatasetPlanner {
    private record Sized(CatalogueTable table, String name, long rows) {}

    private final Catalogue catalogue;
    private final Set<Long> filledBySchema;
    private final DatasetSpec spec;
    private final long seed;
    private final List<DatasetMistake> mistakes = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();

    /**
     * @param catalogue the schema
     * @param filledBySchema OIDs of the tables outside the size that have rows, from the schema file
     * @param spec what the scenario says
     * @param seed what all values come from
     */
    DatasetPlanner(Catalogue catalogue, Set<Long> filledBySchema, DatasetSpec spec, long seed) {
        this.catalogue = catalogue;
        this.filledBySchema = Set.copyOf(filledBySchema);
        this.spec = spec;
        this.seed = seed;
    }

    /**
     * The plan.
     *
     * @param rows by table, as the scenario's size has them
     */
    PreparedDataset plan(Map<String, Long> rows) throws DatasetMistakes {
        List<Sized> sized = sizedTables(rows);
        Map<Long, Map<String, ValueSpec>> specified = SpecifiedColumns.of(catalogue, spec, mistakes::add);
        GeneratedKeys keys = new GeneratedKeys(catalogue);
        Dictionaries dictionaries = new Dictionaries(seed);
        ValueGenerators generators = new ValueGenerators(seed, keys, dictionaries);
        keys.use(generators);
        sized.forEach(table -> keys.addTable(table.table(), table.rows()));

        Map<Sized, Map<CatalogueColumn, ValueSpec>> sources = new LinkedHashMap<>();
        ColumnSources columnSources = new ColumnSources(catalogue, mistakes::add);
        for (Sized table : sized) {
            Map<CatalogueColumn, ValueSpec> columns = columnSources.of(
                    table.table(), specified.getOrDefault(table.table().oid(), Map.of()));
            sources.put(table, columns);
            keys.addSources(table.table(), columns);
            checkForeignKeys(table, columns, keys);
        }
        UniqueDraws uniqueDraws = new UniqueDraws(seed, catalogue, generators, mistakes::add, notices::add);
        sources.forEach((table, columns) -> keys.addDraws(table.table(), draws(uniqueDraws, table, columns)));

        List<TablePlan> plans = new ArrayList<>();
        sources.forEach((table, columns) -> plans.add(tablePlan(table, columns, keys)));
        if (!mistakes.isEmpty()) {
            throw new DatasetMistakes(mistakes.stream().distinct().toList());
        }
        sources.forEach((table, columns) -> noticeSmallDictionaries(table, columns, dictionaries));
        return new PreparedDataset(plans, keys, notices);
    }

    private List<Sized> sizedTables(Map<String, Long> rows) {
        Map<Long, Sized> sized = new LinkedHashMap<>();
        rows.forEach((name, count) -> {
            CatalogueTable table = catalogue.find(name);
            if (table == null) {
                mistake(name, "no such table in the schema", "one that exists: " + catalogue.nearestTable(name));
            } else if (!table.isPlain()) {
                mistake(name, table.kindInWords() + ", which cannot be filled directly", "a plain table");
            } else if (count < 0) {
                mistake(name, count + " rows", "0 rows or more");
            } else if (sized.containsKey(table.oid())) {
                mistake(name, "the same table twice in one size", "each table once");
            } else if (count > 0) {
                sized.put(table.oid(), new Sized(table, name, count));
                if (table.userTriggers()) {
                    notices.add(table.displayName() + ": its triggers do not fire while it is loaded");
                }
            }
        });
        return List.copyOf(sized.values());
    }

    private void checkForeignKeys(Sized table, Map<CatalogueColumn, ValueSpec> columns, GeneratedKeys keys) {
        for (ForeignKey key : catalogue.foreignKeysOf(table.table())) {
            CatalogueTable parent = catalogue.table(key.parent());
            List<CatalogueColumn> own =
                    key.columns().stream().map(table.table()::column).toList();
            boolean mayHold = own.stream()
                    .map(columns::get)
                    .allMatch(columnSpec -> columnSpec != null && columnSpec.nullShare() < 1);
            if (mayHold && keys.rows(parent.displayName()) == 0 && !filledBySchema.contains(parent.oid())) {
                mistakes.add(new DatasetMistake(
                        table.name(),
                        String.join(
                                ", ", own.stream().map(CatalogueColumn::name).toList()),
                        "refers to '" + parent.displayName() + "' (" + key.name() + "), which has no rows",
                        "rows for '" + parent.displayName() + "' in the size"));
            }
        }
    }

    private Map<CatalogueColumn, DistinctDraw> draws(
            UniqueDraws uniqueDraws, Sized table, Map<CatalogueColumn, ValueSpec> columns) {
        try {
            return uniqueDraws.of(table.table(), table.rows(), columns);
        } catch (IllegalArgumentException meaningless) {
            // The source makes no sense by itself: found again, and told, when its generator is made.
            return Map.of();
        }
    }

    private TablePlan tablePlan(Sized table, Map<CatalogueColumn, ValueSpec> columns, GeneratedKeys keys) {
        List<ColumnPlan> plans = new ArrayList<>();
        columns.keySet().forEach(column -> {
            try {
                plans.add(new ColumnPlan(column, keys.generatorOf(table.table(), column)));
            } catch (IllegalArgumentException meaningless) {
                mistakes.add(new DatasetMistake(
                        table.name(),
                        column.name(),
                        String.valueOf(meaningless.getMessage()),
                        "a source that can be computed"));
            }
        });
        return new TablePlan(table.table(), table.name(), table.rows(), List.copyOf(plans));
    }

    private void noticeSmallDictionaries(
            Sized table, Map<CatalogueColumn, ValueSpec> columns, Dictionaries dictionaries) {
        columns.forEach((column, columnSpec) -> {
            if (columnSpec.source() instanceof ValueSpec.Faker faker) {
                int reached = dictionaries.reached(faker);
                if (reached < faker.distinct()) {
                    notices.add(table.name() + "." + column.name() + ": '" + faker.expression() + "' has " + reached
                            + " different values, not " + faker.distinct());
                }
            }
        });
    }

    private void mistake(String table, String what, String expected) {
        mistakes.add(new DatasetMistake(table, null, what, expected));
    }
}
