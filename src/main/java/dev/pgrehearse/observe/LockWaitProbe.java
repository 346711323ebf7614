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
import java.util.regex.Pattern;

/**
 * Looks at {@code pg_locks}: who waits for what behind whom, what the migration holds, how long the queue is.
 *
 * <p>A prepared query a sample passes over the locks and returns those not granted and the migration's relation locks. Only
 * when somebody waits another asks for the other locks on the same objects as well, at once and, as long as somebody waits,
 * instead of the first: most looks see nobody wait, and they are the most frequent thing that the observer asks of the server. While somebody waits it looks twice as often, and while a statement of the migration is a period young
 * more often than that: there it takes its locks, and waits for them too shortly for any other look. Who blocks whom is computed
 * here ({@link LockTable}): {@code pg_blocking_pids} would take every lock partition once for each waiter.
 */
final class LockWaitProbe implements Probe {
    /**
     * The rough key (whatever of oid, transaction, … the lock has) may let in a few rows too many, never too few; the
     * exact identity is compared here. It is only computed when somebody waits. Locks of tuples tell of which table the row is
     * whose last change somebody waits for, and there are no more of them than waiters.
     */
    private static final String LOCKS = """
            WITH locks AS MATERIALIZED (
                SELECT * FROM pg_catalog.pg_locks WHERE mode <> 'SIReadLock')
            SELECT {columns}
              FROM locks
             WHERE NOT granted
                OR (pid = ? AND locktype IN ('relation', 'advisory'))
                OR locktype = 'tuple'
                OR (EXISTS (SELECT FROM locks WHERE NOT granted)
                    AND coalesce(relation::text, transactionid::text, virtualxid, objid::text, locktype)
                        IN (SELECT coalesce(relation::text, transactionid::text, virtualxid, objid::text, locktype)
                              FROM locks WHERE NOT granted))
            """;

    private static final String GLANCE = """
            SELECT {columns}
              FROM pg_catalog.pg_locks
             WHERE mode <> 'SIReadLock' AND (NOT granted OR (pid = ? AND locktype IN ('relation', 'advisory')))
            """;

    private static final String COLUMNS = """
            locktype,
                   concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid,
                             classid, objid, objsubid),
                   coalesce(database, 0)::bigint,
                   coalesce(relation, 0)::bigint,
                   coalesce(pid, 0),
                   mode,
                   granted,
                   {waitstart}""";

    private static final String WAIT_START = "coalesce((extract(epoch FROM waitstart) * 1000000)::bigint, 0)";

    /** The first version that tells when a wait began. */
    private static final int FIRST_WITH_WAIT_START = 14;

    private static final Pattern RENAMES =
            Pattern.compile("\\brename\\s+to\\b|\\bset\\s+schema\\b", Pattern.CASE_INSENSITIVE);

    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();

    /** From one look to the next while a statement of the migration is young. */
    private static final Duration CLOSE = Duration.ofMillis(5);
    /** So many of those in all: they cost two seconds of a processor, be the migration thousands of short statements. */
    private static final int CLOSE_LOOKS = 5_000;
    /** So many times what a look takes is between two of them: a thousand waiting sessions are not looked at all the time. */
    private static final int LOOKS_APART = 4;

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Parties parties;
    private final WaitLedger ledger;
    private final Duration period;
    private final RelationNames names;
    private final LockBooks books;
    private final ServerTime serverTime;
    private final Doubts doubts;
    private final boolean toldWaitStart;
    private final FirstSightings sightings = new FirstSightings();
    private final StaleStarts staleStarts = new StaleStarts();
    private final PreparedStatement glance;
    private final PreparedStatement locks;
    /** Until when a statement of the migration is young. */
    private volatile long youngUntilNanos = Long.MIN_VALUE;
    /** How many statements have come that give names; the migration's thread counts them. */
    private int renames;
    /** So many of them are known to be seen by others. */
    private int renamesSeen;
    /** Whether somebody waited at the last look: then the next one asks for all at once. */
    private boolean waited;

    private Duration lookTook = Duration.ZERO;
    private int closeLooks;

    private int blockedBefore = -1;
    private long blockedWrittenNanos;

    LockWaitProbe(
            Connection connection,
            RehearsalClock clock,
            FactSink facts,
            Parties parties,
            ServerTime serverTime,
            WaitLedger ledger,
            Doubts doubts,
            Duration period)
            throws SQLException {
        this(
                connection,
                clock,
                facts,
                parties,
                serverTime,
                ledger,
                doubts,
                period,
                connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_WAIT_START);
    }

