package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings together what the sampler and the server's log tell about the same wait, and lets a {@link Fact.Waited} out when
 * nothing can make it more exact. Thread-safe.
 *
 * <p>A backend waits for one lock at a time, so (backend, start) names a wait. The sampler has its exact start
 * ({@code pg_locks.waitstart}) and sees its end up to one period late; the log has the exact length, counted from the
 * same instant, of every wait longer than {@code deadlock_timeout} that ended well, and the time of the error that ended
 * another. An error that PL/pgSQL caught is not logged: such a wait ends when the sampler saw it gone; if it was longer
 * than {@code deadlock_timeout} the missing line tells that it gave up, else it counts as granted. Without any log
 * every wait counts as granted, and a doubt says so.
 *
 * <p>A wait is charged to one. When somebody whom it must be charged to joins those ahead later, what came before is told as a wait of its
 * own, which went on.
 */
final class WaitLedger {
    static final String GRANTED = "granted";
    static final String GAVE_UP = "gave up";
    static final String UNKNOWN = "unknown";
    /** It goes on behind somebody else, whom it is charged to from then on. */
    static final String WENT_ON = "went on";

    static final String FROM_LOG = "log";
    static final String SAMPLED = "sampled";

    /** Who somebody is, and who stands in a queue, may be known a moment late: the charge then is of the whole wait. */
    private static final long KNOWN_LATE_NANOS = Duration.ofMillis(100).toNanos();

    /** A cancel this long after a wait was seen gone did not end the wait, but what came after it. */
    private static final long CANCEL_AFTER_GONE_NANOS = Duration.ofMillis(50).toNanos();
    /** What a backend on a busy machine may take to write a line, and the log's collector to bring it to the file. */
    private static final long LOG_DELAY_NANOS = Duration.ofMillis(500).toNanos();
    /** A line that has not come by then does not come. */
    private static final long LOG_BOUND_NANOS = Duration.ofSeconds(2).toNanos();
    /** So many ended waits are held back for the log at most. */
    static final int HELD_BACK = 100_000;
    /** Waits that were let out, to know a line that comes too late. */
    private static final int REMEMBERED = 10_000;

    /**
     * A wait as one sample shows it.
     *
     * @param object the locked object's identity
     * @param who the same as somebody who waits behind it would call it
     * @param startMicros the server's time at which it began; 0 when the server has not said yet
     * @param ahead whom it stands behind; asked once, when the wait is new
     */
    record Seen(
            int pid,
            String object,
            String relation,
            LockMode mode,
            String operation,
            String who,
            Blame.Charge charge,
            long startMicros,
            Supplier<WaitQueues.Line> ahead) {
        /** Behind nobody known. */
        Seen(
                int pid,
                String object,
                String relation,
                LockMode mode,
                String operation,
                Blame.Charge charge,
                long startMicros) {
            this(pid, object, relation, mode, operation, operation, charge, startMicros, WaitQueues.Line::new);
        }
    }

    /**
     * A wait that was let out without a line.
     *
     * @param sampledNanos as long as the sampler saw it
     */
    private record LetOut(long startMicros, boolean startIsExact, long sampledNanos) {}

    /** Nobody adds to it. */
    private static final Deque<LetOut> NONE = new ArrayDeque<>(1);

    private record Remembered(int pid, LetOut its) {}

    /** What the log told about a wait that no sample has shown. */
    private record Unseen(
            LogEntry.StillWaiting entry, String operation, String behind, WaitQueues.@Nullable Standing standing) {}

    private static final class Wait {
        private final int pid;
        private final String object;
        private final String relation;
        private final LockMode mode;
        private final String who;
        private final WaitQueues.@Nullable Standing standing;
        private String operation;
        private Blame.Charge charge;
        private long startMicros;
        private boolean startIsExact;
        private long startNanos;
        /** Since when it has had its charge; -1 since its start. */
        private long chargedNanos = -1;
        /** It was there at this moment or later: when the last look that showed it was sent. */
        private long lastSeenNanos;

