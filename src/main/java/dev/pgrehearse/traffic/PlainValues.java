package dev.pgrehearse.traffic;

/** A value of a type where nothing tells which one is meant, and little depends on it. */
final class PlainValues {
    private PlainValues() {}

    /** In the text form that PostgreSQL reads. */
    static String of(String type) {
        if (type.endsWith("[]")) {
            return "{}";
        }
        return switch (type) {
            case "smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid" -> "1";
            case "boolean" -> "true";
            case "interval" -> "1 day";
            case "date", "timestamp without time zone", "timestamp with time zone" -> "now";
            case "time without time zone", "time with time zone" -> "12:00";
            case "json", "jsonb" -> "{}";
            case "uuid" -> "00000000-0000-4000-8000-000000000000";
            case "inet", "cidr" -> "10.0.0.1";
            case "bytea" -> "\\x00";
            case "bit", "bit varying" -> "0";
            case "xml" -> "<a/>";
            case "point" -> "(0,0)";
            default -> type.endsWith("range") ? "empty" : "1";
        };
    }
}
