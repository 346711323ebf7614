package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.scenario.FirstWords;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Folds lock readings, sightings and waits of the migration's session into the locks of each run of a statement. */
final class LockFold {
    /** As {@link Fact.Waited#operation()} names the migration's own waits. */
    private static final String MIGRATION = "migration";

    private static final String OK = "ok";

    /** As {@link Fact.Waited#ended()} and {@link Fact.Waited#source()} say it. */
    private static final String GRANTED = "granted";

    private static final String LOG = "log";

    /** A lock that was taken at a statement's end is seen by then: two looks, while nobody waits. */
    private static final long SEEN_BY_NANOS = Duration.ofMillis(80).toNanos();

    /** A look takes a moment, and what it shows may be from that moment's beginning. */
    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

    /** As the observer names what is its transaction's own still, so that the catalogue shows it to nobody else. */
    private static final Pattern NAMELESS = Pattern.compile("oid [0-9]+");

    private static final Pattern TEMPORARY = Pattern.compile("pg_temp_[0-9]+\\..*", Pattern.DOTALL);

    private static final Pattern CATALOGUE =
            Pattern.compile("(?:pg_catalog|information_schema|pg_toast)\\..*", Pattern.DOTALL);

    private static final Pattern TAKES_ADVISORY =
            Pattern.compile("\\bpg_(?:try_)?advisory_(?:xact_)?lock", Pattern.CASE_INSENSITIVE);

    private static final List<String> STRENGTHS =
            Stream.of(LockMode.values()).map(LockMode::sqlName).toList();

    private final List<Fact.StatementRan> runs;
    private final NavigableMap<Long, Fact.StatementRan> runsByStart = new TreeMap<>();

    /** The migration's own, and by relation those behind it that were granted: all that is ever asked of a million. */
    private final List<Fact.Waited> ownWaits;

    private final Map<String, List<Fact.Waited>> grantedBehind;
    private final Map<Integer, Fact.StatementRan> transactionEnds;
    private final List<Fact.LockSeen> seen;
    private final List<Fact.LockSeen> advisory;
    private final ServerTimes serverTimes;
    private final HoldSightings.ByLock sightings;

    LockFold(List<Fact.StatementRan> runs, List<Fact.Waited> waits, List<Fact.LockSeen> seen, ServerTimes serverTimes) {
        this.runs = runs;
        this.serverTimes = serverTimes;
        runs.forEach(run -> runsByStart.put(run.startNanos(), run));
        this.ownWaits = waits.stream()
                .filter(wait -> wait.operation().equals(MIGRATION))
                .toList();
        this.grantedBehind = waits.stream()
                .filter(wait -> Charges.isBehindMigration(wait) && wait.ended().equals(GRANTED))
                .collect(Collectors.groupingBy(Fact.Waited::relation));
        this.transactionEnds = runs.stream()
                .collect(Collectors.toMap(
                        Fact.StatementRan::transaction,
                        run -> run,
                        BinaryOperator.maxBy(Comparator.comparingLong(Fact.StatementRan::endNanos))));
        this.seen = seen.stream().filter(LockFold::isWorthTelling).toList();
        this.advisory = seen.stream()
                .filter(lock -> lock.relation().equals(ADVISORY) && lock.granted())
                .toList();
        this.sightings = HoldSightings.byLock(this.seen);
    }

    /** Advisory locks, of which {@code Charges} alone wants to know: they forbid nothing but one another. */
    static final String ADVISORY = "(advisory lock)";

    /** Every statement reads and changes catalogues; what is stronger than that forbids others something. */
    private static boolean isWorthTelling(Fact.LockSeen lock) {
        return !lock.relation().equals(ADVISORY)
                && !TEMPORARY.matcher(lock.relation()).matches()
                && (!CATALOGUE.matcher(lock.relation()).matches()
                        || STRENGTHS.indexOf(lock.mode().sqlName())
                                > STRENGTHS.indexOf(LockMode.ROW_EXCLUSIVE.sqlName()));
    }

    /**
     * The waits of the migration's own session while a statement ran. One that the sampler saw end late may reach into the
     * next statement: it is of the one in which it began alone.
     */
    List<Fact.Waited> waitsOf(Fact.StatementRan run) {
        return ownWaits.stream()
                .filter(wait -> wait.overlapWith(run.startNanos(), run.endNanos()) > 0 && !beganBefore(run, wait))
                .toList();
    }

