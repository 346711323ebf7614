package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.profile.Profile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recreates INVALID indexes in the way in which production came by them: a CREATE INDEX CONCURRENTLY that fails. The
 * catalogue and the index file are then what PostgreSQL itself leaves, and DROP INDEX CONCURRENTLY and REINDEX work.
 *
 * <p>CREATE INDEX CONCURRENTLY waits twice. First for those who write to the table: when it gives up there, the index is
 * neither ready nor valid, and empty; so is one whose data turned out not to be unique. After it has built the index, for
 * those with older snapshots: when it gives up there, the index is ready, is kept up to date, and not valid. A session of
 * ours gives it either reason to wait, and {@code lock_timeout} lets it give up.
 *
 * <p>A ready index that is to be UNIQUE over values that are not is built without UNIQUE, and marked in the catalogue
 * afterwards: on production it became ready while its values were unique, and the generated ones do not know of an index
 * that no dump names.
 *
 * <p>Source: PostgreSQL's {@code DefineIndex} and the documentation of CREATE INDEX, "Building Indexes Concurrently".
 */
final class InvalidIndexes {
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String UNIQUE_VIOLATION = "23505";
    private static final Pattern CREATE = Pattern.compile("^\\s*CREATE\\s+(UNIQUE\\s+)?INDEX\\s+(?!CONCURRENTLY\\b)");

    private final ConnectionDetails superuser;
    private final Connection connection;

    /**
     * @param superuser for a second session
     * @param connection a superuser's session in auto-commit mode, which it leaves so
     */
    InvalidIndexes(ConnectionDetails superuser, Connection connection) {
        this.superuser = superuser;
        this.connection = connection;
    }

    /**
     * Recreates one.
     *
     * @throws DatasetException when its definition cannot be used, or PostgreSQL does not leave it as it shall be
     */
    void recreate(CatalogueTable table, Profile.Index index) throws SQLException, DatasetException {
        Matcher create = CREATE.matcher(index.definition());
        if (!create.find()) {
            throw impossible(
                    index, "its definition is not one that pg_get_indexdef writes: " + index.definition(), null);
        }
        String rest = index.definition().substring(create.end());
        String unique = create.group(1) == null ? "" : "unique ";
        SQLException end = fail(table, index, "create " + unique + "index concurrently " + rest);
        if (UNIQUE_VIOLATION.equals(end.getSQLState()) && index.ready()) {
            execute(connection, "drop index " + Quoted.identifier(table.schema(), index.name()));
            end = fail(table, index, "create index concurrently " + withoutNullsNotDistinct(rest));
            markUnique(table, index);
        }
        if (!LOCK_NOT_AVAILABLE.equals(end.getSQLState()) && !UNIQUE_VIOLATION.equals(end.getSQLState())) {
            throw impossible(index, String.valueOf(end.getMessage()), end);
        }
        verify(table, index, end);
    }

    /** Runs the statement into the wait that leaves the index as it shall be. */
    private SQLException fail(CatalogueTable table, Profile.Index index, String create)
            throws SQLException, DatasetException {
        try (Connection inTheWay = superuser.open("pgrehearse dataset")) {
            inTheWay.setAutoCommit(false);
            try {
                execute(inTheWay, "set transaction isolation level repeatable read");
                execute(
                        inTheWay,
                        index.ready()
                                // Its snapshot is older than the index.
                                ? "select 1"
                                : "lock table " + table.sqlName() + " in row exclusive mode");
                return failing(index, create);
            } finally {
                inTheWay.rollback();
            }
        }
    }

    private SQLException failing(Profile.Index index, String create) throws SQLException, DatasetException {
        execute(connection, "set lock_timeout = '10ms'");
        try {
            execute(connection, create);
        } catch (SQLException asWanted) {
            return asWanted;
        } finally {
            execute(connection, "set lock_timeout = 0");
        }
        throw impossible(
                index, "CREATE INDEX CONCURRENTLY succeeded though it had to wait for an open transaction", null);
    }

    /** NULLS NOT DISTINCT is only for unique indexes. */
    private static String withoutNullsNotDistinct(String definition) {
        return definition.replaceFirst("\\) NULLS NOT DISTINCT", ")");
    }

    private void markUnique(CatalogueTable table, Profile.Index index) throws SQLException {
        boolean nullsNotDistinct = index.definition().contains(") NULLS NOT DISTINCT");
        try (PreparedStatement update = connection.prepareStatement("update pg_catalog.pg_index set indisunique = true"
                + (nullsNotDistinct ? ", indnullsnotdistinct = true" : "")
                + " where indexrelid = ?::pg_catalog.regclass")) {
            update.setString(1, Quoted.identifier(table.schema(), index.name()));
            if (update.executeUpdate() != 1) {
                throw new SQLException("index " + index.name() + " is not in pg_index");
            }
        }
    }

    private void verify(CatalogueTable table, Profile.Index index, @Nullable SQLException end)
            throws SQLException, DatasetException {
        try (PreparedStatement query = connection.prepareStatement("select indisvalid, indisready, indisunique"
                + " from pg_catalog.pg_index where indexrelid = pg_catalog.to_regclass(?)")) {
            query.setString(1, Quoted.identifier(table.schema(), index.name()));
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw impossible(index, "PostgreSQL left none" + (end == null ? "" : ": " + end.getMessage()), end);
                }
                if (row.getBoolean(1) || row.getBoolean(2) != index.ready() || row.getBoolean(3) != index.unique()) {
                    throw impossible(
                            index,
                            "PostgreSQL left it valid: " + row.getBoolean(1) + ", ready: " + row.getBoolean(2)
                                    + ", unique: " + row.getBoolean(3),
                            end);
                }
            }
        }
    }

    private static DatasetException impossible(Profile.Index index, String why, @Nullable Throwable cause) {
        return DatasetException.halfLoaded(
                "Making the INVALID index " + index.name() + " of the profile again failed",
                cause == null ? new IllegalStateException(why) : cause);
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
