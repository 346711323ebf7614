package dev.pgrehearse.traffic;

/** How a column's value becomes one that an operator finds it by, as SQL. */
final class ComparedValues {
    private ComparedValues() {}

    /**
     * An expression.
     *
     * @param operator between the column and the parameter, in this order; {@code ARRAY} for {@code = ANY ($1)},
     *     {@code ||} for a piece of a pattern
     * @param value the column's, as SQL
     * @param type of the parameter
     */
    static String sql(String operator, String value, String type) {
        return switch (operator) {
            // From two letters to a whole name: which prefixes are asked for, the fit decides.
            case "~~" -> escaped("left(" + value + "::text, 2 + abs(hashtext(" + value + "::text)) % 9)") + " || '%'";
            case "~~*" -> "'%' || " + escaped("substr(" + value + "::text, 2, 4)") + " || '%'";
            case "!~~", "!~~*", "~", "~*" -> "'^' || left(" + value + "::text, 3)";
            case "||" -> escaped("left(" + value + "::text, 4)");
            case "ARRAY" -> "ARRAY[" + value + "]";
            case "@@" -> "(tsvector_to_array(" + value + "))[1]";
            case "?" -> key(value);
            case "?|", "?&" -> "ARRAY[" + key(value) + "]";
            case "->", "->>" -> type.contains("int") ? "0" : key(value);
            case "#>", "#>>" -> "ARRAY[" + key(value) + "]";
            case "@>" -> contained(value, type);
            default -> value;
        };
    }

    private static String escaped(String text) {
        return "regexp_replace(" + text + ", '([%_\\\\])', '\\\\\\1', 'g')";
    }

    private static String key(String value) {
        return "(SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(" + value + "::jsonb) WHEN 'object' THEN " + value
                + "::jsonb ELSE '{}' END) k LIMIT 1)";
    }

    private static String contained(String value, String type) {
        if (type.equals("jsonb")) {
            // Not the whole document, which nobody knows.
            return "(SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM (SELECT key, value FROM jsonb_each(CASE"
                    + " jsonb_typeof(" + value + ") WHEN 'object' THEN " + value + " ELSE '{}' END) LIMIT 2) few)";
        }
        if (type.endsWith("[]")) {
            return "(" + value + ")[1:1]";
        }
        return type.endsWith("range") ? value : "lower(" + value + ")";
    }
}