        private long goneNanos = -1;
        /** It was gone by this moment: when the answer was there that did not show it. */
        private long goneByNanos = -1;

        private long logEndNanos = -1;
        private @Nullable String logEnd;

        private Wait(Seen seen, WaitQueues.@Nullable Standing standing, long startMicros, long startNanos) {
            this.who = seen.who();
            this.standing = standing;
            this.pid = seen.pid();
            this.object = seen.object();
            this.relation = seen.relation();
            this.mode = seen.mode();
            this.operation = seen.operation();
            this.charge = seen.charge();
            this.startMicros = startMicros;
            this.startIsExact = seen.startMicros() != 0;
            this.startNanos = startNanos;
        }

        /** It was no longer than that; of one that goes on nobody knows. */
        private long atMostNanos() {
            return isGone() ? goneByNanos - startNanos : Long.MAX_VALUE;
        }

        private boolean isChargedAnewAt(long nanos, Blame.Charge seen) {
            return seen.rank() > charge.rank()
                    && charge.rank() > 0
                    && !seen.behind().equals(charge.behind())
                    && nanos - chargedSince() > KNOWN_LATE_NANOS;
        }

        private long chargedSince() {
            return Math.max(startNanos, chargedNanos);
        }

        private boolean isGone() {
            return goneNanos >= 0;
        }

        private boolean isSameAs(Seen seen) {
            return object.equals(seen.object())
                    && mode == seen.mode()
                    && (seen.startMicros() == 0 || !startIsExact || startMicros == seen.startMicros());
        }
    }

    private final FactSink facts;
    private final ServerTime serverTime;
    private final Parties parties;
    private final Map<Integer, Wait> open = new HashMap<>();
    /** Ended, but held back for the log; oldest first, and of each backend apart. */
    private final Deque<Wait> gone = new ArrayDeque<>();

    private final Map<Integer, List<Wait>> goneOf = new HashMap<>();
    private final Map<Integer, Unseen> unseen = new HashMap<>();
    /** Oldest first. */
    private final Deque<Remembered> letOut = new ArrayDeque<>();

    private final Map<Integer, Deque<LetOut>> letOutOf = new HashMap<>();
    /** When each backend wrote last that a wait had ended, or an error that ends waits: all that it began before that is over, and told. */
    private final Map<Integer, Long> toldUpTo = new HashMap<>();

    private final WaitQueues queues;
    private boolean logIsRead;
    private boolean startsAreSampled;
    private long overflown;
    private long deadlockTimeoutNanos = Duration.ofSeconds(1).toNanos();
    private long lateLines;

    WaitLedger(FactSink facts, ServerTime serverTime, Parties parties) {
        this.facts = facts;
        this.serverTime = serverTime;
        this.parties = parties;
        this.queues = new WaitQueues(facts);
    }

    /** The server does not tell when waits began: where the log has their lengths they count back from the end. */
    synchronized void startsAreSampled() {
        startsAreSampled = true;
    }

    /** The server's log is read from now on: waits are held back until it had time to tell of them. */
    synchronized void logIsRead(Duration deadlockTimeout) {
        logIsRead = true;
        deadlockTimeoutNanos = deadlockTimeout.toNanos();
    }

    /** The log cannot be read now: the waits held back are let out without what it might have told. */
    synchronized void logIsLost() {
        letOut(Long.MAX_VALUE);
        logIsRead = false;
    }

    /** A part of the log is lost: how the waits held back ended is not known, though it is read on. */
    synchronized void logHasAGap() {
        letOut(Long.MAX_VALUE);
    }

    /** All waits that one sample shows; those of the sample before that are missing have ended. */
    synchronized void sampled(long atNanos, List<Seen> waits) {
        sampled(atNanos, 0, waits);
    }

