package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.PreparedTransactions;
import dev.pgrehearse.profile.Profile.ReplicationSlot;
import dev.pgrehearse.profile.Profile.RoleSetting;
import dev.pgrehearse.profile.Profile.Standby;
import dev.pgrehearse.profile.Profile.Surroundings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prepared transactions, replication slots, standbys, and defaults of roles and of the database. Names of roles, slots and
 * standbys are not read.
 */
final class SurroundingsReader {
    private static final String LSN =
            "CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
                    + " ELSE pg_catalog.pg_current_wal_lsn() END";

    private static final String ROLE_SETTINGS = """
            SELECT s.setrole, s.setdatabase <> 0 AS for_database, pg_catalog.split_part(c, '=', 1) AS name,
                   pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1) AS value
              FROM pg_catalog.pg_db_role_setting s
             CROSS JOIN pg_catalog.unnest(s.setconfig) AS c
             WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
               AND pg_catalog.split_part(c, '=', 1) IN ('statement_timeout', 'lock_timeout', 'transaction_timeout',
                   'idle_in_transaction_session_timeout', 'idle_session_timeout', 'deadlock_timeout', 'work_mem',
                   'maintenance_work_mem', 'max_parallel_maintenance_workers', 'default_transaction_isolation',
                   'synchronous_commit', 'log_lock_waits')
             ORDER BY s.setrole, s.setdatabase, name""";

    private final Connection connection;

    SurroundingsReader(Connection connection) {
        this.connection = connection;
    }

    Surroundings read() throws SQLException {
        return new Surroundings(prepared(), slots(), standbys(), roleSettings());
    }

    private PreparedTransactions prepared() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT count(*), coalesce(extract(epoch FROM max(now() - prepared)), 0)"
                                + " FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()")) {
            return row.next()
                    ? new PreparedTransactions(row.getInt(1), row.getDouble(2))
                    : new PreparedTransactions(0, 0);
        }
    }

    private List<ReplicationSlot> slots() throws SQLException {
        List<ReplicationSlot> slots = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT slot_type, active,"
                        + " coalesce(pg_catalog.pg_wal_lsn_diff(" + LSN + ", restart_lsn), 0)::bigint"
                        + " FROM pg_catalog.pg_replication_slots ORDER BY 1, 2, 3")) {
            while (row.next()) {
                slots.add(new ReplicationSlot(row.getString(1), row.getBoolean(2), row.getLong(3)));
            }
        }
        return slots;
    }

    /** What {@code pg_monitor} is needed for is NULL without it, and left out; {@link Privileges} says so. */
    private List<Standby> standbys() throws SQLException {
        List<Standby> standbys = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sync_state, pg_catalog.pg_wal_lsn_diff(" + LSN
                        + ", replay_lsn)::bigint FROM pg_catalog.pg_stat_replication"
                        + " WHERE sync_state IS NOT NULL AND replay_lsn IS NOT NULL ORDER BY 1, 2")) {
            while (row.next()) {
                standbys.add(new Standby(row.getString(1), row.getLong(2)));
            }
        }
        return standbys;
    }

    private List<RoleSetting> roleSettings() throws SQLException {
        List<RoleSetting> settings = new ArrayList<>();
        Map<Long, String> roles = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ROLE_SETTINGS)) {
            while (row.next()) {
                long role = row.getLong("setrole");
                @Nullable
                String name = role == 0 ? null : roles.computeIfAbsent(role, any -> "role " + (roles.size() + 1));
                settings.add(new RoleSetting(
                        name, row.getBoolean("for_database"), row.getString("name"), row.getString("value")));
            }
        }
        return settings;
    }
}
