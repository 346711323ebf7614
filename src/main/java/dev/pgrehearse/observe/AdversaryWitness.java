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

    /** User tables as a dump takes them, and how many of them the backend holds in ACCESS SHARE. */
    private static final String DUMP = """
            SELECT a.backend_xmin::text, count(c.oid), count(c.oid) FILTER (WHERE EXISTS (
                     SELECT FROM pg_catalog.pg_locks l
                      WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' AND l.relation = c.oid
                        AND l.mode = 'AccessShareLock'))
              FROM pg_catalog.pg_stat_activity a
              LEFT JOIN pg_catalog.pg_class c
                ON c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
               AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace
                                           WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                                  AND d.deptype = 'e')
             WHERE a.pid = ?
             GROUP BY a.backend_xmin::text
            """;

    /** The worker's own row, in both views. */
    private static final String WORKER = """
            SELECT a.query, p.phase, p.relid IS NOT DISTINCT FROM to_regclass(?)::oid
              FROM pg_catalog.pg_stat_activity a
              LEFT JOIN pg_catalog.pg_stat_progress_vacuum p ON p.pid = a.pid
             WHERE a.pid = ? AND a.backend_type = 'autovacuum worker'
            """;

    private static final String IN_TRANSACTION = "idle in transaction";
    private static final String TO_PREVENT_WRAPAROUND = "(to prevent wraparound)";

    private final PreparedStatement backend;
    private final PreparedStatement dump;
    private final PreparedStatement worker;

    AdversaryWitness(Connection connection) throws SQLException {
        this.backend = connection.prepareStatement(BACKEND);
        this.dump = connection.prepareStatement(DUMP);
        this.worker = connection.prepareStatement(WORKER);
    }

    /** Of an adversary as it was asked for. */
    synchronized Proof proofOf(int pid, AdversarySpec spec) throws SQLException {
        return switch (spec.kind()) {
            case DUMP -> dump(pid);
            case AUTOVACUUM -> worker(pid, spec);
            case LONG_READ, IDLE_IN_TRANSACTION, OLD_SNAPSHOT, BATCH_JOB -> proofOf(pid, spec.kind(), spec.table());
        };
    }

    synchronized Proof proofOf(int pid, AdversarySpec.Kind kind, String table) throws SQLException {
        backend.setString(1, table);
        backend.setInt(2, pid);
        try (ResultSet rows = backend.executeQuery()) {
            if (!rows.next()) {
                return gone(pid);
            }
            return judge(pid, kind, table, rows.getString(1), rows.getString(2), rows.getString(3));
        }
    }

    private static Proof gone(int pid) {
        return new Proof(false, "no backend has the pid " + pid);
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
            // Between two runs it holds nothing; what became of its runs only the job itself can tell.
            case BATCH_JOB -> true;
            case DUMP, AUTOVACUUM -> throw new IllegalArgumentException(kind + " is proven by more than this");
        };
        String words = "backend " + pid + " is " + (state == null ? "in no known state" : state) + ", holds "
                + (modes == null ? "no lock" : modes) + " on " + table + ", "
                + (xmin == null ? "no snapshot" : "a snapshot (xmin " + xmin + ")");
        return new Proof(stands, words);
    }

    private Proof dump(int pid) throws SQLException {
        dump.setInt(1, pid);
        try (ResultSet rows = dump.executeQuery()) {
            if (!rows.next()) {
                return gone(pid);
            }
            String xmin = rows.getString(1);
            long tables = rows.getLong(2);
            long held = rows.getLong(3);
            return new Proof(
                    xmin != null && held == tables,
                    "backend " + pid + " holds AccessShareLock on " + held + " of " + tables + " user tables, "
                            + (xmin == null ? "no snapshot" : "a snapshot (xmin " + xmin + ")"));
        }
    }

    private Proof worker(int pid, AdversarySpec spec) throws SQLException {
        worker.setString(1, spec.table());
        worker.setInt(2, pid);
        try (ResultSet rows = worker.executeQuery()) {
            if (!rows.next()) {
                return new Proof(false, "no autovacuum worker has the pid " + pid);
            }
            String query = String.valueOf(rows.getString(1));
            boolean prevents = query.endsWith(TO_PREVENT_WRAPAROUND);
            return new Proof(
                    rows.getString(2) != null && rows.getBoolean(3) && prevents == spec.toPreventWraparound(),
                    "backend " + pid + " is `" + query + "`, "
                            + (rows.getString(2) == null ? "not at work yet" : "phase " + rows.getString(2)));
        }
    }
}
