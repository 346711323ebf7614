package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A relation that a user made and that has columns: a table, or something that looks like one.
 *
 * @param oid its {@code pg_class} OID
 * @param schema its schema
 * @param name its name
 * @param kind {@code relkind}: r for a plain table
 * @param visible whether its name alone finds it on the application's search path
 * @param columns those that have not been dropped, by number
 * @param userTriggers whether it has triggers that a user made
 */
record CatalogueTable(
        long oid,
        String schema,
        String name,
        String kind,
        boolean visible,
        List<CatalogueColumn> columns,
        boolean userTriggers) {
    /** The name that a scenario uses: bare when that is enough. */
    String displayName() {
        return visible ? name : schema + "." + name;
    }

    String sqlName() {
        return Quoted.identifier(schema, name);
    }

    boolean isPlain() {
        return kind.equals("r");
    }

    @Nullable
    CatalogueColumn column(String columnName) {
        for (CatalogueColumn column : columns) {
            if (column.name().equals(columnName)) {
                return column;
            }
        }
        return null;
    }

    CatalogueColumn column(int number) {
        for (CatalogueColumn column : columns) {
            if (column.number() == number) {
                return column;
            }
        }
        throw new IllegalArgumentException("column number " + number + " of " + displayName());
    }

    String kindInWords() {
        return switch (kind) {
            case "r" -> "a table";
            case "p" -> "a partitioned table";
            case "v" -> "a view";
            case "m" -> "a materialized view";
            case "f" -> "a foreign table";
            default -> "a relation of kind " + kind;
        };
    }
}
