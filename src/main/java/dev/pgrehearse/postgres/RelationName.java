package dev.pgrehearse.postgres;

/**
 * How this tool names a relation, everywhere: bare in the schema {@code public}, otherwise {@code schema.name}, never
 * quoted; a TOAST table by its owner, {@code orders (TOAST)}, and that table's index {@code orders (TOAST index)}.
 *
 * <p>Facts from different sources are joined by these names, so there is one place that makes them.
 */
public final class RelationName {
    /**
     * SQL: where relations come from. {@code c} is the {@code pg_class} row of the relation itself, {@code owner} that
     * of the table whose TOAST it is (null when it is none). The catalogue alone: reading it waits for no lock on a table.
     */
    public static final String FROM = """
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid AND n.nspname = 'pg_toast'
              LEFT JOIN pg_catalog.pg_class owner
                ON owner.reltoastrelid = coalesce(i.indrelid, c.oid) AND n.nspname = 'pg_toast'
              LEFT JOIN pg_catalog.pg_namespace owner_n ON owner_n.oid = owner.relnamespace
            """;

    /** SQL: the schema, of the owner in case of a TOAST table, with {@link #FROM}. */
    public static final String SCHEMA = "coalesce(owner_n.nspname, n.nspname)";

    /** SQL: the name, with {@link #FROM}. */
    public static final String NAME = "CASE WHEN " + SCHEMA + " = 'public' THEN '' ELSE " + SCHEMA + " || '.' END"
            + " || coalesce(owner.relname, c.relname)"
            + " || CASE WHEN owner.oid IS NULL THEN '' WHEN c.relkind = 't' THEN ' (TOAST)' ELSE ' (TOAST index)' END";

    private RelationName() {}

    /** The name of a relation that is no TOAST table. */
    public static String of(String schema, String relation) {
        return schema.equals("public") ? relation : schema + "." + relation;
    }
}
