package dev.pgrehearse.postgres;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which backend does what for whom: written by load, adversaries and migration, read by the observer.
 *
 * <p>Thread-safe. An entry of a backend is overwritten when it turns to something else, so a reader sees what the
 * backend does now.
 */
public final class Sessions {
    /** For whom a backend works. */
    public enum Role {
        WORKLOAD,
        MIGRATION,
        ADVERSARY,
        OBSERVER,
        OTHER
    }

    /**
     * What one backend is doing.
     *
     * @param role for whom
     * @param label the operation's name, {@code statement 3}, or the adversary's kind
     */
    public record Use(Role role, String label) {}

    /** For the application, through a pooler that does not tell for which operation. */
    public static final Use POOLED = new Use(Role.WORKLOAD, "(through PgBouncer)");

    private static final Use UNKNOWN = new Use(Role.OTHER, "other");

    private final Map<Integer, Use> uses = new ConcurrentHashMap<>();
    private final Set<Integer> migrations = ConcurrentHashMap.newKeySet();

    /** The backend {@code pid} now works for {@code role} on {@code label}. */
    public void begin(int pid, Use use) {
        uses.put(pid, use);
        if (use.role() == Role.MIGRATION) {
            migrations.add(pid);
        }
    }

    /** The backend {@code pid} is gone, or ours no more. */
    public void end(int pid) {
        uses.remove(pid);
    }

    /** What the backend does now; role {@link Role#OTHER} when it is none of ours. */
    public Use of(int pid) {
        Use use = uses.get(pid);
        return use == null ? UNKNOWN : use;
    }

    /** Whether the backend works for the migration, or did: the server's log tells of it when it is gone, too. */
    public boolean isOrWasMigration(int pid) {
        return migrations.contains(pid);
    }

    /** The backend that works for the migration, if one does. */
    public @Nullable Integer migrationPid() {
        for (Map.Entry<Integer, Use> entry : uses.entrySet()) {
            if (entry.getValue().role() == Role.MIGRATION) {
                return entry.getKey();
            }
        }
        return null;
    }
}
