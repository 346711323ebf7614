package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Makes dead rows, by real UPDATEs that are rolled back.
 *
 * <p>A rolled back UPDATE leaves what a committed one leaves: a row version that nobody sees, with its entries in all
 * indexes, on a page that is not all-visible any more. But the live version stays where it was loaded, so the columns keep
 * their correlation with the physical order, which committed ones would ruin.
 *
 * <p>A version that found room on the page of its row (a HOT one) has no index entries, and the next reader of a full page
 * removes it: production's dead rows are those that survived its readers. So versions are made until there are enough that
 * are not HOT. No page is pruned meanwhile, since the transaction itself holds back the horizon and TID scans do not
 * prune; in the end the HOT ones are, by one read. On tables of a few pages, which readers hardly fill, they stay and
 * count.
 *
 * <p>New versions go to the end of the table, as densely as the fill factor says. One live row goes there last, by a
 * committed UPDATE, so that no VACUUM cuts the end off.
 *
 * <p>Source: PostgreSQL's {@code heap_update}, {@code RelationGetBufferForTuple} and {@code heap_page_prune_opt}.
 */
final class DeadRows {
    /** Few statements, each with an array of row addresses that takes some MB. */
    private static final int MOST_IN_ONE = 500_000;
    /** Enough steps to correct the density of the new pages on the way. */
    private static final int STEPS = 8;
    /** Times that each row is updated before its page counts as too few pages. */
    private static final int USUAL_PASSES = 20;
    /** Each costs some statements: a queue that is nearly empty and was full has more dead rows than that. */
    private static final int MOST_PASSES = 2_000;
    /** On so few pages the free space is all there is. */
    private static final int FEW_PAGES = 10;

    private static final String CHEAPEST_COLUMN = """
            select a.attname from pg_catalog.pg_attribute a
            where a.attrelid = ?::bigint::pg_catalog.oid and a.attnum > 0 and not a.attisdropped
              and a.attgenerated = '' and a.attidentity <> 'a'
            order by a.attlen < 0, a.attlen, a.attnum limit 1
            """;

    private static final String COUNTS = "select pg_catalog.pg_stat_get_xact_tuples_updated(?::bigint::pg_catalog.oid),"
            + " pg_catalog.pg_stat_get_xact_tuples_hot_updated(?::bigint::pg_catalog.oid)";

    private final Connection connection;
    private final CatalogueTable table;
    private final TableState state;
    private final int loadFillFactor;

    /**
     * @param connection a superuser's session in auto-commit mode, which it leaves so
     * @param loadFillFactor the least that rows were loaded with
     */
    DeadRows(Connection connection, CatalogueTable table, TableState state, int loadFillFactor) {
        this.connection = connection;
        this.table = table;
        this.state = state;
        this.loadFillFactor = loadFillFactor;
    }

    /** How many versions were made, and how many of them were HOT. */
    private record Made(long versions, long hot) {
        long lasting() {
            return versions - hot;
        }
    }

    /**
     * Makes as many as the state has.
     *
     * @param pages that the live rows have
     * @return why there are fewer, in one sentence; null when there are not
     */
    @Nullable
    String make(long pages) throws SQLException, InterruptedException {
        if (state.deadRows() == 0) {
            return null;
        }
        if (state.rows() == 0 || pages == 0) {
            return notMade(0, "there is no live row to update");
        }
        String column = cheapestColumn();
        if (column == null) {
            return notMade(0, "it has no column that an UPDATE may set");
        }
        connection.setAutoCommit(false);
        long lasting;
        Made before = new Made(0, 0);
        try {
            execute("set local session_replication_role = replica");
            // With a transaction ID from the start: what is rolled back from here on is not pruned before the end.
            execute("select pg_catalog.pg_current_xact_id()");
            before = made();
            lasting = update(pages, column, before);
            connection.commit();
        } catch (SQLException | InterruptedException failed) {
            connection.rollback();
            throw failed;
        } finally {
            connection.setAutoCommit(true);
        }
        prune();
        return lasting >= state.deadRows()
                ? null
                : notMade(lasting, "its " + state.rows() + " live rows would have to be updated too often");
    }

