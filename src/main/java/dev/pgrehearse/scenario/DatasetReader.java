package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.DatasetSpec.CacheState;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Reads what the database holds. */
final class DatasetReader {
    /** A table of PostgreSQL holds fewer rows: 2³² pages of at most 291 rows each. */
    private static final long MOST_ROWS = 1_000_000_000_000L;

    private final Cursor dataset;
    private final SqlFiles files;
    private final FakerExpressions expressions;

    DatasetReader(Cursor dataset, SqlFiles files, FakerExpressions expressions) {
        this.dataset = dataset;
        this.files = files;
        this.expressions = expressions;
    }

    /**
     * What was read, and what else is checked against it.
     *
     * @param tables those that sizes count, and those that are described: one that is described only is a mistake told
     *     there, not again wherever it is referred to
     * @param names those that the schema file mentions
     */
    record Read(DatasetSpec spec, Set<String> tables, SchemaNames names) {}

    Read read() {
        if (dataset.at("restore").isPresent()) {
            return new Read(
                    new RestoreReader(dataset, files).read(cache()), new LinkedHashSet<>(), SchemaNames.ofRestored());
        }
        for (String key : RestoreReader.BESIDE) {
            if (dataset.at(key).isPresent()) {
                dataset.at(key).mistakeOfKey(Mistakes.quoted(key), "it beside `restore` only", null);
            }
        }
        if (dataset.at("profile").isPresent()) {
            return profiled();
        }
        if (dataset.at(ProfiledReader.SCALE).isPresent()) {
            dataset.at(ProfiledReader.SCALE).mistakeOfKey("`scale`", "it beside `profile` only", null);
        }
        Cursor schema = dataset.at("schema");
        SqlFiles.SqlFile file = schema.isPresent() ? files.read(schema) : null;
        SchemaNames names = new SchemaNames(file == null ? null : file.text());
        Map<String, Map<String, Long>> sizes = sizes(names);
        Set<String> counted = new LinkedHashSet<>();
        sizes.values().forEach(rows -> counted.addAll(rows.keySet()));
        checkSameTables(sizes, counted);
        DatasetSpec spec = new DatasetSpec(
                file == null ? Path.of("") : file.path(), tables(names, counted), sizes, defaultSize(sizes), cache());
        Set<String> known = new LinkedHashSet<>(counted);
        known.addAll(spec.tables().keySet());
        return new Read(spec, known, names);
    }

    private Read profiled() {
        ProfiledSpec profiled = new ProfiledReader(dataset).read();
        Cursor schema = dataset.at("schema");
        SqlFiles.SqlFile file = schema.isPresent() ? files.read(schema) : null;
        SqlText text = file != null
                ? file.text()
                : profiled == null
                        ? null
                        : SqlText.of(profiled.profile().schema().sql());
        SchemaNames names = new SchemaNames(text);
        Map<String, Long> rows = profiled == null ? Map.of() : ProfiledReader.rows(profiled);
        Set<String> known = profiled == null ? new LinkedHashSet<>() : ProfiledReader.names(profiled);
        DatasetSpec spec = new DatasetSpec(
                file == null ? Path.of("") : file.path(),
                tables(names, known),
                Map.of(ProfiledSpec.SIZE, rows),
                ProfiledSpec.SIZE,
                cache(),
                null,
                profiled);
        return new Read(spec, known, names);
    }

    private CacheState cache() {
        return dataset.at("cache").text("warm").equals("cold") ? CacheState.COLD : CacheState.WARM;
    }

    private Map<String, Map<String, Long>> sizes(SchemaNames names) {
        Map<String, Map<String, Long>> sizes = new LinkedHashMap<>();
        dataset.at("sizes").entries().forEach((size, tables) -> {
            Map<String, Long> rows = new LinkedHashMap<>();
            tables.entries().forEach((table, count) -> {
                rows.put(table, rows(count));
                names.check(count, true, table, "table");
            });
            sizes.put(size, Collections.unmodifiableMap(rows));
        });
        return Collections.unmodifiableMap(sizes);
    }

    private static long rows(Cursor count) {
        long rows = count.count("0");
        if (rows > MOST_ROWS) {
            count.mistake("at most " + MOST_ROWS + " rows", null);
        }
        return rows;
    }

    /** A table left out of a size would be empty there, silently. */
    private void checkSameTables(Map<String, Map<String, Long>> sizes, Set<String> counted) {
        sizes.forEach((size, rows) -> {
            for (String table : counted) {
                if (!rows.isEmpty() && !rows.containsKey(table)) {
                    Cursor at = dataset.at("sizes").at(size);
                    at.mistakeOfKey(
                            "no rows of `" + table + "` in " + Mistakes.quoted(size),
                            "the same tables in each size, `" + table + ": 0` for none",
                            null);
                }
            }
        });
    }

    private Map<String, TableSpec> tables(SchemaNames names, Set<String> counted) {
        ValueReader values = new ValueReader("references", counted, names, expressions);
        Map<String, TableSpec> tables = new LinkedHashMap<>();
        dataset.at("tables").entries().forEach((table, described) -> {
            if (!counted.contains(table)) {
                described.mistakeOfKey(
                        Mistakes.quoted(table) + ", which no size counts",
                        Words.oneOf(counted),
                        NearestName.of(table, counted));
            }
            Map<String, ValueSpec> columns = new LinkedHashMap<>();
            described.at("columns").entries().forEach((column, source) -> {
                names.check(source, true, column, "column");
                ValueSpec value = values.read(source);
                if (value != null) {
                    columns.put(column, value);
                }
            });
            tables.put(table, new TableSpec(Collections.unmodifiableMap(columns)));
        });
        return Collections.unmodifiableMap(tables);
    }

    private String defaultSize(Map<String, Map<String, Long>> sizes) {
        Cursor size = dataset.at("size");
        String only = sizes.size() == 1 ? sizes.keySet().iterator().next() : "";
        if (size.isPresent() && !sizes.containsKey(size.text())) {
            size.mistake(Words.oneOf(sizes.keySet()), NearestName.of(size.text(), sizes.keySet()));
        } else if (!size.isPresent() && sizes.size() > 1) {
            dataset.at("size")
                    .mistake("no `size`", "the size that runs by default, " + Words.oneOf(sizes.keySet()), null);
        }
        return size.text(only);
    }
}
