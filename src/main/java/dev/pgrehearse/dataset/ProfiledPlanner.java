package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.Dictionaries;
import dev.pgrehearse.values.DistinctDraw;
import dev.pgrehearse.values.ValueGenerator;
import dev.pgrehearse.values.ValueGenerators;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans tables that are filled like those of a profile, or lists every mistake. Used once. */
final class ProfiledPlanner {
    private final Catalogue catalogue;
    private final Partitions partitions;
    private final ProfiledShapes shapes;
    private final Profile profile;
    private final DatasetSpec spec;
    private final long seed;
    private final List<DatasetMistake> mistakes = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();

    ProfiledPlanner(
            Catalogue catalogue,
            Partitions partitions,
            ProfiledShapes shapes,
            Profile profile,
            DatasetSpec spec,
            long seed) {
        this.catalogue = catalogue;
        this.partitions = partitions;
        this.shapes = shapes;
        this.profile = profile;
        this.spec = spec;
        this.seed = seed;
    }

    /**
     * The plan.
     *
     * @param rows by table that holds rows itself, as the size has them
     */
    PreparedDataset plan(Map<String, Long> rows) throws DatasetMistakes {
        Map<Long, Map<String, ValueSpec>> specified = SpecifiedColumns.of(catalogue, spec, mistakes::add);
        ProfiledKeys keys = new ProfiledKeys(catalogue, partitions);
        ValueGenerators generators = new ValueGenerators(seed, keys, new Dictionaries(seed));
        List<ProfiledColumns> tables = new ArrayList<>();
        for (ProfiledTarget target : targets(rows)) {
            ProfiledColumns columns = columns(target, specified, generators, keys);
            keys.add(columns);
            tables.add(columns);
        }
        // When every table is known, since what a key can hold depends on what it refers to.
        tables.forEach(this::keepKeys);
        List<TablePlan> plans = new ArrayList<>();
        tables.forEach(columns -> plans.add(tablePlan(columns)));
        if (!mistakes.isEmpty()) {
            throw new DatasetMistakes(mistakes.stream().distinct().toList());
        }
        return new PreparedDataset(plans, keys, notices, states(rows), likeness(rows, specified, keys));
    }

    /** The profile with as many rows in each table as are asked for; in partitioned ones those of their partitions. */
    private Profile likeness(Map<String, Long> rows, Map<Long, Map<String, ValueSpec>> specified, ProfiledKeys keys) {
        Map<Long, Long> counts = new HashMap<>();
        rows.forEach((name, count) -> {
            CatalogueTable table = Objects.requireNonNull(catalogue.find(name));
            partitions.lineOf(table.oid()).forEach(each -> counts.merge(each, count, Long::sum));
        });
        List<Profile.Table> tables = new ArrayList<>();
        for (Profile.Table table : profile.tables()) {
            CatalogueTable found = catalogue.find(table.schema() + "." + table.name());
            Long count = found == null ? null : counts.get(found.oid());
            if (found != null && count != null) {
                tables.add(likeness(table, found, count, specified, keys));
            }
        }
        return profile.with(tables, foreignKeys(keys));
    }

    /** Fan-outs in the size that is made: more rows for as many parents are more for each. */
    private List<Profile.ForeignKey> foreignKeys(ProfiledKeys keys) {
        return profile.foreignKeys().stream()
                .map(key -> {
                    CatalogueTable table = catalogue.find(key.table());
                    CatalogueTable parent = catalogue.find(key.parent());
                    return table == null || parent == null
                            ? key
                            : key.scaled(keys.growthOf(table.oid()), keys.growthOf(parent.oid()));
                })
                .toList();
    }

    /** Columns that the scenario describes are not to be like production's. */
    private Profile.Table likeness(
            Profile.Table table,
            CatalogueTable found,
            long count,
            Map<Long, Map<String, ValueSpec>> specified,
            ProfiledKeys keys) {
        Map<String, Double> growths = new HashMap<>();
        for (ForeignKey key : foreignKeys(found)) {
            key.columns().forEach(column -> growths.put(found.column(column).name(), keys.growthOf(key.parent())));
        }
        Set<String> described = new HashSet<>();
        partitions
                .lineOf(found.oid())
                .forEach(each ->
                        described.addAll(specified.getOrDefault(each, Map.of()).keySet()));
        return table.scaled(count, growths).without(described);
    }

    private Map<Long, TableState> states(Map<String, Long> rows) {
        Map<Long, TableState> states = new HashMap<>();
        rows.forEach((name, count) -> {
            CatalogueTable table = catalogue.find(name);
            if (table != null) {
                states.put(table.oid(), TableState.of(profileOf(table), count));
            }
        });
        return states;
    }