    /**
     * The same of a look that took a while: with a thousand waiters, seconds.
     *
     * @param atNanos the middle of it
     * @param halfNanos half of what it took: what it shows was so at some moment of it
     */
    synchronized void sampled(long atNanos, long halfNanos, List<Seen> waits) {
        Map<Integer, Seen> now = new HashMap<>();
        waits.forEach(seen -> now.put(seen.pid(), seen));
        Iterator<Wait> before = open.values().iterator();
        while (before.hasNext()) {
            Wait wait = before.next();
            Seen seen = now.get(wait.pid);
            if (seen == null || !wait.isSameAs(seen)) {
                // One that began after this sample was sent ended within the same breath.
                wait.goneNanos = Math.max(atNanos, wait.startNanos);
                wait.goneByNanos = Math.max(atNanos + halfNanos, wait.startNanos);
                gone.addLast(wait);
                goneOf.computeIfAbsent(wait.pid, pid -> new ArrayList<>(2)).add(wait);
                before.remove();
            }
        }
        waits.forEach(seen -> take(atNanos, halfNanos, seen));
        if (!logIsRead) {
            letOut(Long.MAX_VALUE);
        }
        while (gone.size() > HELD_BACK) {
            overflown++;
            Wait oldest = gone.removeFirst();
            forget(oldest);
            boolean told = oldest.logEnd != null;
            boolean isShort = oldest.goneNanos - oldest.startNanos < deadlockTimeoutNanos - WaitLine.NEAR_TIMEOUT_NANOS;
            letOut(
                    oldest,
                    told ? oldest.logEndNanos : oldest.goneNanos,
                    told ? oldest.logEnd : isShort ? GRANTED : UNKNOWN);
        }
    }

    private void forget(Wait wait) {
        List<Wait> others = goneOf.get(wait.pid);
        if (others == null) {
            return;
        }
        others.remove(wait);
        if (others.isEmpty()) {
            goneOf.remove(wait.pid);
        }
    }

    private void take(long atNanos, long halfNanos, Seen seen) {
        Wait wait = open.get(seen.pid());
        if (wait == null && isToldAlready(seen)) {
            return;
        }
        if (wait == null) {
            long startMicros = seen.startMicros() == 0 ? serverTime.microsAt(atNanos) : seen.startMicros();
            long startNanos = seen.startMicros() == 0 ? atNanos : serverTime.nanosAt(startMicros);
            wait = new Wait(seen, queues.behind(seen.ahead().get()), startMicros, startNanos);
            wait.lastSeenNanos = atNanos - halfNanos;
            open.put(seen.pid(), wait);
            return;
        }
        wait.lastSeenNanos = atNanos - halfNanos;
        if (!wait.startIsExact && seen.startMicros() != 0) {
            wait.startIsExact = true;
            wait.startMicros = seen.startMicros();
            wait.startNanos = serverTime.nanosAt(seen.startMicros());
        }
        if (wait.operation.equals(Parties.OTHER)) {
            // A session that a pooler has just opened is known a moment later than its wait.
            wait.operation = seen.operation();
        }
        if (wait.isChargedAnewAt(atNanos, seen.charge())) {
            tell(wait, atNanos, WENT_ON, SAMPLED);
            wait.chargedNanos = atNanos;
        }
        if (seen.charge().rank() > wait.charge.rank()) {
            wait.charge = seen.charge();
        }
    }

    /** A look that takes long shows what was so when it was sent, and the log may have told of the end meanwhile. */
    private boolean isToldAlready(Seen seen) {
        return seen.startMicros() != 0 && seen.startMicros() < toldUpTo.getOrDefault(seen.pid(), Long.MIN_VALUE);
    }

