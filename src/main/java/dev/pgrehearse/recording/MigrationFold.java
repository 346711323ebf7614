package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Folds statement runs, lock readings and lock waits into the migration's facts. */
final class MigrationFold {
    private static final String OK = "ok";

    private static final List<String> STRENGTHS =
            Stream.of(LockMode.values()).map(LockMode::sqlName).toList();

    private final List<Fact> facts;
    private final List<Fact.StatementRan> runs;
    private final List<Fact.Waited> waits;
    private final List<Fact.LockSeen> seen;
    private final List<String> operations;
    private final Phases phases;

    /**
     * Folds a migration.
     *
     * @param facts all facts of the rehearsal
     * @param operations names of the workload's operations: whose waits are requests' waits
     */
    MigrationFold(List<Fact> facts, List<String> operations, Phases phases) {
        this.facts = facts;
        this.runs = facts(Fact.StatementRan.class);
        this.waits = facts(Fact.Waited.class);
        this.seen = facts(Fact.LockSeen.class);
        this.operations = operations;
        this.phases = phases;
    }

    /** The migration's facts; empty when it never started. */
    Optional<Recording.MigrationFacts> fold() {
        return facts(Fact.MigrationBegan.class).stream().findFirst().map(this::fold);
    }

    private Recording.MigrationFacts fold(Fact.MigrationBegan began) {
        List<Recording.Statement> statements =
                runs.stream().map(this::statement).toList();
        double duration = statements.isEmpty()
                ? 0
                : statements.get(statements.size() - 1).endMs()
                        - statements.get(0).startMs();
        Fact.MigrationEnded ended = facts(Fact.MigrationEnded.class).stream()
                .findFirst()
                .orElse(new Fact.MigrationEnded("interrupted", 0, 1, "unknown: the rehearsal ended before it", 0));
        return new Recording.MigrationFacts(
                began.tool(),
                ended.outcome(),
                duration,
                Math.max(
                        ended.attempts(),
                        runs.stream().mapToInt(Fact.StatementRan::attempt).max().orElse(0)),
                ended.connectionsPeak(),
                began.lockTimeoutMs(),
                ended.state(),
                statements);
    }

    private Recording.Statement statement(Fact.StatementRan run) {
        long transactionEnd = transactionEnd(run);
        List<Fact.Waited> own = waits.stream()
                .filter(wait -> wait.operation().equals("migration")
                        && overlap(wait.startNanos(), wait.endNanos(), run.startNanos(), run.endNanos()) > 0)
                .toList();
        Optional<Fact.StatementCost> cost = facts(Fact.StatementCost.class).stream()
                .filter(candidate -> candidate.index() == run.index() && candidate.attempt() == run.attempt())
                .findFirst();
        return new Recording.Statement(
                run.index(),
                run.attempt(),
                run.file(),
                run.line(),
                run.sql(),
                phases.millis(run.startNanos()),
                phases.millis(run.endNanos()),
                run.outcome(),
                run.sqlState(),
                run.error(),
                own.stream()
                        .mapToDouble(wait ->
                                overlap(wait.startNanos(), wait.endNanos(), run.startNanos(), run.endNanos()) / 1e6)
                        .sum(),
                run.wrapped(),
                locks(run, own, transactionEnd),
                run.rewrote(),
                run.scanned(),
                cost.map(Fact.StatementCost::walBytes).orElse(null),
                cost.map(Fact.StatementCost::cpuMs).orElse(null),
                blocking(run, transactionEnd));
    }

    /** A lock is held to the end of its transaction: of the last statement that shares it. */
    private long transactionEnd(Fact.StatementRan run) {
        if (run.transaction() == 0) {
            return run.endNanos();
        }
        return runs.stream()
                .filter(other -> other.transaction() == run.transaction())
                .mapToLong(Fact.StatementRan::endNanos)
                .max()
                .orElse(run.endNanos());
    }

    private List<Recording.Lock> locks(Fact.StatementRan run, List<Fact.Waited> own, long transactionEnd) {
        Stream<Recording.Lock> locks = run.locksKnown()
                ? run.locks().stream().map(held -> exact(run, held, own, transactionEnd))
                : sampled(run, own, transactionEnd);
        return locks.sorted(Comparator.comparingInt(MigrationFold::strength).reversed())
                .toList();
    }

