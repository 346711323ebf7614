package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.values.CopyBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Some of a table's rows in a temporary table, to see how many go on a page: PostgreSQL itself compresses, moves to TOAST,
 * aligns and leaves free what it does, and nobody has to compute it.
 *
 * <p>Lives in one transaction of the session, which its caller rolls back.
 */
final class DensitySample implements LoadDensity.Pages {
    private static final int ROWS = 4_000;
    /** Of COPY's text; wide rows fill enough pages with fewer. */
    private static final int BYTES = 8 * 1024 * 1024;

    /** Source: PostgreSQL documentation, "Database Page Layout". */
    private static final int LINE_POINTER = 4;

    private static final int PAGE_HEADER = 24;

    /** The first version whose columns say how they compress. */
    private static final int FIRST_WITH_COMPRESSION = 14;

    private static final String LOADED = Quoted.identifier("pg_temp", "pgrehearse density");
    private static final String SPREAD = Quoted.identifier("pg_temp", "pgrehearse spread");

    private final Connection connection;
    private final long rows;
    private final long sampled;

    private DensitySample(Connection connection, long rows, long sampled) {
        this.connection = connection;
        this.rows = rows;
        this.sampled = sampled;
    }

    /**
     * The density for a table that is about to be loaded; nothing of the database is changed.
     *
     * @param connection a superuser's session in auto-commit mode, which it leaves so
     */
    static LoadDensity density(Connection connection, TablePlan table, TableState state)
            throws SQLException, InterruptedException {
        connection.setAutoCommit(false);
        try {
            return LoadDensity.of(table.name(), state, take(connection, table));
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static DensitySample take(Connection connection, TablePlan table)
            throws SQLException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        execute(connection, "set local session_replication_role = replica");
        for (String sql : create(table, like(connection))) {
            execute(connection, sql);
        }
        return new DensitySample(connection, table.rows(), copy(connection, table));
    }

    /** What a column keeps of its values' storage, as far as the server knows: how it compresses is said since 14. */
    private static String like(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() < FIRST_WITH_COMPRESSION
                ? "including storage"
                : "including storage including compression";
    }

    /** Columns that the server fills get what it would put there, except that no sequence is moved. */
    private static List<String> create(TablePlan table, String like) {
        List<String> statements = new ArrayList<>();
        statements.add("create temporary table " + LOADED + " (like "
                + table.table().sqlName() + " including defaults including generated " + like + ")");
        List<String> filled = table.columns().stream().map(ColumnPlan::name).toList();
        for (CatalogueColumn column : table.table().columns()) {
            if (!filled.contains(column.name()) && !column.generated()) {
                String alter = "alter table " + LOADED + " alter column " + Quoted.identifier(column.name());
                if (column.hasDefault() && column.isInteger()) {
                    statements.add(alter + " set default 1");
                } else if (column.notNull() && !column.hasDefault()) {
                    statements.add(alter + " drop not null");
                }
            }
        }
        statements.add("create temporary table " + SPREAD + " (like " + LOADED + " " + like + ")");
        return statements;
    }

    /** Rows spread evenly over all, in their order. */
    private static long copy(Connection connection, TablePlan table) throws SQLException {
        long most = Math.min(ROWS, table.rows());
        CopyBuffer buffer = new CopyBuffer(1024);
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + LOADED + " " + table.columnList() + " from stdin (format text, encoding 'UTF8')");
        try {
            long every = wideRows(table, most);
            long copied = 0;
            for (long place = 0; place < most; place += every) {
                buffer.clear();
                table.copyRow(buffer, (long) ((double) table.rows() / most * place));
                copy.writeToCopy(buffer.bytes(), 0, buffer.length());
                copied++;
            }
            copy.endCopy();
            return copied;
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Every how many places a row is taken, so that the sample is not much larger than it may be. */
    private static long wideRows(TablePlan table, long most) {
        CopyBuffer first = new CopyBuffer(1024);
        long looked = Math.min(50, most);
        for (long place = 0; place < looked; place++) {
            table.copyRow(first, (long) ((double) table.rows() / looked * place));
        }
        return Math.max(1, first.length() / looked * most / BYTES);
    }

    @Override
    public double at(int fillFactor) throws SQLException {
        execute(connection, "alter table " + SPREAD + " set (fillfactor = " + fillFactor + ")");
        execute(connection, "truncate table " + SPREAD);
        execute(connection, "insert into " + SPREAD + " select * from " + LOADED);
        String last = "(pg_catalog.max(ctid)::text::pg_catalog.point)[0]::bigint";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*), l.last,"
                        + " count(*) filter (where s.ctid < pg_catalog.format('(%s,0)', l.last)::pg_catalog.tid),"
                        + " sum(pg_catalog.pg_column_size(s.*) + " + LINE_POINTER + ")"
                        + " / (pg_catalog.current_setting('block_size')::float8 - " + PAGE_HEADER + ")"
                        + " from " + SPREAD + " s, (select " + last + " as last from " + SPREAD
                        + ") l group by l.last")) {
            if (!row.next()) {
                throw new SQLException("the sample is empty");
            }
            long copied = row.getLong(1);
            if (copied != sampled) {
                throw new SQLException("the sample holds " + copied + " rows of " + sampled);
            }
            long fullPages = row.getLong(2);
            // The last page is only partly filled; where it is the only one, its rows say how far.
            return fullPages > 0
                    ? (double) rows * fullPages / row.getLong(3)
                    : rows * row.getDouble(4) / copied * FillFactor.MOST / fillFactor;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