    /** The statement that a wait of the migration's own session is of; empty when it was of none. */
    Optional<Fact.StatementRan> statementOf(Fact.Waited wait) {
        return runs.stream()
                .filter(run -> wait.overlapWith(run.startNanos(), run.endNanos()) > 0 && !beganBefore(run, wait))
                .max(Comparator.comparingLong(run -> wait.overlapWith(run.startNanos(), run.endNanos())));
    }

    private boolean beganBefore(Fact.StatementRan run, Fact.Waited wait) {
        Map.Entry<Long, Fact.StatementRan> begun = runsByStart.floorEntry(wait.startNanos() + LOOK_NANOS);
        return begun != null
                && begun.getKey() < run.startNanos()
                && begun.getValue().endNanos() > wait.startNanos();
    }

    /** The advisory locks that a statement took. */
    List<Fact.LockSeen> advisoryOf(Fact.StatementRan run) {
        return advisory.stream()
                .filter(lock -> takerOf(lock).filter(run::equals).isPresent())
                .toList();
    }

    /**
     * Of those that ran from the last look without it to the first with it, one that says so; the last one where none does, as when a
     * function takes it.
     */
    private Optional<Fact.StatementRan> takerOf(Fact.LockSeen lock) {
        List<Fact.StatementRan> candidates = runs.stream()
                .filter(run ->
                        run.startNanos() <= lock.firstNanos() + LOOK_NANOS && run.endNanos() >= lock.notBeforeNanos())
                .toList();
        return candidates.stream()
                .filter(run -> TAKES_ADVISORY.matcher(run.sql()).find())
                .findFirst()
                .or(() -> candidates.stream().max(Comparator.comparingLong(Fact.StatementRan::startNanos)));
    }

    /** When all that a statement took is given back: an advisory lock of the session may outlive the transaction. */
    long allReleasedBy(Fact.StatementRan run) {
        return advisoryOf(run).stream().mapToLong(Fact.LockSeen::goneNanos).reduce(transactionEnd(run), Math::max);
    }

    /**
     * When a lock that a statement took was given back at the latest: at the end of its transaction, or of the ROLLBACK TO a savepoint
     * before it.
     */
    long releasedBy(Fact.StatementRan run, Recording.Lock lock) {
        Fact.HeldLock held = new Fact.HeldLock(lock.relation(), new Fact.LockModeName(lock.mode()));
        return run.locks().contains(held)
                ? rolledBack(run, held).map(Fact.StatementRan::endNanos).orElse(transactionEnd(run))
                : transactionEnd(run);
    }

    /** A lock is held to the end of its transaction: of the last statement that shares it. */
    long transactionEnd(Fact.StatementRan run) {
        return lastOfTransaction(run).endNanos();
    }

    private Fact.StatementRan lastOfTransaction(Fact.StatementRan run) {
        return run.transaction() == 0 ? run : transactionEnds.getOrDefault(run.transaction(), run);
    }

    /**
     * What a run of a statement locked, strongest first: what was read at its end, and what only the sampler saw, since it
     * was released before, as by an exception block.
     */
    List<Recording.Lock> locksOf(Fact.StatementRan run) {
        List<Fact.Waited> own = waitsOf(run);
        long transactionEnd = transactionEnd(run);
        Stream<Recording.Lock> read =
                run.locksKnown() ? run.locks().stream().map(held -> read(run, held, own, transactionEnd)) : Stream.of();
        return Stream.concat(read, sampled(run, own, transactionEnd))
                .sorted(Comparator.comparingInt(LockFold::strength).reversed())
                .toList();
    }

