package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.values.CopyBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Asks the server whether it takes the generated values, before millions are made: a thousand rows of each table, the
 * first and others spread up to the last, go into temporary tables that are rolled back.
 *
 * <p>First column by column, against the type alone, so that every wrong column is found; then whole rows, against
 * NOT NULL and CHECK.
 */
final class SampleCheck {
    private static final int FIRST_ROWS = 500;
    private static final int SPREAD_ROWS = 500;
    private static final String SAMPLE = Quoted.identifier("pg_temp", "pgrehearse sample");
    private static final Pattern LINE = Pattern.compile("COPY [^\\n]*, line (\\d+)");

    private final Connection connection;
    private final Consumer<DatasetMistake> mistakes;

    /** In a superuser's session in auto-commit mode, which it leaves so. */
    SampleCheck(Connection connection, Consumer<DatasetMistake> mistakes) {
        this.connection = connection;
        this.mistakes = mistakes;
    }

    void check(TablePlan table) throws SQLException, InterruptedException {
        List<Long> rows = List.copyOf(sampledRows(table.rows()));
        boolean accepted = true;
        connection.setAutoCommit(false);
        try {
            for (ColumnPlan column : table.columns()) {
                String create = "create temporary table " + SAMPLE + " as select " + Quoted.identifier(column.name())
                        + " from " + table.table().sqlName() + " with no data";
                accepted &= isAccepted(table, column, List.of(create), rows);
            }
            if (accepted) {
                List<String> create = new ArrayList<>(wholeTable(table));
                create.addAll(partitionBounds(table));
                isAccepted(table, null, create, rows);
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static Set<Long> sampledRows(long rows) {
        Set<Long> sampled = new TreeSet<>();
        for (long row = 0; row < Math.min(rows, FIRST_ROWS); row++) {
            sampled.add(row);
        }
        for (int place = 1; place <= SPREAD_ROWS; place++) {
            sampled.add((long) ((double) (rows - 1) / SPREAD_ROWS * place));
        }
        sampled.add(rows - 1);
        return sampled;
    }

    /** Columns that the server fills may be NULL here: their defaults would use up sequences. */
    private static List<String> wholeTable(TablePlan table) {
        List<String> statements = new ArrayList<>();
        statements.add("create temporary table " + SAMPLE + " (like "
                + table.table().sqlName() + " including constraints including generated)");
        Set<String> filled = new TreeSet<>();
        table.columns().forEach(column -> filled.add(column.name()));
        for (CatalogueColumn column : table.table().columns()) {
            if (column.notNull() && !column.generated() && !filled.contains(column.name())) {
                statements.add("alter table " + SAMPLE + " alter column " + Quoted.identifier(column.name())
                        + " drop not null");
            }
        }
        return statements;
    }

    /** As a CHECK: LIKE leaves out what makes a table a partition. */
    private List<String> partitionBounds(TablePlan table) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select pg_catalog.pg_get_partition_constraintdef(?::bigint::oid)")) {
            query.setLong(1, table.table().oid());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                String bounds = row.getString(1);
                return bounds == null
                        ? List.of()
                        : List.of("alter table " + SAMPLE + " add constraint "
                                + Quoted.identifier("bounds of the partition " + table.name()) + " check (" + bounds
                                + ")");
            }
        }
    }

    private boolean isAccepted(TablePlan table, @Nullable ColumnPlan column, List<String> create, List<Long> rows)
            throws SQLException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        TablePlan sampled = column == null
                ? table
                : new TablePlan(table.table(), table.name(), table.rows(), List.of(column), table.leaves());
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : create) {
                statement.execute(sql);
            }
            copy(sampled, rows);
            return true;
        } catch (PSQLException refused) {
            ServerErrorMessage message = refused.getServerErrorMessage();
            if (message == null) {
                throw refused;
            }
            mistakes.accept(mistake(table, column, message, rows));
            return false;
        } catch (IllegalArgumentException | ArithmeticException impossible) {
            mistakes.accept(new DatasetMistake(
                    table.name(),
                    column == null ? null : column.name(),
                    "a value that cannot be written: " + impossible.getMessage(),
                    "values that PostgreSQL can hold"));
            return false;
        } finally {
            connection.rollback();
        }
    }

    private void copy(TablePlan sampled, List<Long> rows) throws SQLException {
        CopyBuffer buffer = new CopyBuffer(1024);
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + SAMPLE + " " + sampled.columnList() + " from stdin (format text, encoding 'UTF8')");
        try {
            for (long row : rows) {
                buffer.clear();
                sampled.copyRow(buffer, row);
                copy.writeToCopy(buffer.bytes(), 0, buffer.length());
            }
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static DatasetMistake mistake(
            TablePlan table, @Nullable ColumnPlan column, ServerErrorMessage message, List<Long> rows) {
        String columnName = column == null ? message.getColumn() : column.name();
        StringBuilder what = new StringBuilder("PostgreSQL refuses ");
        Long row = refusedRow(message, rows);
        if (row == null) {
            what.append("the values");
        } else {
            what.append("row ").append(row);
            if (column != null) {
                what.append(" ('").append(column.values().textAt(row)).append("')");
            }
        }
        what.append(": ").append(message.getMessage());
        if (column == null && message.getDetail() != null) {
            what.append("; ").append(message.getDetail());
        }
        String expected = column == null
                ? "values that satisfy the table's constraints"
                : "values of type " + column.column().type();
        return new DatasetMistake(table.name(), columnName, what.toString(), expected);
    }

    /** From the error's context, {@code COPY sample, line 3, column x}; absent when the server told no line. */
    private static @Nullable Long refusedRow(ServerErrorMessage message, List<Long> rows) {
        String context = message.getWhere();
        if (context != null) {
            Matcher line = LINE.matcher(context);
            if (line.find()) {
                int index = Integer.parseInt(line.group(1)) - 1;
                return index < rows.size() ? rows.get(index) : null;
            }
        }
        return null;
    }
}
