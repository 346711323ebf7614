package dev.pgrehearse.workload;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a vacuum of one table due, and slow, so that the server's own launcher starts a worker that lasts; and puts back
 * what was set for it. Used by one thread.
 *
 * <p>Slow means: after each page the worker sleeps {@code autovacuum_vacuum_cost_delay}. It has pages to look at because
 * an UPDATE that was rolled back made them no longer all-visible.
 */
final class VacuumDue {
    /** The least that PostgreSQL takes for {@code autovacuum_freeze_max_age}. */
    private static final int LEAST_FREEZE_AGE = 100_000;

    /** Beyond that age, so that it is passed in any case. */
    private static final int MARGIN = 1_000;

    private static final int PAGES = 1_000;
    private static final int ATTEMPTS = 5;

    private static final Map<String, String> PARAMETERS = new LinkedHashMap<>(Map.of(
            "autovacuum_enabled", "on",
            "autovacuum_vacuum_threshold", "0",
            "autovacuum_vacuum_scale_factor", "0",
            "autovacuum_vacuum_cost_delay", "100",
            "autovacuum_vacuum_cost_limit", "1"));

    private static final String FREEZE_AGE = "autovacuum_freeze_max_age";

    private final Connection connection;
    private final ConnectionDetails superuser;
    private final String table;
    private final boolean toPreventWraparound;
    private final Map<String, String> wanted = new LinkedHashMap<>(PARAMETERS);
    private final Map<String, String> before = new LinkedHashMap<>();
    private long oid;
    private @Nullable String naptimeBefore;
    private boolean naptimeSet;

    VacuumDue(Connection connection, ConnectionDetails superuser, String table, boolean toPreventWraparound) {
        this.connection = connection;
        this.superuser = superuser;
        this.table = table;
        this.toPreventWraparound = toPreventWraparound;
        if (toPreventWraparound) {
            wanted.put(FREEZE_AGE, Integer.toString(LEAST_FREEZE_AGE));
        }
    }

    void bringAbout() throws SQLException {
        lookUp();
        dirty();
        if (toPreventWraparound) {
            ageBy(LEAST_FREEZE_AGE + MARGIN);
        }
        execute("SET lock_timeout = '5s'");
        setParameters();
        naptimeSet = true;
        execute("ALTER SYSTEM SET autovacuum_naptime = '1s'");
        execute("SELECT pg_reload_conf()");
    }

    private void lookUp() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT c.oid, c.relkind, o.option_name, o.option_value
                  FROM pg_catalog.pg_class c
                  LEFT JOIN LATERAL pg_options_to_table(c.reloptions) o ON true
                 WHERE c.oid = to_regclass(?)
                """)) {
            query.setString(1, Quoted.table(table));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    oid = rows.getLong(1);
                    if (!List.of("r", "m").contains(rows.getString(2))) {
                        throw new SQLException(table + " is no plain table, and autovacuum leaves it out");
                    }
                    if (rows.getString(3) != null) {
                        before.put(rows.getString(3), rows.getString(4));
                    }
                }
            }
        }
        if (oid == 0) {
            throw new SQLException("the table " + table + " is not there");
        }
        naptimeBefore = value("SELECT setting FROM pg_catalog.pg_file_settings WHERE name = 'autovacuum_naptime'"
                + " AND sourcefile LIKE '%postgresql.auto.conf' ORDER BY seqno DESC LIMIT 1");
    }

    /** In a session of its own: what it did to the table is in the statistics when it has ended. */
    private void dirty() throws SQLException {
        try (Connection session = superuser.open("pgrehearse adversary");
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            // Neither triggers nor foreign keys: no row is meant to change.
            statement.execute("SET LOCAL session_replication_role = replica");
            statement.execute("SET LOCAL lock_timeout = '5s'");
            statement.execute(RowsAgain.update(session, table)
                    + " WHERE ctid = ANY (ARRAY(SELECT format('(%s,1)', page)::tid FROM generate_series(0, greatest(0,"
                    + " pg_relation_size(" + oid + ") / current_setting('block_size')::int - 1), greatest(1,"
                    + " pg_relation_size(" + oid + ") / current_setting('block_size')::int / " + PAGES
                    + ")) AS page))");
            session.rollback();
        }
    }

    /** Uses transaction ids up until the table is older; each one a transaction of its own, without a row. */
    private void ageBy(int age) throws SQLException {
        long missing = age
                - Long.parseLong(
                        String.valueOf(value("SELECT age(relfrozenxid) FROM pg_catalog.pg_class WHERE oid = " + oid)));
        if (missing > 0) {
            try (Connection session = superuser.open("pgrehearse adversary");
                    Statement statement = session.createStatement()) {
                statement.execute("SET synchronous_commit = off");
                statement.execute("DO $$ BEGIN FOR i IN 1.." + missing
                        + " LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
            }
        }
    }

    private void setParameters() throws SQLException {
        execute("ALTER TABLE " + Quoted.table(table) + " SET ("
                + wanted.entrySet().stream()
                        .map(entry -> entry.getKey() + " = " + entry.getValue())
                        .collect(Collectors.joining(", "))
                + ")");
    }

    /**
     * Ends its workers and puts everything back. Its parameters need a SHARE UPDATE EXCLUSIVE lock on the table, so that
     * this is for when nobody's waits are measured any more.
     *
     * @return what could not be put back, a sentence each
     */
    List<String> putBack() {
        List<String> troubles = new ArrayList<>();
        if (oid == 0) {
            return troubles;
        }
        // First, so that no other worker comes meanwhile.
        try {
            putNaptimeBack();
        } catch (SQLException failure) {
            troubles.add("autovacuum_naptime is not put back: " + failure.getMessage());
        }
        for (int attempt = 1; ; attempt++) {
            try {
                putParametersBack();
                break;
            } catch (SQLException failure) {
                if (attempt == ATTEMPTS) {
                    troubles.add("The storage parameters of " + table + " are not put back: " + failure.getMessage());
                    break;
                }
            }
        }
        return troubles;
    }

    /** The launcher looks as seldom as before; takes no lock on the table, unlike putting back its parameters. */
    void putNaptimeBack() throws SQLException {
        if (naptimeSet) {
            execute(
                    naptimeBefore == null
                            ? "ALTER SYSTEM RESET autovacuum_naptime"
                            : "ALTER SYSTEM SET autovacuum_naptime = " + Quoted.literal(naptimeBefore));
            execute("SELECT pg_reload_conf()");
            naptimeSet = false;
        }
    }

    /** Ends every worker on the table, also one that queues for it; takes no lock. */
    void endWorkers() throws SQLException {
        execute("SELECT pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l ON"
                + " l.pid = a.pid WHERE a.backend_type = 'autovacuum worker' AND l.locktype = 'relation' AND l.relation = "
                + oid + " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
                + " AND l.mode = 'ShareUpdateExclusiveLock'");
    }

    private void putParametersBack() throws SQLException {
        // The migration may have renamed or dropped it.
        String name = value("SELECT oid::regclass::text FROM pg_catalog.pg_class WHERE oid = " + oid);
        if (name == null) {
            return;
        }
        endWorkers();
        execute("ALTER TABLE " + name + " RESET (" + String.join(", ", wanted.keySet()) + ")");
        List<String> old = wanted.keySet().stream()
                .filter(before::containsKey)
                .map(key -> key + " = " + Quoted.literal(String.valueOf(before.get(key))))
                .toList();
        if (!old.isEmpty()) {
            execute("ALTER TABLE " + name + " SET (" + String.join(", ", old) + ")");
        }
    }

    private @Nullable String value(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
