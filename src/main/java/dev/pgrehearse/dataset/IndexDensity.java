package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.profile.Profile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a table's indexes as large as the profile's: production's were filled row by row and have room in their pages, ours
 * were built at once and have none. They are built again with a lower fill factor, which is the declared one afterwards.
 */
final class IndexDensity {
    /** Share of the pages that may be missing. */
    private static final double CLOSE = 0.1;
    /** PostgreSQL's limit for every access method that has a fill factor. */
    private static final int LEAST = 10;
    /** Of a B-tree whose index declares none. */
    private static final int USUAL = 90;

    private static final String INDEXES = """
            select n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int,
                   (select o.option_value::int from pg_catalog.pg_options_to_table(c.reloptions) o
                    where o.option_name = 'fillfactor')
            from pg_catalog.pg_index i
            join pg_catalog.pg_class c on c.oid = i.indexrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_am m on m.oid = c.relam
            where i.indrelid = ?::bigint::oid and i.indisvalid and m.amname in ('btree', 'hash', 'gist', 'spgist')
            """;

    private record Built(String sqlName, String name, long pages, int fillFactor, boolean declared) {}

    private final Connection connection;

    /** @param connection a superuser's session in auto-commit mode */
    IndexDensity(Connection connection) {
        this.connection = connection;
    }

    /**
     * Builds again what is too small.
     *
     * @param table whose rows and indexes are there, without dead rows
     */
    void spread(CatalogueTable table, TableState wanted) throws SQLException, InterruptedException {
        for (Built index : built(table)) {
            // Entries of dead rows come later, by the updates that make those; they go into the room that is left here.
            double pages = wanted.indexes().stream()
                    .filter(profiled -> profiled.name().equals(index.name()))
                    .mapToDouble(Profile.Index::pages)
                    .findFirst()
                    .orElse(0);
            // The first page of a B-tree says where its root is and holds no entries.
            int fillFactor = (int) Math.max(LEAST, Math.round(index.fillFactor() * (index.pages() - 1) / (pages - 1)));
            if (index.pages() > 1 && pages > index.pages() * (1 + CLOSE) && fillFactor < index.fillFactor()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                execute("alter index " + index.sqlName() + " set (fillfactor = " + fillFactor + ")");
                execute("reindex index " + index.sqlName());
                execute("alter index " + index.sqlName()
                        + (index.declared()
                                ? " set (fillfactor = " + index.fillFactor() + ")"
                                : " reset (fillfactor)"));
            }
        }
    }

    private List<Built> built(CatalogueTable table) throws SQLException {
        List<Built> found = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(INDEXES)) {
            query.setLong(1, table.oid());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    int declared = row.getInt(4);
                    boolean none = row.wasNull();
                    found.add(new Built(
                            Quoted.identifier(row.getString(1), row.getString(2)),
                            row.getString(2),
                            row.getLong(3),
                            none ? USUAL : declared,
                            !none));
                }
            }
        }
        return found;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