    synchronized void stillWaiting(LogEntry.StillWaiting entry) {
        WaitLine line = entry.line();
        long latestBegun = latestBegunBy(line.pid(), line.atMicros());
        if (nearest(line, untold(line, latestBegun)).isEmpty()) {
            unseen.put(
                    entry.pid(),
                    new Unseen(
                            entry,
                            parties.operationOf(entry.pid()),
                            behindInLog(entry),
                            queues.behind(aheadInLog(entry))));
        }
    }

    synchronized void acquired(LogEntry.Acquired entry) {
        WaitLine line = entry.line();
        // What was told of a wait that was still going on is over with it, whatever wait it was.
        Unseen before = unseen.remove(entry.pid());
        long latestBegun = latestBegunBy(line.pid(), line.atMicros());
        List<Wait> untold = untold(line, latestBegun);
        Wait wait = nearest(line, untold).or(() -> ofThatLength(line, untold)).orElse(null);
        if (wait != null) {
            if (isEstimated(wait.startIsExact)) {
                wait.startNanos = serverTime.nanosAt(line.startMicros());
            }
            wait.logEnd = GRANTED;
            wait.logEndNanos = wait.startNanos + line.waitedNanos();
            // No other line is of it, and with a log that is far behind there are thousands of those.
            forget(wait);
        } else if (wasLetOut(line, latestBegun)) {
            lateLines++;
        } else {
            letOutFromLog(entry, before, line);
        }
        toldUpTo.put(entry.pid(), entry.atMicros());
    }

    private void letOutFromLog(LogEntry.Acquired entry, @Nullable Unseen before, WaitLine line) {
        String operation = before == null || before.operation().equals(Parties.OTHER)
                ? parties.operationOf(entry.pid())
                : before.operation();
        String behind = before == null ? Parties.OTHER : before.behind();
        long startNanos = serverTime.nanosAt(line.startMicros());
        WaitQueues.Standing standing = before == null ? null : before.standing();
        letOutFromLog(
                entry.pid(),
                entry.mode(),
                entry.object(),
                operation,
                behind,
                standing,
                startNanos,
                startNanos + line.waitedNanos(),
                GRANTED);
    }

    synchronized void gaveUp(LogEntry.GaveUp entry) {
        tellGivenUp(entry);
        toldUpTo.put(entry.pid(), entry.atMicros());
    }

    private void tellGivenUp(LogEntry.GaveUp entry) {
        long atNanos = serverTime.nanosAt(entry.atMicros());
        long latestBegun = latestBegunBy(entry.pid(), entry.atMicros());
        Wait latest = null;
        for (Wait wait : allOf(entry.pid())) {
            // The log's times are cut to milliseconds, so an error is never later there than the next wait's start.
            boolean began = wait.startMicros <= entry.atMicros() && wait.startMicros >= latestBegun;
            boolean itsOwn =
                    !wait.isGone() || entry.onlyEndsWaits() || atNanos <= wait.goneNanos + CANCEL_AFTER_GONE_NANOS;
            if (began && itsOwn && wait.logEnd == null && (latest == null || wait.startMicros > latest.startMicros)) {
                latest = wait;
            }
        }
        if (latest != null) {
            latest.logEnd = GAVE_UP;
            // The line is written after the wait has ended; when a sample that did not show it any more had come back,
            // it had ended, too.
            long endNanos = latest.isGone() ? Math.min(atNanos, latest.goneByNanos) : atNanos;
            latest.logEndNanos = Math.max(endNanos, latest.startNanos);
            return;
        }
        Unseen before = unseen.remove(entry.pid());
        if (before != null) {
            WaitLine line = before.entry().line();
            if (!tells(
                    line,
                    latestBegunBy(line.pid(), line.atMicros()),
                    wait -> line.isOfOneThatBegan(wait.startMicros(), isEstimated(wait.startIsExact())))) {
                letOutFromLog(
                        entry.pid(),
                        before.entry().mode(),
                        before.entry().object(),
                        before.operation(),
                        before.behind(),
                        before.standing(),
                        serverTime.nanosAt(line.startMicros()),
                        atNanos,
                        GAVE_UP);
            }
        }
    }

