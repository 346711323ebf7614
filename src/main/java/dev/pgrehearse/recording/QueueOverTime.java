package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lock queue that the migration stood in, as a tree, at its worst and over time.
 *
 * @param worst the moment of {@link Recording.LockQueue}, with all who were tied to it; null when it was not recorded
 * @param moments whenever it changed, at most two a second; empty when the migration never stood in a queue
 * @param seen how many moments were written; more than {@code moments} when they were thinned
 * @param apartMs the least time between two moments that were kept
 */
public record QueueOverTime(@Nullable Moment worst, List<Moment> moments, int seen, double apartMs) {
    public QueueOverTime {
        moments = List.copyOf(moments);
    }

    /**
     * One moment.
     *
     * @param waiting how many sessions waited in all
     * @param nodes the tree, parents before those who wait for them
     * @param untold sessions that are in no node, because there were too many nodes
     */
    public record Moment(double atMs, int waiting, List<Node> nodes, int untold) {
        public Moment {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * Sessions that do the same in the same place of the tree.
     *
     * @param parent the node, by its place in the list from 0, of whom they wait for and who stands nearest ahead of them;
     *     -1 for those who wait for nobody
     * @param who as {@link Recording.QueueEntry#who()}
     * @param relation what they hold or wait for, as {@link Recording.LockWait#relation()}
     * @param mode held or wanted, SQL's name
     * @param waits whether they wait; false for those who only hold
     * @param sessions how many
     * @param pid of the first
     * @param waitedMs the longest of them by then; 0 for holders
     */
    public record Node(
            int parent,
            String who,
            String relation,
            String mode,
            boolean waits,
            int sessions,
            int pid,
            double waitedMs) {
        /** The same sessions under the name of somebody else. */
        Node as(String other) {
            return new Node(parent, other, relation, mode, waits, sessions, pid, waitedMs);
        }
    }
}
