package dev.pgrehearse.dataset;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/** What users made in a database, as far as filling its tables needs to know. Immutable. */
final class Catalogue {
    private final List<CatalogueTable> tables;
    private final List<ForeignKey> foreignKeys;
    private final List<UniqueKey> uniqueKeys;
    private final Map<String, CatalogueTable> byName = new HashMap<>();
    private final Map<Long, CatalogueTable> byOid = new HashMap<>();

    Catalogue(List<CatalogueTable> tables, List<ForeignKey> foreignKeys, List<UniqueKey> uniqueKeys) {
        this.tables = List.copyOf(tables);
        this.foreignKeys = List.copyOf(foreignKeys);
        this.uniqueKeys = List.copyOf(uniqueKeys);
        for (CatalogueTable table : tables) {
            byOid.put(table.oid(), table);
            byName.put(table.schema() + "." + table.name(), table);
        }
        // Last, so that a bare name with a dot in it wins over schema and name, as it does in the application's SQL.
        tables.stream().filter(CatalogueTable::visible).forEach(table -> byName.put(table.name(), table));
    }

    List<CatalogueTable> tables() {
        return tables;
    }

    /** By {@code name} or {@code schema.name}; null when there is none. */
    @Nullable
    CatalogueTable find(String name) {
        return byName.get(name);
    }

    CatalogueTable table(long oid) {
        CatalogueTable table = byOid.get(oid);
        if (table == null) {
            throw new IllegalArgumentException("no table with OID " + oid);
        }
        return table;
    }

    List<ForeignKey> foreignKeysOf(CatalogueTable table) {
        return foreignKeys.stream().filter(key -> key.table() == table.oid()).toList();
    }

    List<UniqueKey> uniqueKeysOf(CatalogueTable table) {
        return uniqueKeys.stream().filter(key -> key.table() == table.oid()).toList();
    }

    /** The name of a table that comes nearest, as a hint. */
    String nearestTable(String name) {
        return nearest(name, tables.stream().map(CatalogueTable::displayName), "a table of the schema, which has none");
    }

    static String nearestColumn(CatalogueTable table, String name) {
        return nearest(name, table.columns().stream().map(CatalogueColumn::name), "a column");
    }

    private static String nearest(String name, Stream<String> candidates, String otherwise) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        return candidates
                .min((left, right) -> Integer.compare(distance.apply(name, left), distance.apply(name, right)))
                .map(candidate -> "'" + candidate + "'?")
                .orElse(otherwise);
    }
}
