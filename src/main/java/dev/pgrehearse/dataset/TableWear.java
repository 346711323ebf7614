package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.profile.Profile;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Brings a loaded table to the state that production's is in: VACUUM, the room in its indexes, INVALID indexes, dead rows, pages that are not
 * all-visible, and ANALYZE alone at the end, each after the other, since a VACUUM would undo all that follows it.
 *
 * <p>On a server of ours, with autovacuum off, and nobody else there. What was reached is read back.
 */
final class TableWear {
    /** Points of share that dead rows and all-visible pages may be off. */
    private static final double POINTS = 0.10;
    /** Of the pages. */
    private static final double PAGES = 0.10;

    private final ConnectionDetails superuser;
    private final Connection connection;

    /**
     * @param superuser for a second session, which INVALID indexes need
     * @param connection a superuser's session in auto-commit mode, which it leaves so
     */
    TableWear(ConnectionDetails superuser, Connection connection) {
        this.superuser = superuser;
        this.connection = connection;
    }

    /**
     * What came of it.
     *
     * @param state read back after the last ANALYZE
     * @param notices what is not as in the profile, and why, in sentences that name the table
     */
    record Worn(MeasuredState state, List<String> notices) {
        Worn {
            notices = List.copyOf(notices);
        }
    }

    /**
     * Wears a table that was loaded and has its indexes.
     *
     * @param loadFillFactor the least that rows were loaded with, see {@link LoadDensity}
     */
    Worn wear(CatalogueTable table, TableState wanted, int loadFillFactor)
            throws SQLException, DatasetException, InterruptedException {
        // Also sets the marks of TOAST pages, which COPY FREEZE does not, and tells the free space map.
        execute("vacuum " + table.sqlName());
        new IndexDensity(connection).spread(table, wanted);
        InvalidIndexes indexes = new InvalidIndexes(superuser, connection);
        for (Profile.Index index : wanted.invalidIndexes()) {
            indexes.recreate(table, index);
        }
        List<String> notices = new ArrayList<>();
        long loadedPages = MeasuredState.read(connection, table).pages();
        add(notices, new DeadRows(connection, table, wanted, loadFillFactor).make(loadedPages));
        MeasuredState state = analyzed(table);
        long tooVisible = state.allVisiblePages() - Math.round(wanted.allVisibleShare() * state.pages());
        if (tooVisible > 0) {
            long among = Math.min(loadedPages, state.pages());
            new AllVisible(connection, table)
                    .clear(among, Math.min(among, Math.round((double) tooVisible * among / state.allVisiblePages())));
            state = analyzed(table);
        }
        notices.addAll(differences(table.displayName(), wanted, state));
        return new Worn(state, notices);
    }

    /** Counts of what was rolled back go to the server first, or they would be added to those that ANALYZE makes. */
    private MeasuredState analyzed(CatalogueTable table) throws SQLException {
        flushStatistics();
        execute("analyze " + table.sqlName());
        flushStatistics();
        return MeasuredState.read(connection, table);
    }

    /** {@code pg_stat_force_next_flush} exists since 15; 14 sends them at the end of a transaction, at most twice a second. */
    private void flushStatistics() throws SQLException {
        if (connection.getMetaData().getDatabaseMajorVersion() >= 15) {
            execute("select pg_catalog.pg_stat_force_next_flush()");
        }
    }

    /** What is farther off than it may be. Pure. */
    static List<String> differences(String table, TableState wanted, MeasuredState reached) {
        List<String> found = new ArrayList<>();
        if (Math.abs(reached.pages() - wanted.pages()) > Math.max(1, PAGES * wanted.pages())) {
            found.add(table + ": " + reached.pages() + " pages, and " + wanted.pages() + " in the profile");
        }
        if (Math.abs(reached.deadShare() - wanted.deadShare()) > POINTS) {
            found.add(table + ": " + percent(reached.deadShare()) + " of its row versions are dead, and "
                    + percent(wanted.deadShare()) + " in the profile");
        }
        if (wanted.pages() > 1 && Math.abs(reached.allVisibleShare() - wanted.allVisibleShare()) > POINTS) {
            boolean older = reached.allVisibleShare() < wanted.allVisibleShare() && wanted.deadRows() > 0;
            found.add(table + ": " + percent(reached.allVisibleShare()) + " of its pages are all-visible, and "
                    + percent(wanted.allVisibleShare()) + " in the profile"
                    + (older
                            ? ". Pages with dead rows never are: production counted its pages at its last VACUUM or"
                                    + " ANALYZE, before those rows died"
                            : ""));
        }
        return found;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share * 100);
    }

    private static void add(List<String> notices, @Nullable String notice) {
        if (notice != null) {
            notices.add(notice);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