    /**
     * A lock that was read on the statement's own session. When it was had is exact too, unless a wait for it is known from
     * the sampler alone: that one ends up to a period late, even after the statement. A statement may also take a lock some
     * time after its start, such as a DO block, or one that waited for another table first, or for this one too shortly to be
     * seen waiting: then it was had after the last look that did not show it.
     *
     * <p>It was released when the first session that waited behind it got its own, or when a look did not show it any more:
     * the server releases before it answers, and the answer may come late on a busy machine. Without either the end of the
     * transaction has to do: the server's log has it, or else its client's clock.
     */
    private Recording.Lock read(Fact.StatementRan run, Fact.HeldLock held, List<Fact.Waited> own, long transactionEnd) {
        List<Fact.Waited> waits = waitsFor(own, held.relation(), held.mode().sqlName());
        // It has the lock, so the last wait got it: those before were given up, as within an exception block that tries
        // again.
        Optional<Fact.Waited> wait = waits.stream().max(Comparator.comparingLong(Fact.Waited::endNanos));
        HoldSightings sightings = this.sightings.of(held);
        HoldSightings.Begin begin = wait.map(got -> new HoldSightings.Begin(
                        got.endNanos(), got.source().equals(LOG) ? got.endNanos() : Long.MAX_VALUE))
                .orElseGet(() -> sightings.begin(run, transactionEnd, () -> lastLookWithAnother(run)));
        long had = Math.min(
                Math.min(run.endNanos(), begin.byNanos()),
                Math.max(begin.atNanos(), sightings.atMost(run.startNanos(), serverTimes.began(run))));
        long told = released(run, held);
        Optional<Fact.Waited> successor = firstGrantedBehind(run, held, had, told);
        long granted = successor.map(Fact.Waited::endNanos).orElse(told);
        long released = Math.min(granted, sightings.goneBy(had, run, transactionEnd));
        // A look that finds it gone before somebody told tells only roughly since when.
        boolean releaseIsExact = granted - released <= LOOK_NANOS
                && successor.map(Fact.Waited::source).orElse(LOG).equals(LOG);
        boolean exact = begin.isKnownBy(had) && releaseIsExact;
        return new Recording.Lock(
                held.relation(),
                held.mode().sqlName(),
                true,
                waits.stream().mapToDouble(one -> waitedMs(one, had)).sum(),
                Math.max(0, released - had) / 1e6,
                exact ? "exact" : "sampled");
    }

    /**
     * The first to get, before the client learned of the release, what this lock forbade: the lock was gone by then. Who came before
     * the statement was ahead of it, and may have woken up late from waiting for another. A sighting of the lock after such a
     * wait's end refutes it: the sampler alone cannot tell a grant from giving up.
     */
    private Optional<Fact.Waited> firstGrantedBehind(
            Fact.StatementRan run, Fact.HeldLock held, long hadNanos, long releasedNanos) {
        long lastSeen =
                sightings.of(held).lastSeen(run.startNanos(), releasedNanos).orElse(hadNanos);
        return grantedBehind.getOrDefault(held.relation(), List.of()).stream()
                .filter(wait ->
                        Charges.keepsWaiting(held.relation(), held.mode().sqlName(), wait)
                                && wait.startNanos() >= run.startNanos() - LOOK_NANOS
                                && wait.endNanos() > hadNanos
                                && wait.endNanos() < releasedNanos
                                && wait.endNanos() >= lastSeen - (wait.source().equals(LOG) ? LOOK_NANOS : 0))
                .min(Comparator.comparingLong(Fact.Waited::endNanos));
    }

    private long released(Fact.StatementRan run, Fact.HeldLock held) {
        return rolledBack(run, held)
                .map(rollback -> ended(run, held, rollback))
                .orElseGet(() -> ended(run, held, lastOfTransaction(run)));
    }

    /** ROLLBACK TO a savepoint releases what was locked after it; that the lock went with it the sampler must have seen. */
    private Optional<Fact.StatementRan> rolledBack(Fact.StatementRan run, Fact.HeldLock held) {
        OptionalLong lastSeen = sightings.of(held).lastSeen(run.startNanos(), run.endNanos() + SEEN_BY_NANOS);
        if (run.transaction() == 0 || lastSeen.isEmpty()) {
            return Optional.empty();
        }
        return runs.stream()
                .filter(other -> other.transaction() == run.transaction()
                        && other.startNanos() >= run.endNanos()
                        && other.outcome().equals(OK)
                        && FirstWords.of(other.sql()).rollBackToSavepoint())
                .filter(other -> lastSeen.getAsLong() <= other.endNanos())
                .min(Comparator.comparingLong(Fact.StatementRan::endNanos));
    }