    private static Recording.Lock exact(
            Fact.StatementRan run, Fact.HeldLock held, List<Fact.Waited> own, long transactionEnd) {
        Optional<Fact.Waited> wait = waitFor(own, held.relation(), held.mode().sqlName());
        long since = wait.map(Fact.Waited::endNanos).orElse(run.startNanos());
        return new Recording.Lock(
                held.relation(),
                held.mode().sqlName(),
                true,
                wait.map(MigrationFold::lengthMs).orElse(0.0),
                Math.max(0, transactionEnd - since) / 1e6,
                "exact");
    }

    /** The locks that the sampler saw first while the statement ran, each relation and mode once. */
    private Stream<Recording.Lock> sampled(Fact.StatementRan run, List<Fact.Waited> own, long transactionEnd) {
        return seen.stream()
                .filter(lock -> lock.firstNanos() >= run.startNanos() && lock.firstNanos() <= run.endNanos())
                .collect(Collectors.groupingBy(
                        lock -> new Fact.HeldLock(lock.relation(), lock.mode()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .entrySet()
                .stream()
                .map(entry -> sampled(run, entry.getKey(), entry.getValue(), own, transactionEnd));
    }

    private static Recording.Lock sampled(
            Fact.StatementRan run,
            Fact.HeldLock lock,
            List<Fact.LockSeen> sightings,
            List<Fact.Waited> own,
            long transactionEnd) {
        Optional<Fact.Waited> wait = waitFor(own, lock.relation(), lock.mode().sqlName());
        double seenWaitingMs = sightings.stream()
                .filter(sighting -> !sighting.granted())
                .mapToDouble(sighting -> (sighting.lastNanos() - sighting.firstNanos()) / 1e6)
                .sum();
        OptionalLong heldFrom = sightings.stream()
                .filter(Fact.LockSeen::granted)
                .mapToLong(Fact.LockSeen::firstNanos)
                .min();
        long heldTo = sightings.stream()
                .filter(Fact.LockSeen::granted)
                .mapToLong(Fact.LockSeen::lastNanos)
                .max()
                .orElse(transactionEnd);
        // Seen waiting only, but the statement succeeded: it had the lock between two looks.
        boolean granted = heldFrom.isPresent() || run.outcome().equals(OK);
        long since = wait.map(Fact.Waited::endNanos).orElse(heldFrom.orElse(transactionEnd));
        return new Recording.Lock(
                lock.relation(),
                lock.mode().sqlName(),
                granted,
                wait.map(MigrationFold::lengthMs).orElse(seenWaitingMs),
                granted ? Math.max(0, heldTo - since) / 1e6 : 0,
                "sampled");
    }

    private static Optional<Fact.Waited> waitFor(List<Fact.Waited> waits, String relation, String mode) {
        return waits.stream()
                .filter(wait -> wait.relation().equals(relation) && wait.mode().equals(mode))
                .findFirst();
    }

    private Recording.Blocking blocking(Fact.StatementRan run, long transactionEnd) {
        List<Fact.Waited> behind = waits.stream()
                .filter(wait -> wait.behind().equals("statement " + run.index())
                        && overlap(wait.startNanos(), wait.endNanos(), run.startNanos(), transactionEnd) > 0)
                .toList();
        List<Fact.Waited> requests = behind.stream()
                .filter(wait -> operations.contains(wait.operation()))
                .toList();
        return new Recording.Blocking(
                peak(behind),
                behind.stream().mapToDouble(MigrationFold::lengthMs).sum(),
                behind.stream().mapToDouble(MigrationFold::lengthMs).max().orElse(0),
                requests.size(),
                requests.stream()
                        .map(Fact.Waited::operation)
                        .distinct()
                        .sorted()
                        .toList());
    }

    private static int peak(List<Fact.Waited> waits) {
        TreeMap<Long, Integer> changes = new TreeMap<>();
        for (Fact.Waited wait : waits) {
            changes.merge(wait.startNanos(), 1, Integer::sum);
            changes.merge(wait.endNanos(), -1, Integer::sum);
        }
        int now = 0;
        int peak = 0;
        for (int change : changes.values()) {
            now += change;
            peak = Math.max(peak, now);
        }
        return peak;
    }

    private static double lengthMs(Fact.Waited wait) {
        return (wait.endNanos() - wait.startNanos()) / 1e6;
    }

    private static long overlap(long from, long to, long otherFrom, long otherTo) {
        return Math.min(to, otherTo) - Math.max(from, otherFrom);
    }

    private static int strength(Recording.Lock lock) {
        return STRENGTHS.indexOf(lock.mode());
    }

    private <T extends Fact> List<T> facts(Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Milliseconds, or null. */
    static @Nullable Double millisOrNull(Phases phases, @Nullable Long nanos) {
        return nanos == null ? null : phases.millis(nanos);
    }
}
