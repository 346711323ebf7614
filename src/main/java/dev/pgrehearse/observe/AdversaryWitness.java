package dev.pgrehearse.observe;

import dev.pgrehearse.scenario.AdversarySpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Proves from the server's own views that an adversary's backend stands. Thread-safe. */
final class AdversaryWitness {
    private static final String BACKEND = """
            SELECT a.state,
                   a.backend_xmin::text,
                   (SELECT string_agg(DISTINCT l.mode, ', ' ORDER BY l.mode)
                      FROM pg_catalog.pg_locks l
                     WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation'
                       AND l.relation = to_regclass(?)::oid)
              FROM pg_catalog.pg_stat_activity a
             WHERE a.pid = ?
            """;
    private static final String IN_TRANSACTION = "idle in transaction";

    private final PreparedStatement backend;

    AdversaryWitness(Connection connection) throws SQLException {
        this.backend = connection.prepareStatement(BACKEND);
    }

    synchronized Proof proofOf(int pid, AdversarySpec.Kind kind, String table) throws SQLException {
        backend.setString(1, table);
        backend.setInt(2, pid);
        try (ResultSet rows = backend.executeQuery()) {
            if (!rows.next()) {
                return new Proof(false, "no backend has the pid " + pid);
            }
            return judge(pid, kind, table, rows.getString(1), rows.getString(2), rows.getString(3));
        }
    }

    private static Proof judge(
            int pid,
            AdversarySpec.Kind kind,
            String table,
            @Nullable String state,
            @Nullable String xmin,
            @Nullable String modes) {
        boolean stands = switch (kind) {
            case LONG_READ -> "active".equals(state) && modes != null && modes.contains("AccessShareLock");
            // With a snapshot it would hold up CONCURRENTLY too, which is another adversary.
            case IDLE_IN_TRANSACTION -> IN_TRANSACTION.equals(state) && modes != null && xmin == null;
            case OLD_SNAPSHOT -> IN_TRANSACTION.equals(state) && xmin != null;
        };
        String words = "backend " + pid + " is " + (state == null ? "in no known state" : state) + ", holds "
                + (modes == null ? "no lock" : modes) + " on " + table + ", "
                + (xmin == null ? "no snapshot" : "a snapshot (xmin " + xmin + ")");
        return new Proof(stands, words);
    }
}