    private List<ProfiledTarget> targets(Map<String, Long> rows) {
        Map<Long, Map<CatalogueTable, Long>> byEntrance = new LinkedHashMap<>();
        rows.forEach((name, count) -> {
            CatalogueTable table = catalogue.find(name);
            if (table == null) {
                mistakes.add(new DatasetMistake(
                        name, null, "no such table in the schema", "one that exists: " + catalogue.nearestTable(name)));
            } else if (!table.isPlain()) {
                mistakes.add(new DatasetMistake(
                        name, null, table.kindInWords() + ", which cannot be filled directly", "a plain table"));
            } else if (count > 0) {
                byEntrance
                        .computeIfAbsent(partitions.entranceOf(table.oid()), entrance -> new LinkedHashMap<>())
                        .put(table, count);
            }
        });
        List<ProfiledTarget> targets = new ArrayList<>();
        byEntrance.forEach((entrance, leaves) -> {
            CatalogueTable table = catalogue.table(entrance);
            CatalogueTable leaf = leaves.keySet().iterator().next();
            long count = leaves.values().stream().mapToLong(Long::longValue).sum();
            double profiled = leaves.keySet().stream()
                    .mapToDouble(each -> profileOf(each).rows())
                    .sum();
            Profile.Table own = profileOf(table);
            boolean analyzed = own.columns().stream().anyMatch(Profile.Column::hasStatistics);
            targets.add(new ProfiledTarget(
                    table,
                    wholeOf(table).displayName(),
                    table.displayName(),
                    count,
                    analyzed ? own : profileOf(leaf),
                    profileOf(wholeOf(table)),
                    slicesOf(table, byEntrance.keySet()).indexOf(entrance),
                    slicesOf(table, byEntrance.keySet()).size(),
                    List.copyOf(leaves.keySet()),
                    profiled > 0 ? count / profiled : 1));
            if (table.userTriggers()) {
                notices.add(table.displayName() + ": its triggers do not fire while it is loaded");
            }
        });
        return targets;
    }

    /** All entrances of the table that an entrance belongs to. */
    private List<Long> slicesOf(CatalogueTable table, Set<Long> entrances) {
        return entrances.stream()
                .filter(entrance -> wholeOf(catalogue.table(entrance)).equals(wholeOf(table)))
                .toList();
    }

    /** The table that a partition is in the end a partition of; of any other table itself. */
    private CatalogueTable wholeOf(CatalogueTable table) {
        List<Long> line = partitions.lineOf(table.oid());
        return catalogue.table(line.get(line.size() - 1));
    }

    private Profile.Table profileOf(CatalogueTable table) {
        return profile.table(table.schema(), table.name())
                .orElseThrow(() -> new IllegalArgumentException("a table without profile: " + table.displayName()));
    }

    private ProfiledColumns columns(
            ProfiledTarget target,
            Map<Long, Map<String, ValueSpec>> specified,
            ValueGenerators generators,
            ProfiledKeys keys) {
        Map<CatalogueColumn, ValueSpec> sources = new LinkedHashMap<>();
        // What is said of a partitioned table holds for its partitions.
        for (long ancestor : partitions.lineOf(target.table().oid())) {
            specified.getOrDefault(ancestor, Map.of()).forEach((name, source) -> {
                CatalogueColumn column = target.table().column(name);
                if (column != null && column.generated()) {
                    mistakes.add(new DatasetMistake(
                            target.name(),
                            name,
                            "a generated column, which the server alone fills",
                            "no source for it"));
                } else if (column != null) {
                    sources.putIfAbsent(column, source);
                }
            });
        }
        ProfiledColumns columns = new ProfiledColumns(
                target, groups(target, sources.keySet()), generators(target, sources, generators), shapes, keys, seed);
        return columns;
    }

    private void keepKeys(ProfiledColumns columns) {
        columns.compare(shapes.limitsOf(columns.target().table()).pairs());
        columns.keep(
                catalogue.uniqueKeysOf(columns.target().table()),
                (key, why) -> mistakes.add(new DatasetMistake(
                        columns.target().name(),
                        String.join(
                                ", ",
                                key.columns().stream()
                                        .map(number -> columns.target()
                                                .table()
                                                .column(number)
                                                .name())
                                        .toList()),
                        "the unique key " + key.name() + " " + why,
                        "a source for one of the columns")));
    }

