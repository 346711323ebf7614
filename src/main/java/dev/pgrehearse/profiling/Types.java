package dev.pgrehearse.profiling;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The types of a database, from {@code pg_type} and {@code pg_range}. Immutable. */
final class Types {
    private static final String QUERY = """
            SELECT t.oid, n.nspname = 'pg_catalog' AS built_in, t.typname, t.typtype::text, t.typcategory::text, t.typlen,
                   CASE WHEN t.typtype = 'd' THEN t.typbasetype
                        WHEN t.typcategory = 'A' THEN t.typelem
                        ELSE coalesce(r.rngsubtype, 0) END AS made_of
              FROM pg_catalog.pg_type t
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
              LEFT JOIN pg_catalog.pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)""";

    private static final Set<String> NUMBERS = Set.of("float4", "float8", "numeric", "money");
    private static final Set<String> INTEGERS = Set.of("int2", "int4", "int8", "oid");

    private final Map<Long, Type> byOid;

    private Types(Map<Long, Type> byOid) {
        this.byOid = byOid;
    }

    /**
     * A type.
     *
     * @param length in bytes; below 0 when it varies
     * @param madeOf a domain's base type, an array's element type, a range's subtype; 0 for others
     */
    record Type(boolean builtIn, String name, String type, String category, int length, long madeOf) {}

    static Types read(Connection connection) throws SQLException {
        Map<Long, Type> types = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                types.put(
                        row.getLong("oid"),
                        new Type(
                                row.getBoolean("built_in"),
                                row.getString("typname"),
                                row.getString("typtype"),
                                row.getString("typcategory"),
                                row.getInt("typlen"),
                                row.getLong("made_of")));
            }
        }
        return new Types(types);
    }

    /** The type, or what the domain is made of in the end. */
    Type of(long oid) {
        Type type = byOid.get(oid);
        if (type == null) {
            throw new IllegalStateException("pg_type has no row for the type " + oid + " of a column");
        }
        return type.type().equals("d") ? of(type.madeOf()) : type;
    }

    Shape shape(long oid) {
        Type type = of(oid);
        if (type.type().equals("e")) {
            return Shape.DECLARED;
        }
        if (type.type().equals("r") || type.type().equals("m")) {
            return Shape.RANGE;
        }
        if (type.category().equals("A") && type.madeOf() != 0) {
            return Shape.ARRAY;
        }
        if (!type.builtIn()) {
            return Shape.TEXT_LIKE;
        }
        if (NUMBERS.contains(type.name())) {
            return Shape.NUMBER;
        }
        if (INTEGERS.contains(type.name())) {
            return Shape.INTEGER;
        }
        return switch (type.name()) {
            case "bool" -> Shape.DECLARED;
            case "date" -> Shape.DATE;
            case "timestamp", "timestamptz" -> Shape.TIMESTAMP;
            case "time", "timetz" -> Shape.TIME;
            case "interval" -> Shape.INTERVAL;
            default -> Shape.TEXT_LIKE;
        };
    }
}
