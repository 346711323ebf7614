package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Folds statement runs, lock readings and lock waits into the migration's facts. */
final class MigrationFold {
    private static final String OK = "ok";

    private final List<Fact> facts;
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
        this.operations = operations;
        this.phases = phases;
    }

    /** The migration's facts; empty when it never started. */
    Optional<Recording.MigrationFacts> fold() {
        return facts(Fact.MigrationBegan.class).stream().findFirst().map(this::fold);
    }

    private Recording.MigrationFacts fold(Fact.MigrationBegan began) {
        List<Fact.StatementRan> runs = facts(Fact.StatementRan.class);
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
        List<Fact.Waited> own = facts(Fact.Waited.class).stream()
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
        return facts(Fact.StatementRan.class).stream()
                .filter(other -> other.transaction() == run.transaction())
                .mapToLong(Fact.StatementRan::endNanos)
                .max()
                .orElse(run.endNanos());
    }

    private List<Recording.Lock> locks(Fact.StatementRan run, List<Fact.Waited> waits, long transactionEnd) {
        List<Recording.Lock> locks = new ArrayList<>();
        for (Fact.HeldLock held : run.locks()) {
            if (heldBefore(run, held)) {
                continue;
            }
            Optional<Fact.Waited> wait =
                    waitFor(waits, held.relation(), held.mode().sqlName());
            long since = wait.map(Fact.Waited::endNanos).orElse(run.startNanos());
            locks.add(new Recording.Lock(
                    held.relation(),
                    held.mode().sqlName(),
                    true,
                    wait.map(MigrationFold::lengthMs).orElse(0.0),
                    Math.max(0, transactionEnd - since) / 1e6,
                    "exact"));
        }
        for (Fact.LockSeen seen : facts(Fact.LockSeen.class)) {
            boolean ours = seen.firstNanos() >= run.startNanos() && seen.firstNanos() <= run.endNanos();
            String mode = seen.mode().sqlName();
            boolean known = locks.stream()
                    .anyMatch(lock -> lock.relation().equals(seen.relation())
                            && lock.mode().equals(mode));
            if (!ours || known) {
                continue;
            }
            Optional<Fact.Waited> wait = waitFor(waits, seen.relation(), mode);
            boolean grantedLater = !seen.granted()
                    && (run.outcome().equals(OK)
                            || facts(Fact.LockSeen.class).stream()
                                    .anyMatch(other -> other.granted()
                                            && other.pid() == seen.pid()
                                            && other.relation().equals(seen.relation())
                                            && other.mode().equals(seen.mode())
                                            && other.firstNanos() >= seen.firstNanos()
                                            && other.firstNanos() <= run.endNanos()));
            if (grantedLater && !run.locks().isEmpty()) {
                continue;
            }
            long from = seen.granted()
                    ? wait.map(Fact.Waited::endNanos).orElse(seen.firstNanos())
                    : wait.map(Fact.Waited::endNanos).orElse(seen.lastNanos());
            boolean held = seen.granted() || grantedLater;
            locks.add(new Recording.Lock(
                    seen.relation(),
                    mode,
                    held,
                    wait.map(MigrationFold::lengthMs)
                            .orElse(seen.granted() ? 0.0 : (seen.lastNanos() - seen.firstNanos()) / 1e6),
                    held ? Math.max(0, (seen.granted() ? seen.lastNanos() : transactionEnd) - from) / 1e6 : 0,
                    "sampled"));
        }
        locks.sort(Comparator.comparing(MigrationFold::strength).reversed());
        return locks;
    }

    /** A lock that an earlier statement of the same transaction took already is that statement's. */
    private boolean heldBefore(Fact.StatementRan run, Fact.HeldLock held) {
        return run.transaction() != 0
                && facts(Fact.StatementRan.class).stream()
                        .anyMatch(earlier -> earlier.transaction() == run.transaction()
                                && earlier.endNanos() <= run.startNanos()
                                && earlier.locks().contains(held));
    }

    private static Optional<Fact.Waited> waitFor(List<Fact.Waited> waits, String relation, String mode) {
        return waits.stream()
                .filter(wait -> wait.relation().equals(relation) && wait.mode().equals(mode))
                .findFirst();
    }

    private Recording.Blocking blocking(Fact.StatementRan run, long transactionEnd) {
        List<Fact.Waited> behind = facts(Fact.Waited.class).stream()
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

    private static final List<String> STRENGTHS = List.of(
            "ACCESS SHARE",
            "ROW SHARE",
            "ROW EXCLUSIVE",
            "SHARE UPDATE EXCLUSIVE",
            "SHARE",
            "SHARE ROW EXCLUSIVE",
            "EXCLUSIVE",
            "ACCESS EXCLUSIVE");

    private <T extends Fact> List<T> facts(Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Milliseconds, or null. */
    static @Nullable Double millisOrNull(Phases phases, @Nullable Long nanos) {
        return nanos == null ? null : phases.millis(nanos);
    }
}
