package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.StandbyFacts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who waits on the standby: reads for locks, and replay for reads.
 *
 * <p>On a standby nobody but replay holds a lock that a read could have to wait for, since sessions there can take none above
 * ROW EXCLUSIVE: so a read that waits for a relation waits behind replay, which holds ACCESS EXCLUSIVE or waits for it.
 * The start of a wait is {@code waitstart}; its end is known to one look.
 */
final class StandbyWaitProbe implements Probe {
    private static final String WAITS = """
            SELECT l.locktype, l.object, l.database, l.relation, l.pid, l.mode, l.waitstart,
                   a.wait_event_type, a.wait_event
              FROM (SELECT wait_event_type, wait_event FROM pg_catalog.pg_stat_get_activity(?)) a
              LEFT JOIN (SELECT locktype,
                                concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid,
                                          classid, objid, objsubid) AS object,
                                coalesce(database, 0)::bigint AS database,
                                coalesce(relation, 0)::bigint AS relation,
                                coalesce(pid, 0) AS pid,
                                mode,
                                coalesce((extract(epoch FROM waitstart) * 1000000)::bigint, 0) AS waitstart
                           FROM pg_catalog.pg_locks WHERE NOT granted) l ON true
            """;

    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();

    private record Key(int pid, String object) {}

    private record Wait(LockRow row, String relation, String operation, long startNanos) {}

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Parties parties;
    private final ServerTime serverTime;
    private final Duration period;
    private final RelationNames names;
    private final Connection standby;
    private final PreparedStatement waits;
    private final Map<Key, Wait> waiting = new HashMap<>();
    private int replayPid;
    private @Nullable String heldUpBy;
    private long heldUpSinceNanos;
    private int blockedBefore = -1;
    private long blockedWrittenNanos;

    StandbyWaitProbe(
            Connection standby,
            RehearsalClock clock,
            FactSink facts,
            Parties parties,
            ServerTime serverTime,
            Duration period)
            throws SQLException {
        this.standby = standby;
        this.clock = clock;
        this.facts = facts;
        this.parties = parties;
        this.serverTime = serverTime;
        this.period = period;
        this.names = new RelationNames(standby);
        this.waits = standby.prepareStatement(WAITS);
    }

    @Override
    public String name() {
        return "waits on the standby";
    }

    @Override
    public Duration period() {
        return waiting.isEmpty() && heldUpBy == null ? period : period.dividedBy(2);
    }

    @Override
    public Duration bearable() {
        return period.multipliedBy(5).dividedBy(2);
    }

    @Override
    public void prepare() throws SQLException {
        names.readAll();
        try (PreparedStatement statement = standby.prepareStatement(
                        "SELECT pid FROM pg_catalog.pg_stat_activity WHERE backend_type = 'startup'");
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("the standby has no startup process: it is in recovery no more");
            }
            replayPid = row.getInt(1);
        }
        // Twice, so that the server has it prepared and its plan cached before anybody can be in the way.
        sample();
        sample();
    }

    @Override
    public void sample() throws SQLException {
        waits.setInt(1, replayPid);
        List<LockRow> rows = new ArrayList<>();
        String waitsFor = null;
        long before = clock.nanos();
        try (ResultSet row = waits.executeQuery()) {
            while (row.next()) {
                waitsFor = heldUp(row.getString(8), row.getString(9));
                if (row.getString(1) != null) {
                    rows.add(new LockRow(
                            row.getString(1),
                            row.getString(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getInt(5),
                            LockMode.ofCatalogueName(row.getString(6)),
                            false,
                            row.getLong(7)));
                }
            }
        }
        long atNanos = before + (clock.nanos() - before) / 2;
        names.learn(new LockTable(rows), atNanos);
        String by = waitsFor;
        for (LockRow row : rows) {
            if (row.pid() == replayPid) {
                by = names.describe(row);
            }
        }
        replay(atNanos, by);
        reads(atNanos, rows);
    }

    /** What replay waits for that reads keep from it, in words; null when reads do not hold it up. */
    private static @Nullable String heldUp(@Nullable String type, @Nullable String event) {
        if (type == null || event == null) {
            return null;
        }
        return switch (event) {
            case "RecoveryConflictSnapshot" -> "rows that were vacuumed away";
            case "RecoveryConflictTablespace" -> "a tablespace";
            case "BufferPin" -> "a page in use";
            default -> type.equals("Lock") ? "a lock" : null;
        };
    }

    private void replay(long atNanos, @Nullable String by) {
        if (heldUpBy != null && !heldUpBy.equals(by)) {
            facts.add(new Fact.ReplayHeldUp(heldUpBy, heldUpSinceNanos, atNanos));
        }
        if (by != null && !by.equals(heldUpBy)) {
            heldUpSinceNanos = atNanos;
        }
        heldUpBy = by;
    }

    private void reads(long atNanos, List<LockRow> rows) {
        Map<Key, LockRow> now = new HashMap<>();
        for (LockRow row : rows) {
            if (row.pid() != replayPid) {
                now.put(new Key(row.pid(), row.object() + "/" + row.waitStartMicros()), row);
            }
        }
        Iterator<Map.Entry<Key, Wait>> known = waiting.entrySet().iterator();
        while (known.hasNext()) {
            Map.Entry<Key, Wait> entry = known.next();
            if (!now.containsKey(entry.getKey())) {
                letOut(entry.getValue(), atNanos);
                known.remove();
            }
        }
        now.forEach((key, row) -> {
            // For a moment after a wait began its start is not known yet: the next look shows it.
            if (row.waitStartMicros() != 0 && !waiting.containsKey(key)) {
                waiting.put(
                        key,
                        new Wait(
                                row,
                                names.describe(row),
                                parties.operationOf(row.pid()),
                                Math.min(atNanos, serverTime.nanosAt(row.waitStartMicros()))));
            }
        });
        if (now.size() != blockedBefore || atNanos - blockedWrittenNanos >= HEARTBEAT_NANOS) {
            facts.add(new Fact.Sampled(StandbyFacts.BLOCKED, atNanos, now.size()));
            blockedBefore = now.size();
            blockedWrittenNanos = atNanos;
        }
    }

    private void letOut(Wait wait, long atNanos) {
        facts.add(new Fact.StandbyWaited(
                wait.row().pid(),
                wait.relation(),
                wait.row().mode().sqlName(),
                wait.operation(),
                wait.row().isOnRelation() ? StandbyFacts.REPLAY : Parties.OTHER,
                wait.startNanos(),
                atNanos));
    }

    /** Waits that go on are told as far as they are known. */
    @Override
    public void finish() throws SQLException {
        sample();
        long now = clock.nanos();
        waiting.values().forEach(wait -> letOut(wait, now));
        waiting.clear();
        replay(now, null);
    }
}