    /** With a say in whether the server is asked for the starts of waits: {@code toldWaitStart}. */
    LockWaitProbe(
            Connection connection,
            RehearsalClock clock,
            FactSink facts,
            Parties parties,
            ServerTime serverTime,
            WaitLedger ledger,
            Doubts doubts,
            Duration period,
            boolean toldWaitStart)
            throws SQLException {
        this.serverTime = serverTime;
        this.doubts = doubts;
        this.toldWaitStart = toldWaitStart;
        this.clock = clock;
        this.facts = facts;
        this.parties = parties;
        this.ledger = ledger;
        this.period = period;
        this.names = new RelationNames(connection);
        this.books = new LockBooks(facts, names, parties, serverTime, ledger);
        String columns = COLUMNS.replace("{waitstart}", toldWaitStart ? WAIT_START : "0::bigint");
        this.glance = connection.prepareStatement(GLANCE.replace("{columns}", columns));
        this.locks = connection.prepareStatement(LOCKS.replace("{columns}", columns));
    }

    @Override
    public String name() {
        return "lock waits";
    }

    /** A statement of the migration is sent at that time of the clock. The migration's thread. */
    void statementStarted(String sql, long sentNanos) {
        youngUntilNanos = sentNanos + period.toNanos();
        books.statementStarted(sentNanos);
        if (RENAMES.matcher(sql).find()) {
            renames++;
        }
    }

    @Override
    public Duration period() {
        Duration usual = waited ? period.dividedBy(2) : period;
        if (!isClose(clock.nanos())) {
            return usual;
        }
        Duration apart = lookTook.multipliedBy(LOOKS_APART);
        Duration close = apart.compareTo(CLOSE) > 0 ? apart : CLOSE;
        return close.compareTo(usual) < 0 ? close : usual;
    }

    private boolean isClose(long nowNanos) {
        return nowNanos < youngUntilNanos && closeLooks < CLOSE_LOOKS;
    }

    /**
     * A statement of the migration has ended: what it made may have a name in the catalogue now, and what one before it renamed another
     * one. The migration's thread.
     *
     * @return what the loop is to do
     */
    ProbeLoop.Task statementEnded() {
        int given = renames;
        return () -> {
            names.askAgain();
            // Until it is seen: others see a name from the commit on.
            if (given > renamesSeen && names.readAgain()) {
                renamesSeen = given;
            }
        };
    }

    @Override
    public Duration bearable() {
        return period.multipliedBy(5).dividedBy(2);
    }

    @Override
    public void prepare() throws SQLException {
        names.readAll();
        if (!toldWaitStart) {
            ledger.startsAreSampled();
            doubts.raise(
                    "no-wait-start",
                    "PostgreSQL before 14 does not tell when a wait for a lock began: it is taken to begin when it was first"
                            + " seen, up to " + period.toMillis()
                            + " ms late, and shorter waits may be missed. Of those over"
                            + " deadlock_timeout the server's log has the exact length. Who came first among those that came"
                            + " within one such period is not known.");
        }
        // Twice, so that the server has it prepared and its plan cached before anybody can be in the way.
        for (PreparedStatement query : List.of(glance, locks)) {
            read(query, 0);
            read(query, 0);
        }
        LockBooks.practise(names, parties, serverTime);
    }

    @Override
    public void sample() throws SQLException {
        int migrationPid = parties.migrationPid();
        long began = clock.nanos();
        if (isClose(began) && ++closeLooks == CLOSE_LOOKS) {
            doubts.raise(
                    "close-looks-spent",
                    "The begins of statements were looked at each " + CLOSE.toMillis() + " ms, " + CLOSE_LOOKS
                            + " times in all, until " + doubts.when(began) + ". From then on there is a look each "
                            + period.toMillis()
                            + " ms: locks of later statements that were taken late, or held shortly, are"
                            + " known to one of those.");
        }
        long before = began;
        List<LockRow> rows = read(waited ? locks : glance, migrationPid);
        boolean wait = rows.stream().anyMatch(row -> !row.granted());
        if (wait && !waited) {
            before = clock.nanos();
            rows = read(locks, migrationPid);
        }
        waited = wait;
        long halfNanos = (clock.nanos() - before) / 2;
        long atNanos = before + halfNanos;
        LockTable table = new LockTable(
                toldWaitStart
                        ? staleStarts.checked(rows, serverTime.microsAt(before))
                        : sightings.dated(rows, serverTime.microsAt(atNanos)));
        names.learn(table, atNanos);

        books.enter(atNanos, halfNanos, table, migrationPid);
        blocked(atNanos, table.waiters().size());
        lookTook = Duration.ofNanos(clock.nanos() - began);
    }

    @Override
    public void finish() {
        books.close(clock.nanos());
    }

    private void blocked(long atNanos, int count) {
        if (count != blockedBefore || atNanos - blockedWrittenNanos >= HEARTBEAT_NANOS) {
            facts.add(new Fact.Sampled("blockedSessions", atNanos, count));
            blockedBefore = count;
            blockedWrittenNanos = atNanos;
        }
    }

    private static List<LockRow> read(PreparedStatement query, int migrationPid) throws SQLException {
        query.setInt(1, migrationPid);
        List<LockRow> rows = new ArrayList<>();
        try (ResultSet result = query.executeQuery()) {
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
