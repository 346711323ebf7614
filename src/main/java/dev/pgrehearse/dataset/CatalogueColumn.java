package dev.pgrehearse.dataset;

/**
 * A column, as {@code pg_attribute} has it.
 *
 * @param number {@code attnum}
 * @param name its name
 * @param type {@code format_type}, such as {@code character varying(20)}
 * @param notNull whether NULL is refused
 * @param hasDefault whether the server fills it when nobody else does: a default, or an identity
 * @param generated whether the server alone may fill it
 */
record CatalogueColumn(int number, String name, String type, boolean notNull, boolean hasDefault, boolean generated) {
    boolean isInteger() {
        return type.equals("bigint") || type.equals("integer") || type.equals("smallint");
    }

    boolean isUuid() {
        return type.equals("uuid");
    }
}