    /** Everything that the server had written by {@code atNanos} has been read, but for what its collector still has. */
    synchronized void logReadUpTo(long atNanos) {
        letOut(atNanos);
    }

    /** Whether waits that have ended are still held back. */
    synchronized boolean holdsBack() {
        return !gone.isEmpty();
    }

    /** The recording ends: everything is let out, and waits that go on end as {@link #UNKNOWN}. */
    synchronized void finish(long atNanos) {
        letOut(Long.MAX_VALUE);
        open.values().forEach(wait -> {
            boolean told = wait.logEnd != null;
            letOut(wait, told ? wait.logEndNanos : Math.max(atNanos, wait.startNanos), told ? wait.logEnd : UNKNOWN);
        });
        open.clear();
    }

    /** How many lines of the log came after their wait had been let out with the sampler's end. */
    synchronized long lateLines() {
        return lateLines;
    }

    private void letOut(long readUpToNanos) {
        Iterator<Wait> waits = gone.iterator();
        while (waits.hasNext()) {
            Wait wait = waits.next();
            boolean isLong = wait.goneNanos - wait.startNanos > deadlockTimeoutNanos - WaitLine.NEAR_TIMEOUT_NANOS;
            long heldBack = isLong ? LOG_BOUND_NANOS : LOG_DELAY_NANOS;
            boolean told = wait.logEnd != null;
            if (told || readUpToNanos == Long.MAX_VALUE || readUpToNanos - wait.goneNanos >= heldBack) {
                letOut(
                        wait,
                        told ? wait.logEndNanos : wait.goneNanos,
                        told ? wait.logEnd : endedUntold(wait, readUpToNanos));
                waits.remove();
                forget(wait);
            }
        }
    }

    /** How a wait ended of which the log said nothing. */
    private String endedUntold(Wait wait, long readUpToNanos) {
        if (!logIsRead) {
            return GRANTED;
        }
        if (readUpToNanos == Long.MAX_VALUE) {
            return UNKNOWN;
        }
        // Between the last sample that showed it and the one that did not it may have ended at any moment.
        boolean wouldHaveBeenLogged =
                wait.lastSeenNanos - wait.startNanos > deadlockTimeoutNanos + WaitLine.NEAR_TIMEOUT_NANOS;
        return wouldHaveBeenLogged ? GAVE_UP : GRANTED;
    }

    private void letOut(Wait wait, long endNanos, @Nullable String ended) {
        if (wait.logEnd == null) {
            remember(
                    wait.pid,
                    new LetOut(
                            wait.startMicros,
                            wait.startIsExact,
                            Math.max(wait.goneByNanos, endNanos) - wait.startNanos));
        }
        unseen.remove(wait.pid);
        tell(wait, endNanos, ended == null ? UNKNOWN : ended, wait.logEnd == null ? SAMPLED : FROM_LOG);
    }

    /** All of it, or of one that was charged anew what came after that. */
    private void tell(Wait wait, long endNanos, String ended, String source) {
        facts.add(new Fact.Waited(
                wait.pid,
                wait.relation,
                wait.mode.sqlName(),
                wait.operation,
                wait.charge.behind(),
                wait.chargedSince(),
                Math.max(endNanos, wait.chargedSince()),
                ended,
                source,
                wait.standing == null ? null : (Integer) wait.standing.number(),
                wait.standing == null ? 0 : wait.standing.ahead(),
                wait.charge.through()));
    }

    private void remember(int pid, LetOut wait) {
        letOut.addLast(new Remembered(pid, wait));
        letOutOf.computeIfAbsent(pid, its -> new ArrayDeque<>(2)).addLast(wait);
        if (letOut.size() > REMEMBERED) {
            Remembered oldest = letOut.removeFirst();
            forget(oldest.pid(), oldest.its());
        }
    }

