package dev.pgrehearse.dataset;

import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.DistinctDraw;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerator;
import dev.pgrehearse.values.ValueGenerators;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The generators of all tables' columns, made when first asked for: a reference's generator needs that of the column
 * it refers to, in whatever table.
 *
 * <p>Thread-safe: making is under a lock. Hot paths ask once, through {@link #generatorOf}, and keep the answer.
 */
final class GeneratedKeys implements Keys {
    private record Column(long table, String name) {}

    private final Catalogue catalogue;
    private final Map<Long, Long> rows = new HashMap<>();
    private final Map<Long, Map<CatalogueColumn, ValueSpec>> sources = new HashMap<>();
    private final Map<Long, Map<CatalogueColumn, DistinctDraw>> draws = new HashMap<>();
    private final Map<Column, ValueGenerator> made = new HashMap<>();
    private final Set<String> beingMade = new LinkedHashSet<>();
    private @Nullable ValueGenerators generators;

    GeneratedKeys(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    synchronized void use(ValueGenerators valueGenerators) {
        generators = valueGenerators;
    }

    synchronized void addTable(CatalogueTable table, long rowCount) {
        rows.put(table.oid(), rowCount);
    }

    synchronized void addSources(CatalogueTable table, Map<CatalogueColumn, ValueSpec> columns) {
        sources.put(table.oid(), columns);
    }

    synchronized void addDraws(CatalogueTable table, Map<CatalogueColumn, DistinctDraw> columns) {
        draws.put(table.oid(), columns);
    }

    @Override
    public synchronized long rows(String table) {
        CatalogueTable found = catalogue.find(table);
        return found == null ? 0 : rows.getOrDefault(found.oid(), 0L);
    }

    @Override
    public @Nullable String keyAt(String table, String column, long row) {
        return generatorOf(table, column).textAt(row);
    }

    @Override
    public synchronized ValueGenerator generatorOf(String table, String column) {
        CatalogueTable found = catalogue.find(table);
        if (found == null) {
            throw new IllegalArgumentException("a reference to table '" + table
                    + "', which the schema does not have; is it " + catalogue.nearestTable(table));
        }
        CatalogueColumn foundColumn = found.column(column);
        if (foundColumn == null) {
            throw new IllegalArgumentException("a reference to '" + table + "." + column
                    + "', a column which the table does not have; is it " + Catalogue.nearestColumn(found, column));
        }
        return generatorOf(found, foundColumn);
    }

    synchronized ValueGenerator generatorOf(CatalogueTable table, CatalogueColumn column) {
        Column key = new Column(table.oid(), column.name());
        ValueGenerator generator = made.get(key);
        if (generator == null) {
            String name = table.displayName() + "." + column.name();
            if (!beingMade.add(name)) {
                throw new IllegalArgumentException(
                        "a reference that comes back to itself: " + String.join(" → ", beingMade) + " → " + name);
            }
            try {
                generator = make(table, column, name);
            } finally {
                beingMade.remove(name);
            }
            made.put(key, generator);
        }
        return generator;
    }

    private ValueGenerator make(CatalogueTable table, CatalogueColumn column, String name) {
        ValueGenerators valueGenerators = generators;
        ValueSpec spec = sources.getOrDefault(table.oid(), Map.of()).get(column);
        if (spec == null || valueGenerators == null) {
            throw new IllegalArgumentException("a reference to '" + name
                    + "', which has no source of its own, so that its values cannot be computed");
        }
        DistinctDraw draw = draws.getOrDefault(table.oid(), Map.of()).get(column);
        return draw == null
                ? valueGenerators.of(spec, table.displayName(), column.name())
                : valueGenerators.of(spec, table.displayName(), column.name(), draw);
    }
}
