package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at {@code pg_locks}: who waits for what behind whom, what the migration holds, how long the queue is.
 *
 * <p>One prepared query a sample; the server returns only what matters: locks not granted, the other locks on the same
 * objects, and the migration's relation locks. Who blocks whom is computed here ({@link LockTable}):
 * {@code pg_blocking_pids} would take every lock partition once for each waiter.
 */
final class LockWaitProbe implements Probe {
    /**
     * The rough key (whatever of oid, transaction, … the lock has) may let in a few rows too many, never too few; the
     * exact identity is compared here. It is only computed when somebody waits.
     */
    private static final String LOCKS = """
            WITH locks AS MATERIALIZED (
                SELECT * FROM pg_catalog.pg_locks WHERE mode <> 'SIReadLock')
            SELECT locktype,
                   concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid,
                             classid, objid, objsubid),
                   coalesce(database, 0)::bigint,
                   coalesce(relation, 0)::bigint,
                   coalesce(pid, 0),
                   mode,
                   granted,
                   coalesce((extract(epoch FROM waitstart) * 1000000)::bigint, 0)
              FROM locks
             WHERE NOT granted
                OR (pid = ? AND locktype = 'relation')
                OR (EXISTS (SELECT FROM locks WHERE NOT granted)
                    AND coalesce(relation::text, transactionid::text, virtualxid, objid::text, locktype)
                        IN (SELECT coalesce(relation::text, transactionid::text, virtualxid, objid::text, locktype)
                              FROM locks WHERE NOT granted))
            """;

    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Parties parties;
    private final WaitLedger ledger;
    private final Duration period;
    private final RelationNames names;
    private final MigrationLocks migrationLocks;
    private final QueuePeak queuePeak;
    private final PreparedStatement locks;
    private int blockedBefore = -1;
    private long blockedWrittenNanos;

    LockWaitProbe(
            Connection connection,
            RehearsalClock clock,
            FactSink facts,
            Parties parties,
            ServerTime serverTime,
            WaitLedger ledger,
            Duration period)
            throws SQLException {
        this.clock = clock;
        this.facts = facts;
        this.parties = parties;
        this.ledger = ledger;
        this.period = period;
        this.names = new RelationNames(connection);
        this.migrationLocks = new MigrationLocks(facts, names);
        this.queuePeak = new QueuePeak(facts, names, parties, serverTime);
        this.locks = connection.prepareStatement(LOCKS);
    }

    @Override
    public String name() {
        return "lock waits";
    }

    @Override
    public Duration period() {
        return period;
    }

    @Override
    public void prepare() throws SQLException {
        names.readAll();
        // Twice, so that the server has it prepared and its plan cached before anybody can be in the way.
        read(0);
        read(0);
    }

    @Override
    public void sample() throws SQLException {
        int migrationPid = parties.migrationPid();
        long before = clock.nanos();
        LockTable table = new LockTable(read(migrationPid));
        long atNanos = before + (clock.nanos() - before) / 2;
        names.learn(table, atNanos);

        Blame blame = new Blame(table, parties);
        List<LockRow> waiters = table.waiters();
        List<WaitLedger.Seen> seen = new ArrayList<>(waiters.size());
        for (LockRow row : waiters) {
            seen.add(new WaitLedger.Seen(
                    row.pid(),
                    row.object(),
                    names.describe(row),
                    row.mode(),
                    parties.operationOf(row.pid()),
                    blame.of(row.pid()),
                    row.waitStartMicros()));
        }
        ledger.sampled(atNanos, seen);
        migrationLocks.sampled(atNanos, table, migrationPid);
        queuePeak.sampled(atNanos, table, migrationPid);
        blocked(atNanos, waiters.size());
    }

    @Override
    public void finish() {
        migrationLocks.finish();
        queuePeak.finish(clock.nanos());
    }

    private void blocked(long atNanos, int count) {
        if (count != blockedBefore || atNanos - blockedWrittenNanos >= HEARTBEAT_NANOS) {
            facts.add(new Fact.Sampled("blockedSessions", atNanos, count));
            blockedBefore = count;
            blockedWrittenNanos = atNanos;
        }
    }

    private List<LockRow> read(int migrationPid) throws SQLException {
        locks.setInt(1, migrationPid);
        List<LockRow> rows = new ArrayList<>();
        try (ResultSet result = locks.executeQuery()) {
            while (result.next()) {
                rows.add(new LockRow(
                        result.getString(1),
                        result.getString(2),
                        result.getLong(3),
                        result.getLong(4),
                        result.getInt(5),
                        LockMode.ofCatalogueName(result.getString(6)),
                        result.getBoolean(7),
                        result.getLong(8)));
            }
        }
        return rows;
    }
}
