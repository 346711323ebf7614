package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.Sessions;
import java.util.Map;
import java.util.Set;

/**
 * Who a backend is: what {@link Sessions} knows, and for the server's own processes what {@code pg_stat_activity} told
 * when it was last read. Thread-safe.
 */
final class Parties {
    static final String MIGRATION = "migration";
    static final String WORKLOAD = "workload";
    static final String OTHER = "other";
    /** This tool itself, whose looks take snapshots for a moment. */
    static final String OBSERVER = "observer";

    static final String AUTOVACUUM = "autovacuum";
    private static final String ADVERSARY_PREFIX = "adversary ";

    private final Sessions sessions;
    private volatile Set<Integer> autovacuumWorkers = Set.of();
    private volatile Map<Integer, Integer> leaders = Map.of();
    private volatile Set<Integer> pooled = Set.of();

    Parties(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * The server's own processes now; leaders are those of parallel workers, by the worker's pid.
     *
     * @param currentPooled the application's sessions; who they work for is known better of those that are not pooled
     */
    void serverProcesses(
            Set<Integer> currentAutovacuumWorkers, Map<Integer, Integer> currentLeaders, Set<Integer> currentPooled) {
        pooled = Set.copyOf(currentPooled);
        autovacuumWorkers = Set.copyOf(currentAutovacuumWorkers);
        leaders = Map.copyOf(currentLeaders);
    }

    /** Whether there was a worker of autovacuum, in any database, when the server's processes were looked at last. */
    boolean seesAutovacuum() {
        return !autovacuumWorkers.isEmpty();
    }

    /** What the backend does; a parallel worker does what its leader does. */
    Sessions.Use of(int pid) {
        Sessions.Use use = sessions.of(pid);
        if (use.role() != Sessions.Role.OTHER) {
            return use;
        }
        if (pooled.contains(pid)) {
            return Sessions.POOLED;
        }
        Integer leader = leaders.get(pid);
        return leader == null ? use : of(leader);
    }

    /** The backend that works for the migration; 0, which no backend has, when none does. */
    int migrationPid() {
        Integer pid = sessions.migrationPid();
        return pid == null ? 0 : pid;
    }

    boolean isAutovacuum(int pid) {
        return autovacuumWorkers.contains(pid);
    }

    /** What a waiting backend was about: an operation, {@code migration}, an adversary's kind, {@code observer} or {@code other}. */
    String operationOf(int pid) {
        Sessions.Use use = of(pid);
        return switch (use.role()) {
            case MIGRATION -> MIGRATION;
            case WORKLOAD, ADVERSARY -> use.label();
            case OBSERVER -> OBSERVER;
            case OTHER -> isAutovacuum(pid) ? AUTOVACUUM : OTHER;
        };
    }

    /** Who a backend is to somebody who waits for it: {@code statement 1}, {@code adversary longRead}, an operation, … */
    String nameOf(int pid) {
        Sessions.Use use = of(pid);
        return switch (use.role()) {
            case MIGRATION, WORKLOAD -> use.label();
            case ADVERSARY -> ADVERSARY_PREFIX + use.label();
            case OBSERVER -> OBSERVER;
            case OTHER -> isAutovacuum(pid) ? AUTOVACUUM : OTHER;
        };
    }
}