    /** As the server's log has it, unless a look still showed the lock after that. */
    private long ended(Fact.StatementRan run, Fact.HeldLock held, Fact.StatementRan last) {
        long shown =
                sightings.of(held).lastSeen(run.startNanos(), last.endNanos()).orElse(Long.MIN_VALUE + LOOK_NANOS);
        return Math.min(last.endNanos(), Math.max(serverTimes.transactionEnded(last), shown - LOOK_NANOS));
    }

    /** The last look that showed any lock of the session while the statement ran; its start when there is none. */
    private long lastLookWithAnother(Fact.StatementRan run) {
        return seen.stream()
                .filter(lock -> lock.lastNanos() >= run.startNanos() && lock.lastNanos() <= run.endNanos())
                .mapToLong(Fact.LockSeen::lastNanos)
                .max()
                .orElse(run.startNanos());
    }

    /**
     * The locks that the sampler alone saw first while the statement ran, each relation and mode once; without those that
     * are known to be an earlier statement's, taken too shortly before for the sampler, or a later one's, and, where the
     * statement's own were read, without those of what its own transaction made.
     */
    private Stream<Recording.Lock> sampled(Fact.StatementRan run, List<Fact.Waited> own, long transactionEnd) {
        return seen.stream()
                .filter(lock -> beganIn(run, lock) || isHadAnew(run, lock))
                .filter(lock -> !run.locks().contains(new Fact.HeldLock(lock.relation(), lock.mode())))
                .filter(lock ->
                        !run.locksKnown() || !NAMELESS.matcher(lock.relation()).matches())
                .filter(lock -> !isOfAnEarlier(run, lock))
                .filter(lock -> !isOfALater(run, lock))
                .collect(Collectors.groupingBy(
                        lock -> new Fact.HeldLock(lock.relation(), lock.mode()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .entrySet()
                .stream()
                .map(entry -> sampled(run, entry.getKey(), entry.getValue(), own, transactionEnd));
    }

    private static boolean beganIn(Fact.StatementRan run, Fact.LockSeen sighting) {
        return sighting.firstNanos() >= run.startNanos() && sighting.firstNanos() <= run.endNanos();
    }

    /**
     * Of a statement that is alone, and whose locks nobody read: what it is seen to have was given back by whoever had it before, as a
     * statement that took the same a moment earlier, or a look that straddles the start. A moment's hold is not told apart
     * from a look that came late.
     */
    private static boolean isHadAnew(Fact.StatementRan run, Fact.LockSeen sighting) {
        return run.transaction() == 0
                && !run.locksKnown()
                && sighting.granted()
                && sighting.firstNanos() < run.startNanos()
                && Math.min(sighting.lastNanos(), run.endNanos()) >= run.startNanos() + HoldSightings.LATE_NANOS;
    }

    private boolean isOfAnEarlier(Fact.StatementRan run, Fact.LockSeen sighting) {
        Fact.HeldLock lock = new Fact.HeldLock(sighting.relation(), sighting.mode());
        boolean glimpsed =
                sighting.firstNanos() == sighting.lastNanos() && sighting.firstNanos() - run.startNanos() <= LOOK_NANOS;
        return runs.stream()
                .filter(other -> !other.equals(run) && other.endNanos() <= run.startNanos())
                .filter(other -> (other.transaction() != 0 && other.transaction() == run.transaction())
                        || (glimpsed && other.endNanos() >= sighting.notBeforeNanos()))
                .anyMatch(other -> other.locks().contains(lock));
    }

    /**
     * A look that straddles the statement's end may show what the next one locks. Of a statement whose locks were read at its
     * end, or that takes none, one that was not among them and is known to be a later statement's is that one's: when it is seen
     * while that one runs, or was seen only just before it began. So is what a later one, of which nobody read any, is seen to have.
     */
    private boolean isOfALater(Fact.StatementRan run, Fact.LockSeen sighting) {
        Fact.HeldLock lock = new Fact.HeldLock(sighting.relation(), sighting.mode());
        return (run.locksKnown() || FirstWords.of(run.sql()).lockNothing())
                && runs.stream()
                        .filter(other -> other.startNanos() >= run.endNanos())
                        .anyMatch(other -> isHadAnew(other, sighting)
                                || (other.locks().contains(lock)
                                        && (sighting.lastNanos() >= other.startNanos()
                                                || other.startNanos() - sighting.firstNanos()
                                                        <= HoldSightings.LATE_NANOS)));
    }

    /** A statement of many transactions, such as a back-fill, waits and holds many times, and nothing in between. */
    private static Recording.Lock sampled(
            Fact.StatementRan run,
            Fact.HeldLock lock,
            List<Fact.LockSeen> sightings,
            List<Fact.Waited> own,
            long transactionEnd) {
        List<Fact.Waited> itsWaits = waitsFor(own, lock.relation(), lock.mode().sqlName());
        double waitedMs = itsWaits.isEmpty()
                ? sightings.stream()
                        .filter(sighting -> !sighting.granted())
                        .mapToDouble(sighting -> (sighting.lastNanos() - sighting.firstNanos()) / 1e6)
                        .sum()
                : itsWaits.stream().mapToDouble(LockFold::lengthMs).sum();
        double[] holdsMs = sightings.stream()
                .filter(Fact.LockSeen::granted)
                .mapToDouble(sighting ->
                        Math.max(0, releasedNanos(sighting, transactionEnd) - hadNanos(sighting, itsWaits, run)) / 1e6)
                .toArray();
        boolean gaveUp = !itsWaits.isEmpty()
                && !itsWaits.get(itsWaits.size() - 1).ended().equals(GRANTED);
        if (holdsMs.length == 0 && run.outcome().equals(OK) && !run.locksKnown() && !gaveUp) {
            // Seen waiting only, but the statement succeeded: it had the lock between two looks, or gave up within an
            // exception
            // block, of which the server tells nobody. A look that shows it no more came after both.
            long had = itsWaits.stream().mapToLong(Fact.Waited::endNanos).max().orElse(transactionEnd);
            long gone =
                    sightings.stream().mapToLong(Fact.LockSeen::goneNanos).max().orElse(transactionEnd);
            holdsMs = new double[] {Math.max(0, Math.min(transactionEnd, gone) - had) / 1e6};
        }
        return new Recording.Lock(
                lock.relation(),
                lock.mode().sqlName(),
                holdsMs.length > 0
                        || itsWaits.stream().anyMatch(wait -> wait.ended().equals(GRANTED)),
                waitedMs,
                DoubleStream.of(holdsMs).sum(),
                "sampled",
                holdsMs.length > 1 ? (Double) DoubleStream.of(holdsMs).max().getAsDouble() : null);
    }

    /**
     * A lock that was waited for was had at the wait's end, which may be some time before the sampler saw it; one that was
     * there at the first look after the statement's start, since that start.
     */
    private static long hadNanos(Fact.LockSeen sighting, List<Fact.Waited> waits, Fact.StatementRan run) {
        return waits.stream()
                .mapToLong(Fact.Waited::endNanos)
                .filter(end -> sighting.notBeforeNanos() <= end && end <= sighting.firstNanos())
                .max()
                .orElse(
                        waits.isEmpty() && sighting.notBeforeNanos() <= run.startNanos()
                                ? run.startNanos()
                                : Math.max(run.startNanos(), sighting.firstNanos()));
    }

    /**
     * A lock that was there at the last look before its transaction's end was held to that end, as the session locks of
     * CONCURRENTLY and VACUUM are to the command's; any other one, as by a transaction within the statement, was had when
     * it was seen last.
     */
    private static long releasedNanos(Fact.LockSeen sighting, long transactionEnd) {
        return sighting.goneNanos() >= transactionEnd ? transactionEnd : sighting.lastNanos();
    }

    /** How long it waited until it had the lock. */
    private static double waitedMs(Fact.Waited wait, long hadNanos) {
        return (Math.min(wait.endNanos(), hadNanos) - wait.startNanos()) / 1e6;
    }

    private static List<Fact.Waited> waitsFor(List<Fact.Waited> waits, String relation, String mode) {
        return waits.stream()
                .filter(wait -> wait.relation().equals(relation) && wait.mode().equals(mode))
                .toList();
    }

    private static int strength(Recording.Lock lock) {
        return STRENGTHS.indexOf(lock.mode());
    }

    private static double lengthMs(Fact.Waited wait) {
        return (wait.endNanos() - wait.startNanos()) / 1e6;
    }
}
