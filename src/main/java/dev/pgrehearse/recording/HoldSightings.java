package dev.pgrehearse.recording;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** What looks at the lock table showed of one lock of the migration's while it was held: the bounds of its holds. Immutable. */
final class HoldSightings {
    private static final HoldSightings NONE = new HoldSightings(List.of());

    /** Two looks: who did not have it for so long after the statement began did not begin by taking it. */
    static final long LATE_NANOS = Duration.ofMillis(40).toNanos();

    /** What may be unknown of a moment that is called exact. */
    private static final long EXACT_NANOS = Duration.ofMillis(5).toNanos();

    private final List<Fact.LockSeen> spans;

    private HoldSightings(List<Fact.LockSeen> spans) {
        this.spans = spans;
    }

    /** The same of every lock. */
    record ByLock(Map<Fact.HeldLock, HoldSightings> sightings) {
        HoldSightings of(Fact.HeldLock lock) {
            return sightings.getOrDefault(lock, NONE);
        }
    }

    static ByLock byLock(List<Fact.LockSeen> seen) {
        return new ByLock(seen.stream()
                .filter(Fact.LockSeen::granted)
                .collect(Collectors.groupingBy(
                        lock -> new Fact.HeldLock(lock.relation(), lock.mode()),
                        Collectors.collectingAndThen(Collectors.toList(), HoldSightings::new))));
    }

    /**
     * When a lock was had.
     *
     * @param atNanos when it is taken to have been: not before that
     * @param byNanos when it was there for certain; the end of all times where nobody knows
     */
    record Begin(long atNanos, long byNanos) {
        /** Whether it is known exactly, if it was not had before a moment that is no later than when it was there. */
        boolean isKnownBy(long notBeforeNanos) {
            return byNanos - notBeforeNanos <= EXACT_NANOS;
        }
    }

    /**
     * Of a lock that nobody saw waited for, and that was read at the statement's end: at its start, unless a look after that did not show
     * it yet.
     *
     * @param lastLook of one that was never seen itself: the last look that showed another of the session's, and so not this
     */
    Begin begin(Fact.StatementRan run, long transactionEndNanos, LongSupplier lastLook) {
        long start = run.startNanos();
        // It was read at the statement's end: what a look did not show after that is another hold.
        return spans.stream()
                .filter(span -> span.firstNanos() >= start
                        && span.firstNanos() <= transactionEndNanos
                        && span.notBeforeNanos() <= run.endNanos())
                .min(Comparator.comparingLong(Fact.LockSeen::firstNanos))
                .map(first -> new Begin(
                        Math.max(start, first.notBeforeNanos()), Math.min(first.firstNanos(), run.endNanos())))
                .or(() -> thereBefore(run))
                .orElseGet(() -> neverSeen(run, lastLook.getAsLong()));
    }

    /**
     * Had before by another statement's doing, without a break for all that looks tell; or by this one before the look that straddles
     * its start. Another may have had it in between, and this one have waited: it was there again when a look showed it.
     */
    private Optional<Begin> thereBefore(Fact.StatementRan run) {
        long start = run.startNanos();
        return spans.stream()
                .filter(span -> span.firstNanos() < start && span.lastNanos() >= start)
                .min(Comparator.comparingLong(Fact.LockSeen::firstNanos))
                .map(span -> new Begin(
                        start,
                        span.againNanos().stream()
                                .filter(again -> again >= start)
                                .mapToLong(again -> again)
                                .min()
                                .orElse(span.lastNanos())))
                .map(begin -> new Begin(begin.atNanos(), Math.min(begin.byNanos(), run.endNanos())));
    }

    /** It may have been seen under another name, so only one that was late for certain was not had at the start. */
    private static Begin neverSeen(Fact.StatementRan run, long lastLookNanos) {
        long start = run.startNanos();
        return new Begin(lastLookNanos - start > LATE_NANOS ? lastLookNanos : start, run.endNanos());
    }

    /** A moment, or the first look after another that showed it, if that was before: it was had by then. */
    long atMost(long fromNanos, long nanos) {
        return spans.stream()
                .filter(span -> span.firstNanos() >= fromNanos)
                .mapToLong(span -> Math.min(nanos, span.firstNanos()))
                .min()
                .orElse(nanos);
    }

    /** The last look between two moments, or after, of a hold that was seen between them. */
    OptionalLong lastSeen(long fromNanos, long toNanos) {
        return spans.stream()
                .filter(span -> span.firstNanos() <= toNanos && span.lastNanos() >= fromNanos)
                .mapToLong(Fact.LockSeen::lastNanos)
                .max();
    }

    /**
     * The first look after the last that showed the hold that a statement had at its end, or, of one that was never seen, the last
     * before another was; the end of all times when none came.
     */
    long goneBy(long hadNanos, Fact.StatementRan run, long transactionEndNanos) {
        List<Fact.LockSeen> within = spans.stream()
                .filter(span -> span.firstNanos() <= transactionEndNanos && span.lastNanos() >= hadNanos)
                .toList();
        List<Fact.LockSeen> its = within.stream()
                .filter(span -> span.notBeforeNanos() <= run.endNanos())
                .toList();
        if (its.isEmpty()) {
            return within.stream()
                    .mapToLong(Fact.LockSeen::notBeforeNanos)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }
        return its.stream()
                .max(Comparator.comparingLong(Fact.LockSeen::lastNanos))
                .filter(span -> span.goneNanos() > span.lastNanos())
                .map(Fact.LockSeen::goneNanos)
                .orElse(Long.MAX_VALUE);
    }
}
