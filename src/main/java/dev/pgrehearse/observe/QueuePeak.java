package dev.pgrehearse.observe;

import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording.QueueEntry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lock queue at its worst. One in which the migration holds or waits counts for more than any other; among those of
 * a kind the longer one, and of equally long ones the one that had stood longer: a pool that is used up ends a queue's growth,
 * and not its harm. So of all {@link Fact.QueueSeen} the last one is the worst. Used by one thread.
 */
final class QueuePeak {
    /** A growing queue is written this often, and once more when it shrinks: its peak is never lost. */
    private static final long WRITE_EVERY_NANOS = Duration.ofMillis(500).toNanos();
    /** By so much it must have stood longer, so that hours of it are some hundred descriptions. */
    private static final double LONGER = 1.1;
    /** Of thousands the report shows the first; how many there were is always told. */
    private static final int LISTED = 200;

    private final FactSink facts;
    private final Parties parties;
    private final ServerTime serverTime;
    private boolean worstWithMigration;
    private int worstLength;
    private double worstWaitedMs;
    private Fact.@Nullable QueueSeen unwritten;
    private long writtenNanos = Long.MIN_VALUE / 2;

    QueuePeak(FactSink facts, Parties parties, ServerTime serverTime) {
        this.facts = facts;
        this.parties = parties;
        this.serverTime = serverTime;
    }

    /**
     * Takes a look into account.
     *
     * @param migrationsTree all who are tied to the migration; null when it stands in no queue
     */
    void sampled(
            long atNanos, LockTable table, int migrationPid, Fact.@Nullable Tree migrationsTree, WaitTree.Words words) {
        boolean grown = false;
        for (LockTable.Queue queue : table.queues()) {
            // 0 when there is no migration now, and for a prepared transaction, which is none either.
            boolean withMigration = migrationPid != 0 && queue.involves(migrationPid);
            int length = queue.waiters().size();
            double waitedMs = waitedMs(queue.waiters().get(0), atNanos);
            boolean worse = withMigration == worstWithMigration
                    ? length > worstLength || (length == worstLength && waitedMs > LONGER * worstWaitedMs)
                    : withMigration;
            if (worse) {
                worstWithMigration = withMigration;
                worstLength = length;
                worstWaitedMs = waitedMs;
                int centre =
                        withMigration ? migrationPid : queue.waiters().get(0).pid();
                unwritten = describe(
                        atNanos,
                        queue,
                        centre == migrationPid && migrationsTree != null
                                ? migrationsTree
                                : WaitTree.of(WaitTree.tiedTo(centre, table), table, words),
                        words);
                grown = true;
            }
        }
        if (!grown || atNanos - writtenNanos >= WRITE_EVERY_NANOS) {
            write(atNanos);
        }
    }

    void finish(long atNanos) {
        write(atNanos);
    }

    private void write(long atNanos) {
        if (unwritten != null) {
            facts.add(unwritten);
            unwritten = null;
            writtenNanos = atNanos;
        }
    }

    private Fact.QueueSeen describe(long atNanos, LockTable.Queue queue, Fact.Tree tree, WaitTree.Words words) {
        List<QueueEntry> holders = queue.holdersInTheWay().stream()
                .limit(LISTED)
                .map(row -> entry(row, 0))
                .toList();
        List<QueueEntry> waiters = queue.waiters().stream()
                .limit(LISTED)
                .map(row -> entry(row, waitedMs(row, atNanos)))
                .toList();
        String relation = words.relationOf(queue.waiters().get(0));
        return new Fact.QueueSeen(
                atNanos, relation, holders, waiters, queue.waiters().size(), tree);
    }

    private QueueEntry entry(LockRow row, double waitedMs) {
        return new QueueEntry(row.pid(), parties.nameOf(row.pid()), row.mode().sqlName(), waitedMs);
    }

    private double waitedMs(LockRow row, long atNanos) {
        return serverTime.waitedMs(row.waitStartMicros(), atNanos);
    }
}