    private long update(long pages, String column, Made before) throws SQLException, InterruptedException {
        boolean few = state.pages() < FEW_PAGES;
        long lastRowPage = lastPageWithRows(pages);
        double perPage = Math.max(1, (double) state.rows() / (lastRowPage + 1));
        long touched = pagesToTouch(lastRowPage + 1, perPage);
        FillFactor fillFactor = FillFactor.of(connection, table);
        EndDensity density = new EndDensity(pages, state.pages() - pages, state.deadRows(), loadFillFactor);
        fillFactor.change(density.fillFactor());
        long lasting = 0;
        long first = 1;
        int passes = 0;
        long room = few ? 0 : (long) Math.ceil(perPage * (FillFactor.MOST - loadFillFactor) / loadFillFactor);
        while (lasting < state.deadRows() && passes < MOST_PASSES) {
            long wanted = room + (long) Math.ceil((state.deadRows() - lasting) / (double) touched);
            long last = Math.min(offsetsPerPage(perPage), first + Math.max(1, wanted) - 1);
            long updatedBefore = made().versions();
            long next = 0;
            while (next < touched && lasting < state.deadRows()) {
                long missing = state.deadRows() - lasting;
                long atOnce = Math.min(MOST_IN_ONE, Math.max(1, state.deadRows() / STEPS));
                long rows = Math.max(1, Math.min(missing + room * touched, atOnce));
                long to = Math.min(touched, next + Math.max(1, rows / (last - first + 1)));
                // The last ones of a few pages: no more rows than are missing.
                long lastOffset = to - next == 1 && few ? Math.min(last, first + missing - 1) : last;
                updateAndRollBack(column, lastRowPage + 1, touched, next, to, first, lastOffset);
                Made now = made();
                lasting = (few ? now.versions() : now.lasting()) - (few ? before.versions() : before.lasting());
                next = to;
                if (density.adapt(pagesNow(), lasting)) {
                    fillFactor.change(density.fillFactor());
                }
            }
            if (made().versions() == updatedBefore && first == 1) {
                break;
            }
            // From the next rows on; from the first again after the last, since rolled back rows can be updated again.
            first = last >= offsetsPerPage(perPage) ? 1 : last + 1;
            room = first == 1 ? 0 : room;
            passes++;
        }
        if (pagesNow() > pages) {
            anchor(column, lastRowPage, pages);
        }
        fillFactor.restore();
        return lasting;
    }

    /** As many as shall not be all-visible, less those that the new versions fill; enough for a usual number of passes. */
    private long pagesToTouch(long pagesWithRows, double perPage) {
        long notVisible = Math.round((1 - state.allVisibleShare()) * state.pages());
        long ownPages = Math.max(0, state.pages() - pagesWithRows);
        long enough = (long) Math.ceil(state.deadRows() / (perPage * USUAL_PASSES));
        long wanted = Math.max(enough, notVisible - ownPages);
        return Math.max(1, Math.min(Math.min(pagesWithRows, state.deadRows()), wanted));
    }

    /** Pages differ in how many rows they have; an address without a row is passed over. */
    private static long offsetsPerPage(double perPage) {
        return (long) Math.ceil(perPage * 1.05) + 1;
    }

    /** Pages {@code from} to before {@code to} of those touched, which are spread evenly over the table. */
    private void updateAndRollBack(
            String column, long pages, long touched, long from, long to, long firstOffset, long lastOffset)
            throws SQLException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Savepoint before = connection.setSavepoint();
        String name = Quoted.identifier(column);
        execute("update only " + table.sqlName() + " set " + name + " = " + name + " where ctid = any (array(select"
                + " pg_catalog.format('(%s,%s)', page * " + pages + "::bigint / " + touched
                + ", line)::pg_catalog.tid from pg_catalog.generate_series(" + from + "::bigint, " + (to - 1)
                + ") page, pg_catalog.generate_series(" + firstOffset + ", " + lastOffset + ") line))");
        connection.rollback(before);
        connection.releaseSavepoint(before);
    }

    /**
     * Moves the table's last live row behind the dead ones. While there is room on its own page, its new version stays
     * there; so that room is used up before.
     */
    private void anchor(String column, long lastRowPage, long pages) throws SQLException {
        String name = Quoted.identifier(column);
        String address = one("select pg_catalog.max(ctid) from only " + table.sqlName() + " where ctid >= '("
                + lastRowPage + ",0)' and ctid < '(" + (lastRowPage + 1) + ",0)'");
        for (int attempt = 0; address != null && attempt < MOST_PASSES; attempt++) {
            Savepoint before = connection.setSavepoint();
            String moved = one("update only " + table.sqlName() + " set " + name + " = " + name + " where ctid = '"
                    + address + "' returning (ctid::text::pg_catalog.point)[0]::bigint");
            if (moved == null || Long.parseLong(moved) >= pages) {
                connection.releaseSavepoint(before);
                return;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
        }
    }

    /** COPY may leave empty pages at the end, at most 64 of them. */
    private long lastPageWithRows(long pages) throws SQLException {
        String last = one("select (pg_catalog.max(ctid)::text::pg_catalog.point)[0]::bigint from only "
                + table.sqlName() + " where ctid >= '(" + Math.max(0, pages - 100) + ",0)'");
        return last == null ? pages - 1 : Long.parseLong(last);
    }

    /** A reader of each page removes HOT versions where its page is full. */
    private void prune() throws SQLException {
        if (state.pages() < FEW_PAGES) {
            return;
        }
        connection.setAutoCommit(false);
        try {
            for (String scan : new String[] {"indexscan", "indexonlyscan", "bitmapscan"}) {
                execute("set local enable_" + scan + " = off");
            }
            execute("select count(*) from only " + table.sqlName());
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private long pagesNow() throws SQLException {
        return MeasuredState.read(connection, table).pages();
    }

    private Made made() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(COUNTS)) {
            query.setLong(1, table.oid());
            query.setLong(2, table.oid());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return new Made(row.getLong(1), row.getLong(2));
            }
        }
    }

    private @Nullable String cheapestColumn() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(CHEAPEST_COLUMN)) {
            query.setLong(1, table.oid());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    private String notMade(long made, String why) {
        return table.displayName() + ": " + made + " dead rows of " + state.deadRows() + " were made, since " + why;
    }

    private @Nullable String one(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
