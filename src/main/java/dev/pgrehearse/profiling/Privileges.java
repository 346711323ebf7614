package dev.pgrehearse.profiling;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What this role is not shown, as sentences: PostgreSQL hides rows and fields without saying so. */
final class Privileges {
    private Privileges() {}

    static List<String> notices(Connection connection) throws SQLException {
        List<String> notices = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS stats,"
                                + " pg_catalog.pg_is_in_recovery() AS standby")) {
            row.next();
            if (!row.getBoolean("stats")) {
                notices.add("This role is not in pg_read_all_stats (nor in pg_monitor), so pg_stat_statements,"
                        + " pg_stat_activity and pg_stat_replication hide what other roles do: statements of others, ages of"
                        + " their transactions and standbys may be missing. GRANT pg_monitor TO the role, and take the"
                        + " profile again.");
            }
            if (row.getBoolean("standby")) {
                notices.add(
                        "This is a standby: dead rows, scans of indexes, times of VACUUM and ANALYZE, traffic and ages"
                                + " are its own, not the primary's, and dead rows are 0. Take the profile of the primary for those.");
            }
        }
        return notices;
    }
}
