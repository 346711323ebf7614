package dev.pgrehearse.dataset;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The state of a table, as PostgreSQL tells it. Immutable.
 *
 * @param rows {@code reltuples}, as of the last VACUUM or ANALYZE; -1 when there was none
 * @param pages of the main fork, as it is on disk
 * @param deadRows {@code n_dead_tup}
 * @param allVisiblePages {@code relallvisible}, as of the last VACUUM or ANALYZE
 */
public record MeasuredState(double rows, long pages, long deadRows, long allVisiblePages) {
    private static final String QUERY = """
            select c.reltuples,
                   pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint,
                   pg_catalog.pg_stat_get_dead_tuples(c.oid), c.relallvisible
            from pg_catalog.pg_class c where c.oid = ?::bigint::pg_catalog.oid
            """;

    /** Reads it; never on a table that somebody else may have locked, since the size waits for that. */
    static MeasuredState read(Connection connection, CatalogueTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(QUERY)) {
            query.setLong(1, table.oid());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the catalogue has no table " + table.displayName() + " any more");
                }
                return new MeasuredState(row.getDouble(1), row.getLong(2), row.getLong(3), row.getLong(4));
            }
        }
    }

    /** Share of the dead among all row versions; 0 for a table without any. */
    public double deadShare() {
        double all = Math.max(0, rows) + deadRows;
        return all == 0 ? 0 : deadRows / all;
    }

    /** Share of the pages that are all-visible; 0 for a table without pages. */
    public double allVisibleShare() {
        return pages == 0 ? 0 : (double) allVisiblePages / pages;
    }
}
