package dev.pgrehearse.recording;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be told of all lock waits together; single ones are in {@link Recording#lockWaits()}.
 *
 * @param seen how many waits were seen, with those that {@link Recording#lockWaits()} leaves out
 * @param file the file beside {@code recording.json} that holds all of them, one JSON object a line; null when {@link
 *     Recording#lockWaits()} leaves none out
 * @param queues the queues that waits stood in; {@link Recording.LockWait#queue()} is a place in this list
 * @param sums over all waits, exact; the longest in total first, by phase
 * @param deadlocks those that the server resolved, as its log tells; in order
 * @param queueOverTime the queue that the migration stood in; null when nobody ever waited, or it was recorded before
 *     queues were
 */
public record LockWaits(
        long seen,
        @Nullable String file,
        List<Queue> queues,
        List<Sum> sums,
        List<Deadlock> deadlocks,
        @Nullable QueueOverTime queueOverTime) {
    /** Nobody waited. */
    public static final LockWaits NONE = new LockWaits(0, null, List.of(), List.of(), List.of(), null);

    /** In place of a name: sessions that are not listed one by one. */
    public static final String FURTHER = "(further sessions)";

    /**
     * Whom a wait stood behind: holders in the way first, then those ahead that want what conflicts with somebody, in the
     * order of the queue. Neighbours that do the same are one entry.
     *
     * @param ahead the last one stands for all that are left of {@link Recording.LockWait#ahead()}
     */
    public record Queue(List<Ahead> ahead) {
        public Queue {
            ahead = List.copyOf(ahead);
        }
    }

    /**
     * Neighbours in a queue.
     *
     * @param who as {@link Recording.QueueEntry#who()}; {@link #FURTHER} for those that are not listed
     * @param mode SQL's name; empty for those that are not listed
     * @param holds whether they hold the lock (true), or wait for it (false)
     * @param sessions how many; null for the last of a queue
     */
    public record Ahead(
            String who,
            String mode,
            boolean holds,
            @Nullable Integer sessions) {}

    /**
     * Waits that are alike.
     *
     * @param phase in which they began
     * @param relation as {@link Recording.LockWait#relation()}
     * @param operation who waited
     * @param behind whom; {@code workload} is what the workload causes itself
     */
    public record Sum(
            String phase,
            String relation,
            String mode,
            String operation,
            String behind,
            long count,
            double totalMs,
            double longestMs) {}

    /**
     * Sessions that waited for each other until the server ended one of them.
     *
     * @param atMs when the server found it
     * @param withMigration whether the migration was one of them; only then it is the migration's doing
     * @param sides in the server's order, each waiting for the next, the last for the first
     */
    public record Deadlock(double atMs, boolean withMigration, List<Side> sides) {
        public Deadlock {
            sides = List.copyOf(sides);
        }

        /** Who was ended; null when the log does not tell the sides. */
        @JsonIgnore
        public @Nullable Side victim() {
            return sides.stream().filter(Side::victim).findFirst().orElse(null);
        }
    }

    /**
     * One of a deadlock's sessions.
     *
     * @param who as {@link Recording.QueueEntry#who()}
     * @param mode what it wanted, SQL's name
     * @param relation on what, as {@link Recording.LockWait#relation()}
     * @param blockedBy the process id of the one that it waited for
     * @param victim whether the server ended it
     * @param sql what it ran, as the log has it, at most 500 characters; null for sessions that are none of the rehearsal's,
     *     whose statements may hold anything
     */
    public record Side(
            int pid,
            String who,
            String mode,
            String relation,
            int blockedBy,
            boolean victim,
            @Nullable String sql) {}
}