    private Map<CatalogueColumn, ValueGenerator> generators(
            ProfiledTarget target, Map<CatalogueColumn, ValueSpec> sources, ValueGenerators generators) {
        Map<CatalogueColumn, ValueGenerator> made = new HashMap<>();
        Map<CatalogueColumn, DistinctDraw> draws = new UniqueDraws(
                        seed, catalogue, generators, mistakes::add, notices::add)
                .of(target.table(), target.rows(), sources);
        sources.forEach((column, source) -> {
            try {
                DistinctDraw draw = draws.get(column);
                String table = target.table().displayName();
                made.put(
                        column,
                        draw == null
                                ? generators.of(source, table, column.name())
                                : generators.of(source, table, column.name(), draw));
            } catch (IllegalArgumentException meaningless) {
                mistakes.add(new DatasetMistake(
                        target.name(),
                        column.name(),
                        String.valueOf(meaningless.getMessage()),
                        "a source that can be computed"));
            }
        });
        return made;
    }

    private List<ColumnGroup> groups(ProfiledTarget target, Set<CatalogueColumn> elsewhere) {
        List<ColumnGroup> groups = new ArrayList<>();
        Set<CatalogueColumn> grouped = new HashSet<>(elsewhere);
        // Wide keys first: the row that a wide one finds has the values of narrow ones with the same columns.
        List<ForeignKey> keys = foreignKeys(target.table()).stream()
                .sorted((left, right) ->
                        Integer.compare(right.columns().size(), left.columns().size()))
                .toList();
        for (ForeignKey key : keys) {
            List<CatalogueColumn> columns =
                    key.columns().stream().map(target.table()::column).toList();
            if (columns.stream().noneMatch(grouped::contains)) {
                groups.add(group(target, columns, key));
                grouped.addAll(columns);
            } else if (columns.size() > 1 && columns.stream().noneMatch(elsewhere::contains)) {
                mistakes.add(new DatasetMistake(
                        target.name(),
                        String.join(
                                ", ",
                                columns.stream().map(CatalogueColumn::name).toList()),
                        "shares columns with another foreign key of several columns (" + key.name()
                                + "), so that both cannot be kept",
                        "a source for these columns"));
            }
        }
        for (CatalogueColumn column : target.table().columns()) {
            if (!column.generated() && !grouped.contains(column)) {
                groups.add(group(target, List.of(column), null));
            }
        }
        return groups;
    }

    private ColumnGroup group(ProfiledTarget target, List<CatalogueColumn> columns, @Nullable ForeignKey key) {
        Profile.Column telling = null;
        double nullShare = 0;
        for (CatalogueColumn column : columns) {
            Profile.Column statistics = target.statisticsOf(column).orElse(null);
            if (statistics != null) {
                double rows = target.profile().rows();
                if (telling == null || statistics.distinctOf(rows) > telling.distinctOf(rows)) {
                    telling = statistics;
                }
                nullShare = Math.max(nullShare, nullShareOf(target, column, statistics));
            }
        }
        return new ColumnGroup(columns, key, telling, nullShare);
    }

    private double nullShareOf(ProfiledTarget target, CatalogueColumn column, Profile.Column statistics) {
        boolean required = column.notNull()
                || shapes.limitsOf(target.table()).column(column.name()).notNull();
        return required ? 0 : statistics.nullShare();
    }

    /** Without those that only repeat, for a partition, what the partitioned table's key says. */
    private List<ForeignKey> foreignKeys(CatalogueTable table) {
        List<ForeignKey> keys = catalogue.foreignKeysOf(table);
        return keys.stream()
                .filter(key -> keys.stream()
                        .noneMatch(other -> !other.equals(key)
                                && other.columns().equals(key.columns())
                                && other.parent() != key.parent()
                                && partitions.lineOf(key.parent()).contains(other.parent())))
                .toList();
    }

    private TablePlan tablePlan(ProfiledColumns columns) {
        ProfiledTarget target = columns.target();
        List<ColumnPlan> plans = new ArrayList<>();
        for (CatalogueColumn column : columns.filled()) {
            try {
                plans.add(new ColumnPlan(column, Objects.requireNonNull(columns.generatorOf(column))));
            } catch (IllegalArgumentException impossible) {
                mistakes.add(new DatasetMistake(
                        target.name(),
                        column.name(),
                        column.type() + ": " + impossible.getMessage(),
                        "a source for it under tables: " + target.name() + ": columns"));
            }
        }
        return new TablePlan(target.table(), target.name(), target.rows(), List.copyOf(plans), target.leaves());
    }
}