    private void forget(int pid, LetOut wait) {
        Deque<LetOut> waits = letOutOf.get(pid);
        if (waits != null) {
            waits.removeFirstOccurrence(wait);
            if (waits.isEmpty()) {
                letOutOf.remove(pid);
            }
        }
    }

    private void letOutFromLog(
            int pid,
            String mode,
            String relation,
            String operation,
            String behind,
            WaitQueues.@Nullable Standing standing,
            long startNanos,
            long endNanos,
            String ended) {
        facts.add(new Fact.Waited(
                pid,
                relation,
                LockMode.ofCatalogueName(mode).sqlName(),
                operation,
                behind,
                startNanos,
                endNanos,
                ended,
                FROM_LOG,
                standing == null ? null : (Integer) standing.number(),
                standing == null ? 0 : standing.ahead(),
                null));
    }

    /** Also of a line that was not only late, but written late: it is no longer than the sampler saw the wait. */
    private boolean wasLetOut(WaitLine line, long latestBegun) {
        return tells(
                        line,
                        latestBegun,
                        wait -> line.isOfOneThatBegan(wait.startMicros(), isEstimated(wait.startIsExact())))
                || tells(
                        line,
                        latestBegun,
                        wait -> line.wasWrittenLateOfOneThatBegan(wait.startMicros(), isEstimated(wait.startIsExact()))
                                && line.waitedNanos() <= wait.sampledNanos() + WaitLine.NEAR_TIMEOUT_NANOS);
    }

    /** One line tells one wait: the next line of the session is of another. */
    private boolean tells(WaitLine line, long latestBegun, Predicate<LetOut> itsLine) {
        Optional<LetOut> its = letOutOf.getOrDefault(line.pid(), NONE).stream()
                .filter(wait -> wait.startMicros() >= latestBegun
                        && mayBeOf(line, wait.startIsExact(), wait.sampledNanos())
                        && itsLine.test(wait))
                .findFirst();
        its.ifPresent(wait -> forget(line.pid(), wait));
        return its.isPresent();
    }

    private boolean mayBeOf(WaitLine line, boolean exact, long atMostNanos) {
        return isEstimated(exact) || line.mayBeOfOneNoLongerThan(atMostNanos, deadlockTimeoutNanos);
    }

    private boolean isEstimated(boolean exact) {
        return startsAreSampled || !exact;
    }

    /** Who a backend was when it began the wait that it was in at that time of the server. */
    synchronized String whoWaited(int pid, long atMicros) {
        String who = parties.nameOf(pid);
        long latest = Long.MIN_VALUE;
        for (Wait wait : allOf(pid)) {
            if (wait.startMicros <= atMicros && wait.startMicros > latest) {
                latest = wait.startMicros;
                who = wait.who;
            }
        }
        return who;
    }

    /** How many waits were let out without what the log may have told, because too many were held back. */
    synchronized long overflown() {
        return overflown;
    }

    /**
     * When the last wait of a session began that is known to have begun by then, or after that. A session writes the line of a wait before
     * it waits again, so that a line of that time is of this wait, or of one that nobody knows of: the server may leave out the line of a
     * wait before it whose backend got no processor meanwhile.
     */
    private long latestBegunBy(int pid, long atMicros) {
        long latest = toldUpTo.getOrDefault(pid, Long.MIN_VALUE);
        for (Wait wait : goneOf.getOrDefault(pid, List.of())) {
            latest = laterOf(latest, wait.startMicros, atMicros);
        }
        Wait waiting = open.get(pid);
        if (waiting != null) {
            latest = laterOf(latest, waiting.startMicros, atMicros);
        }
        for (LetOut wait : letOutOf.getOrDefault(pid, NONE)) {
            latest = laterOf(latest, wait.startMicros(), atMicros);
        }
        return latest;
    }

    private static long laterOf(long latest, long startMicros, long atMicros) {
        return startMicros <= atMicros ? Math.max(latest, startMicros) : latest;
    }

