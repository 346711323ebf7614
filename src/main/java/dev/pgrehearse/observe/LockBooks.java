package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Enters what looks at the lock table show into all that is kept of them: waits, the migration's locks, its queue. Used by one thread. */
final class LockBooks {
    private final RelationNames names;
    private final Parties parties;
    private final ServerTime serverTime;
    private final WaitLedger ledger;
    private final MigrationLocks migrationLocks;
    private final QueuePeak queuePeak;
    private final QueueFilm queueFilm;

    LockBooks(FactSink facts, RelationNames names, Parties parties, ServerTime serverTime, WaitLedger ledger) {
        this.names = names;
        this.parties = parties;
        this.serverTime = serverTime;
        this.ledger = ledger;
        this.migrationLocks = new MigrationLocks(facts, names);
        this.queuePeak = new QueuePeak(facts, parties, serverTime);
        this.queueFilm = new QueueFilm(facts);
    }

    /**
     * Enters a made-up queue into books that nobody reads. A program runs what it has not run before many times slower: the first
     * queue of a rehearsal, which may be the only one, would be looked at a tenth of a second late.
     */
    static void practise(RelationNames names, Parties parties, ServerTime serverTime) {
        FactSink nobody = fact -> {};
        LockBooks books =
                new LockBooks(nobody, names, parties, serverTime, new WaitLedger(nobody, serverTime, parties));
        int migration = 2;
        LockTable queue = new LockTable(List.of(
                madeUp(1, LockMode.ACCESS_SHARE, true),
                madeUp(migration, LockMode.ACCESS_EXCLUSIVE, false),
                madeUp(3, LockMode.ACCESS_SHARE, false)));
        books.enter(0, 0, queue, migration);
        books.enter(1, 0, queue, migration);
        books.enter(2, 0, new LockTable(List.of(madeUp(migration, LockMode.ACCESS_EXCLUSIVE, true))), migration);
        books.close(3);
    }

    private static LockRow madeUp(int pid, LockMode mode, boolean granted) {
        return new LockRow(LockRow.RELATION, LockRow.RELATION, 0, 0, pid, mode, granted, granted ? 0 : pid);
    }

    /**
     * Enters a look.
     *
     * @param atNanos the middle of it
     * @param halfNanos half of what it took
     * @param migrationPid 0 when there is no migration now
     */
    void enter(long atNanos, long halfNanos, LockTable table, int migrationPid) {
        ledger.sampled(atNanos, halfNanos, waits(table));
        migrationLocks.sampled(atNanos, halfNanos, table, migrationPid);
        WaitTree.Words words = words(atNanos, table);
        Fact.Tree tree = migrationsTree(table, migrationPid, words);
        queueFilm.sampled(atNanos, tree);
        queuePeak.sampled(atNanos, table, migrationPid, tree, words);
    }

    /** A statement of the migration is sent now. The migration's thread. */
    void statementStarted(long nowNanos) {
        migrationLocks.statementStarted(nowNanos);
    }

    /** After the last look. */
    void close(long nowNanos) {
        migrationLocks.finish();
        queuePeak.finish(nowNanos);
        queueFilm.finish();
    }

    private List<WaitLedger.Seen> waits(LockTable table) {
        Blame blame = new Blame(table, parties, row -> names.describe(row, table));
        List<WaitLedger.Seen> seen = new ArrayList<>();
        for (LockTable.Queue queue : table.queues()) {
            WaitQueues.Look look = new WaitQueues.Look(queue, parties);
            for (int i = 0; i < queue.waiters().size(); i++) {
                int place = i;
                LockRow row = queue.waiters().get(i);
                seen.add(new WaitLedger.Seen(
                        row.pid(),
                        row.object(),
                        names.describe(row, table),
                        row.mode(),
                        parties.operationOf(row.pid()),
                        parties.nameOf(row.pid()),
                        blame.of(row.pid()),
                        row.waitStartMicros(),
                        () -> look.ahead(place)));
            }
        }
        return seen;
    }

    private static Fact.@Nullable Tree migrationsTree(LockTable table, int migrationPid, WaitTree.Words words) {
        // 0 when there is no migration now, and for a prepared transaction, which is none either.
        Set<Integer> tied = migrationPid == 0 ? Set.of() : WaitTree.tiedTo(migrationPid, table);
        return tied.isEmpty() ? null : WaitTree.of(tied, table, words);
    }

    private WaitTree.Words words(long atNanos, LockTable table) {
        return new WaitTree.Words() {
            @Override
            public String nameOf(int pid) {
                return parties.nameOf(pid);
            }

            @Override
            public String relationOf(LockRow row) {
                return names.describe(row, table);
            }

            @Override
            public double waitedMs(LockRow row) {
                return serverTime.waitedMs(row.waitStartMicros(), atNanos);
            }
        };
    }
}
