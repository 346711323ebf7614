package dev.pgrehearse.dataset;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/**
 * Takes the all-visible mark from pages without making dead rows: whoever deletes a row clears the mark of its page at
 * once, and a rollback does not bring it back.
 *
 * <p>Source: PostgreSQL's {@code heap_delete}; asserted by a test.
 */
final class AllVisible {
    private static final int MOST_IN_ONE = 500_000;

    private final Connection connection;
    private final CatalogueTable table;

    AllVisible(Connection connection, CatalogueTable table) {
        this.connection = connection;
        this.table = table;
    }

    /**
     * Clears the marks of pages that are spread evenly.
     *
     * <p>In steps of the golden section, which hit each page once at most, and no other regular pattern more often than
     * its share: among the chosen pages as many have lost their mark before as among all.
     *
     * @param pages of the live rows
     * @param number of pages among them whose first row is deleted for a moment
     */
    void clear(long pages, long number) throws SQLException, InterruptedException {
        long step = goldenStep(pages);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local session_replication_role = replica");
            for (long from = 0; from < number; from += MOST_IN_ONE) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                long last = Math.min(number, from + MOST_IN_ONE) - 1;
                Savepoint before = connection.setSavepoint();
                statement.execute("delete from only " + table.sqlName() + " where ctid = any (array(select"
                        + " pg_catalog.format('(%s,1)', place * " + step + "::bigint % " + pages
                        + ")::pg_catalog.tid from pg_catalog.generate_series(" + from + "::bigint, " + last
                        + ") place))");
                connection.rollback(before);
                connection.releaseSavepoint(before);
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** The first number from the golden section of the pages on that has no divisor in common with them. */
    static long goldenStep(long pages) {
        long step = Math.max(1, Math.round(pages * (Math.sqrt(5) - 1) / 2));
        while (BigInteger.valueOf(step).gcd(BigInteger.valueOf(pages)).longValueExact() != 1) {
            step++;
        }
        return step;
    }
}
