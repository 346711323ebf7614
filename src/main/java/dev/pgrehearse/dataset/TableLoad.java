package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.Doubt;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Fills one table and builds its indexes again. */
final class TableLoad {
    private static final String UNIQUE = "CREATE UNIQUE INDEX";
    /** Of a definition, an expression within the columns, or a condition behind them. */
    private static final Pattern OVER_SOME =
            Pattern.compile(UNIQUE + " .*(?:\\([^()]*\\(.*\\)| WHERE )", Pattern.DOTALL);

    private final TablePlan table;
    private final List<SetAside> indexes;
    private final ExecutorService makers;
    private final int blocksAhead;
    private final Progress progress;
    private final @Nullable LoadDensity density;
    private final Consumer<Doubt> doubts;
    /** Whether an index that the rows do not keep may be made without UNIQUE. */
    private final boolean lenient;

    /** At the fill factor that the schema declares. */
    TableLoad(TablePlan table, List<SetAside> indexes, ExecutorService makers, int blocksAhead, Progress progress) {
        this(table, indexes, makers, blocksAhead, progress, null, null);
    }

    /**
     * @param density of the rows on the pages; null for the fill factor that the schema declares
     * @param doubts told of indexes that are made without UNIQUE, since the rows do not keep it; null when that is an error
     */
    TableLoad(
            TablePlan table,
            List<SetAside> indexes,
            ExecutorService makers,
            int blocksAhead,
            Progress progress,
            @Nullable LoadDensity density,
            @Nullable Consumer<Doubt> doubts) {
        this.table = table;
        this.lenient = doubts != null;
        this.doubts = doubts == null ? doubt -> {} : doubts;
        this.density = density;
        this.indexes = indexes;
        this.makers = makers;
        this.blocksAhead = blocksAhead;
        this.progress = progress;
    }

    void run(Connection connection) throws SQLException, DatasetException, InterruptedException {
        copy(connection);
        for (SetAside index : indexes) {
            rebuild(connection, index);
        }
    }

    /**
     * One transaction from TRUNCATE to the end of COPY: so FREEZE is allowed and, with {@code wal_level=minimal}, no WAL
     * is written. The table's own triggers do not fire: the rows are the generators', exactly.
     */
    private void copy(Connection connection) throws SQLException, DatasetException, InterruptedException {
        String task = "loading " + table.name();
        progress.report(ProgressEvent.started(task, table.rows(), "rows"));
        connection.setAutoCommit(false);
        try {
            RowFormat format = BinaryRows.formatOf(table, connection);
            try {
                copyIn(connection, format, task);
            } catch (NotBinary unknown) {
                connection.rollback();
                progress.report(ProgressEvent.notice(table.name() + " is loaded again, as text: " + unknown.getMessage()
                        + " has a value whose binary form is not known."));
                copyIn(connection, new TextRows(table), task);
            }
        } catch (SQLException failed) {
            rollback(connection, failed);
            throw DatasetException.halfLoaded("Loading " + table.name() + " failed", failed);
        } catch (InterruptedException stopped) {
            rollback(connection, stopped);
            throw stopped;
        }
        connection.setAutoCommit(true);
        progress.report(ProgressEvent.finished(task));
    }

    /** TRUNCATE and COPY, committed. */
    void copyIn(Connection connection, RowFormat format, String task) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local session_replication_role = replica");
            statement.execute("truncate table " + table.sqlScope() + " restart identity");
            long copied = density == null
                    ? copyRows(connection, format, task, 0, table.rows())
                    : copyPortions(connection, format, task, density);
            if (copied != table.rows()) {
                throw new SQLException("the server counted " + copied + " rows of " + table.rows());
            }
            connection.commit();
        }
    }

    /** The fill factor is changed within the transaction of the load, and is the declared one again at its end. */
    private long copyPortions(Connection connection, RowFormat format, String task, LoadDensity density)
            throws SQLException, InterruptedException {
        FillFactor fillFactor = FillFactor.of(connection, table.table());
        long copied = 0;
        long first = 0;
        for (LoadDensity.Portion portion : density.portions()) {
            fillFactor.change(portion.fillFactor());
            copied += copyRows(connection, format, task, first, first + portion.rows());
            first += portion.rows();
        }
        fillFactor.restore();
        return copied;
    }

    private long copyRows(Connection connection, RowFormat format, String task, long first, long end)
            throws SQLException, InterruptedException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table.table().sqlName() + " " + table.columnList() + " from stdin ("
                        + format.options()
                        // What goes through a partitioned table cannot be frozen (COPY, "FREEZE").
                        + (table.table().isPlain() ? ", freeze)" : ")"));
        try {
            copy.writeToCopy(format.header(), 0, format.header().length);
            new RowBlocks(table, format, first, end, makers, blocksAhead, 0).forEach((bytes, length, rowsDone) -> {
                copy.writeToCopy(bytes, 0, length);
                progress.report(ProgressEvent.advanced(task, first + rowsDone, table.rows(), "rows"));
            });
            copy.writeToCopy(format.trailer(), 0, format.trailer().length);
            return copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException gone) {
            cause.addSuppressed(gone);
        }
    }

    /**
     * Makes an index again; one that is unique over some rows or an expression without that, when the rows do not keep it.
     *
     */
    private void rebuild(Connection connection, SetAside index) throws DatasetException, InterruptedException {
        String task = "building " + index.name();
        try {
            rebuild(connection, index, task, progress);
        } catch (DatasetException refused) {
            if (lenient
                    && refused.getCause() instanceof SQLException sql
                    && SqlState.EXCLUSION_VIOLATION.equals(sql.getSQLState())) {
                progress.report(ProgressEvent.finished(task));
                doubts.accept(new Doubt(
                        "constraint-missing",
                        "The exclusion constraint " + index.name()
                                + " of production is not here: generated rows do not keep"
                                + " it. Give its columns a source under tables that does."));
                return;
            }
            boolean violated = refused.getCause() instanceof SQLException sql
                    && SqlState.UNIQUE_VIOLATION.equals(sql.getSQLState());
            if (!lenient
                    || !violated
                    || !OVER_SOME.matcher(index.restore().get(0)).lookingAt()) {
                throw refused;
            }
            List<String> plain = new ArrayList<>(index.restore());
            plain.set(0, "CREATE INDEX" + plain.get(0).substring(UNIQUE.length()));
            rebuild(
                    connection,
                    new SetAside(index.table(), index.name(), index.drop(), List.copyOf(plain)),
                    task,
                    progress);
            doubts.accept(new Doubt(
                    "index-not-unique",
                    "The index " + index.name()
                            + " is not UNIQUE here as it is in production: generated rows do not keep"
                            + " it. Give its columns a source under tables that does."));
        }
    }

    /** Makes an index or a constraint again. */
    static void rebuild(Connection connection, SetAside object, String task, Progress progress)
            throws DatasetException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        progress.report(ProgressEvent.started(task, 0, null));
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : object.restore()) {
                statement.execute(sql);
            }
        } catch (SQLException refused) {
            throw DatasetException.halfLoaded("Making " + object.name() + " again after the load failed", refused);
        }
        progress.report(ProgressEvent.finished(task));
    }
}