    /**
     * Those waits that have not been let out of which a line may be, but for their begins. A log that is far behind has thousands of a
     * session's to choose from, and a line a millisecond: they are passed over once.
     */
    private List<Wait> untold(WaitLine line, long latestBegun) {
        List<Wait> untold = new ArrayList<>(2);
        for (Wait wait : goneOf.getOrDefault(line.pid(), List.of())) {
            if (mayBeTold(wait, line, latestBegun)) {
                untold.add(wait);
            }
        }
        Wait waiting = open.get(line.pid());
        if (waiting != null && mayBeTold(waiting, line, latestBegun)) {
            untold.add(waiting);
        }
        return untold;
    }

    private boolean mayBeTold(Wait wait, WaitLine line, long latestBegun) {
        return wait.logEnd == null
                && wait.startMicros >= latestBegun
                && mayBeOf(line, wait.startIsExact, wait.atMostNanos());
    }

    private Optional<Wait> nearest(WaitLine line, List<Wait> untold) {
        return untold.stream()
                .filter(wait -> line.isOfOneThatBegan(wait.startMicros, isEstimated(wait.startIsExact)))
                .min(Comparator.comparingLong(wait -> Math.abs(wait.startMicros - line.startMicros())));
    }

    /**
     * The wait that is as long as the line says, whose writing took the server longer than usual: when hundreds of sessions
     * get their lock at once, the last of them write a good while later.
     */
    private Optional<Wait> ofThatLength(WaitLine line, List<Wait> untold) {
        return untold.stream()
                .filter(wait -> line.wasWrittenLateOfOneThatBegan(wait.startMicros, isEstimated(wait.startIsExact))
                        && wait.lastSeenNanos - wait.startNanos <= line.waitedNanos() + WaitLine.NEAR_TIMEOUT_NANOS
                        && wait.atMostNanos() >= line.waitedNanos() - WaitLine.NEAR_TIMEOUT_NANOS)
                .max(Comparator.comparingLong(wait -> wait.startMicros));
    }

    private List<Wait> allOf(int pid) {
        List<Wait> waits = new ArrayList<>(goneOf.getOrDefault(pid, List.of()));
        Wait waiting = open.get(pid);
        if (waiting != null) {
            waits.add(waiting);
        }
        return waits;
    }

    private static List<Integer> waitingAhead(LogEntry.StillWaiting entry) {
        List<Integer> ahead = new ArrayList<>();
        for (int pid : entry.queue()) {
            if (pid == entry.pid()) {
                break;
            }
            ahead.add(pid);
        }
        return ahead;
    }

    /** The log tells no modes. */
    private WaitQueues.Line aheadInLog(LogEntry.StillWaiting entry) {
        WaitQueues.Line line = new WaitQueues.Line();
        entry.holders().forEach(pid -> line.add(parties.nameOf(pid), "", true));
        waitingAhead(entry).forEach(pid -> line.add(parties.nameOf(pid), "", false));
        return line;
    }

    /** Without the lock table the log's own lists have to do: the holders, and everybody ahead in the queue. */
    private String behindInLog(LogEntry.StillWaiting entry) {
        List<Integer> ahead = new ArrayList<>(entry.holders());
        ahead.addAll(waitingAhead(entry));
        String adversary = null;
        boolean onlyWorkload = !ahead.isEmpty();
        for (int pid : ahead) {
            switch (parties.of(pid).role()) {
                case MIGRATION -> {
                    return parties.nameOf(pid);
                }
                case ADVERSARY -> adversary = parties.nameOf(pid);
                case WORKLOAD -> {}
                case OBSERVER, OTHER -> onlyWorkload = false;
            }
        }
        if (adversary != null) {
            return adversary;
        }
        return onlyWorkload ? Parties.WORKLOAD : Parties.OTHER;
    }
}
