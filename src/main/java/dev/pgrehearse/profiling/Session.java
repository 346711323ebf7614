package dev.pgrehearse.profiling;

import dev.pgrehearse.calibration.Calibrator;
import dev.pgrehearse.postgres.ServerVersion;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.progress.Progress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.HostSpec;

/**
 * One session on the database, in which everything is a short read-only transaction that waits for nobody. Used by one
 * thread.
 */
final class Session implements AutoCloseable {
    private static final int OLDEST = 14;
    private static final int NEWEST_KNOWN = 18;
    private static final int FIRST_WITH_TRANSACTION_TIMEOUT = 17;

    /** How long a lock is waited for: whoever queues behind us then waits no longer either. */
    static final String LOCK_TIMEOUT = "2s";

    /** Catalogues of tens of thousands of columns take seconds. */
    private static final String STATEMENT_TIMEOUT = "30s";

    private final Target target;
    private final Connection connection;
    private final ServerVersion version;

    private Session(Target target, Connection connection, ServerVersion version) {
        this.target = target;
        this.connection = connection;
        this.version = version;
    }

    /**
     * Connects.
     *
     * @throws ProfilingProblem when the server cannot be reached, refuses, or is too old
     */
    static Session open(Target target) throws PasswordMissing {
        Connection connection;
        try {
            connection = target.open();
        } catch (SQLException e) {
            if (target.password() == null && isAboutThePassword(e)) {
                throw new PasswordMissing(refusal(e));
            }
            throw refusal(e);
        }
        try {
            ServerVersion version = new ServerVersion(
                    connection.unwrap(BaseConnection.class).getQueryExecutor().getServerVersionNum());
            if (!version.isAtLeast(OLDEST)) {
                throw new ProfilingProblem(
                        "This server is PostgreSQL " + connection.getMetaData().getDatabaseProductVersion()
                                + "; a profile needs PostgreSQL " + OLDEST + " to " + NEWEST_KNOWN
                                + ". Nothing was read and nothing written. Take it from a newer server with the same data.");
            }
            return new Session(target, connection, version);
        } catch (SQLException | ProfilingProblem e) {
            try {
                connection.close();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw e instanceof ProfilingProblem problem ? problem : refusal((SQLException) e);
        }
    }

    private static boolean isAboutThePassword(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        String message = String.valueOf(failure.getMessage());
        return state.equals("28P01") || message.contains("no password was provided");
    }

    private static ProfilingProblem refusal(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        String what;
        if (state.equals("28P01") || isAboutThePassword(failure)) {
            what =
                    "The server refuses this role and password. Give the password in PGPASSWORD, in ~/.pgpass or in the file"
                            + " that PGPASSFILE names, and the role with --user.";
        } else if (state.equals("28000")) {
            what = "The server does not let this role in. Look at its pg_hba.conf, and give the role with --user.";
        } else if (state.equals("3D000")) {
            what = "The server has no such database. Look at the end of --url.";
        } else if (state.equals(SqlState.TOO_MANY_CONNECTIONS)) {
            what = "The server has no free connection. Try again later, or as a role that may use the reserved ones.";
        } else {
            what = "The server cannot be reached. Look at host and port in --url, and whether the server runs.";
        }
        return new ProfilingProblem("No profile was taken and nothing was written. " + what, failure);
    }

    ServerVersion version() {
        return version;
    }

    Target target() {
        return target;
    }

    /** Where the session really ended up, of the several hosts that an address may name. */
    HostSpec host() {
        try {
            return connection.unwrap(BaseConnection.class).getQueryExecutor().getHostSpec();
        } catch (SQLException e) {
            throw new IllegalStateException("the driver is pgjdbc", e);
        }
    }

    /**
     * One look in a read-only REPEATABLE READ transaction, which ends with it.
     *
     * @param what is read, for the error
     * @throws ProfilingProblem when the server refuses or a table is locked
     */
    <T> T look(String what, Look<T> look) {
        try {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                // The first statement of a transaction, so that not even its own settings come before it.
                statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                for (String setting : settings()) {
                    statement.execute("SET LOCAL " + setting);
                }
            }
            T seen = look.at(connection);
            connection.rollback();
            connection.setAutoCommit(true);
            return seen;
        } catch (SQLException e) {
            throw failed(what, e);
        }
    }

    /**
     * How fast the machine is.
     *
     * @throws ProfilingProblem when the session is lost
     */
    Calibration calibrate(Progress progress) throws InterruptedException {
        try {
            return Calibrator.on(target::open, progress);
        } catch (SQLException e) {
            throw failed("how fast the machine is", e);
        }
    }

    /** Settings of the server, before a transaction of ours changes any of them for itself. */
    Map<String, String> serverSettings() {
        try {
            return ServerReader.settings(connection);
        } catch (SQLException e) {
            throw failed("the settings", e);
        }
    }

    private List<String> settings() {
        List<String> settings = new ArrayList<>(List.of(
                "lock_timeout = '" + LOCK_TIMEOUT + "'",
                "statement_timeout = '" + STATEMENT_TIMEOUT + "'",
                "idle_in_transaction_session_timeout = '60s'",
                // So that every name outside pg_catalog comes with its schema, as in pg_dump's SQL.
                "search_path = ''",
                "jit = off",
                "DateStyle = 'ISO, MDY'",
                "TimeZone = 'UTC'",
                "IntervalStyle = 'iso_8601'",
                "lc_monetary = 'C'",
                "bytea_output = 'hex'",
                "extra_float_digits = 1"));
        if (version.isAtLeast(FIRST_WITH_TRANSACTION_TIMEOUT)) {
            settings.add("transaction_timeout = '5min'");
        }
        return settings;
    }

    private ProfilingProblem failed(String what, SQLException failure) {
        String start = "While reading " + what + ", ";
        String end = " No profile was taken and nothing was written. ";
        try {
            connection.rollback();
            connection.setAutoCommit(true);
            if (SqlState.LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
                List<String> locked = locked();
                return new ProfilingProblem(
                        start + (locked.isEmpty() ? "a table" : String.join(", ", locked))
                                + " was locked in ACCESS EXCLUSIVE mode by another session for longer than "
                                + LOCK_TIMEOUT
                                + "." + end + "Try again when that session has ended its transaction.",
                        failure);
            }
        } catch (SQLException again) {
            failure.addSuppressed(again);
        }
        if (SqlState.QUERY_CANCELED.equals(failure.getSQLState())) {
            return new ProfilingProblem(
                    start + "a query took longer than " + STATEMENT_TIMEOUT + ", or was cancelled." + end
                            + "Try again when the server is less busy.",
                    failure);
        }
        if ("42501".equals(failure.getSQLState())) {
            return new ProfilingProblem(
                    start + "the server refused it to this role." + end
                            + "Give the role what it needs: GRANT pg_monitor, pg_read_all_data TO it.",
                    failure);
        }
        return new ProfilingProblem(start + "the server or the connection failed." + end + "Try again.", failure);
    }

    /** The tables that somebody holds ACCESS EXCLUSIVE. Waits for no lock: names come from the catalogue alone. */
    private List<String> locked() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT DISTINCT CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname
                          FROM pg_catalog.pg_locks l
                          JOIN pg_catalog.pg_class c ON c.oid = l.relation
                          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                         WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
                           AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                           AND n.nspname NOT LIKE 'pg\\_%' AND c.relkind IN ('r', 'p', 'm')
                         ORDER BY 1""")) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing is lost by it: whatever was read is read, and the server ends what nobody listens to.
            throw new ProfilingProblem("The session on the server could not be closed.", e);
        }
    }
}
