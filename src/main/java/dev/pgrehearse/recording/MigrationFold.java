package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.Sessions;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Folds statement runs, lock readings and lock waits into the migration's facts. */
final class MigrationFold {
    private final Facts facts;
    private final List<Fact.StatementRan> runs;
    private final LockFold lockFold;
    private final Map<Fact.StatementRan, List<Recording.Lock>> locks = new LinkedHashMap<>();
    private final List<Fact.Waited> waits;
    private final Map<String, List<Fact.Waited>> byCulprit;
    private final Charges charges;
    private final Set<String> operations;
    private final Phases phases;
    private final DiskFold disk;
    private final BackgroundFold background;
    private final CostFold costs;

    /**
     * Folds a migration.
     *
     * @param facts all facts of the rehearsal
     * @param operations names of the workload's operations: whose waits are requests' waits
     */
    MigrationFold(List<Fact> facts, List<String> operations, Phases phases) {
        this(new Facts(facts), operations, phases);
    }

    /** The same of facts by kind. */
    MigrationFold(Facts facts, List<String> operations, Phases phases) {
        this.facts = facts;
        this.runs = facts(Fact.StatementRan.class);
        List<Fact.Waited> observed = facts(Fact.Waited.class);
        this.lockFold =
                new LockFold(runs, observed, facts(Fact.LockSeen.class), new ServerTimes(facts(Fact.ServerDone.class)));
        runs.forEach(run -> locks.put(run, lockFold.locksOf(run)));
        this.charges = new Charges(locks, lockFold);
        this.waits = observed.stream()
                .map(charges::charge)
                .sorted(Comparator.comparingLong(Fact.Waited::startNanos))
                .toList();
        this.byCulprit =
                waits.stream().filter(Charges::isBehindMigration).collect(Collectors.groupingBy(Fact.Waited::behind));
        this.operations = Set.copyOf(operations);
        this.phases = phases;
        this.disk = new DiskFold(facts.all(), phases);
        this.background = new BackgroundFold(facts.all(), locks, waits, phases);
        this.costs = new CostFold(facts.all(), locks, disk, background);
    }

    /** What the rehearsal took of disk and machine. */
    Resources resources() {
        return new ResourcesFold(facts.all(), phases).fold(disk, background);
    }

    /** Who holds what, of the migration's session the statement that took it. */
    Charges charges() {
        return charges;
    }

    /** The runs of statements, in order. */
    List<Fact.StatementRan> runs() {
        return runs;
    }

    /** The statement that a wait of the migration's own session is of; empty when it was of none. */
    Optional<Fact.StatementRan> statementOf(Fact.Waited wait) {
        return lockFold.statementOf(wait);
    }

    /** All lock waits in order of their start, those behind the migration charged to the statement that took the lock. */
    List<Fact.Waited> waits() {
        return waits;
    }

    /** The holders of a queue, those of the migration's session named by the statement that took the lock. */
    List<Recording.QueueEntry> holders(Fact.QueueSeen queue) {
        return queue.holders().stream()
                .map(holder -> new Recording.QueueEntry(
                        holder.pid(),
                        charges.holder(holder.who(), queue.relation(), holder.mode(), queue.atNanos()),
                        holder.mode(),
                        holder.waitedMs()))
                .toList();
    }

    /** The migration's facts; empty when it never started. */
    Optional<Recording.MigrationFacts> fold() {
        return facts(Fact.MigrationBegan.class).stream().findFirst().map(this::fold);
    }

    private Recording.MigrationFacts fold(Fact.MigrationBegan began) {
        List<Recording.Statement> statements =
                runs.stream().map(this::statement).toList();
        Optional<Fact.MigrationStopped> stopped =
                facts(Fact.MigrationStopped.class).stream().findFirst();
        int cleaningFrom = stopped.map(Fact.MigrationStopped::cleaningFrom).orElse(Integer.MAX_VALUE);
        double duration = length(
                statements.stream().filter(run -> run.index() < cleaningFrom).toList());
        List<Recording.Statement> cleaning =
                statements.stream().filter(run -> run.index() >= cleaningFrom).toList();
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
                statements,
                stopped.map(stop -> new Recording.Stop(
                                phases.millis(stop.atNanos()),
                                "scenario",
                                (stop.endedNanos() - stop.atNanos()) / 1e6,
                                stop.leftovers(),
                                stop.cleaningFrom(),
                                cleaning.isEmpty() ? null : (Double) length(cleaning)))
                        .orElse(null));
    }

    /** From the first one's start to the last one's end. */
    private static double length(List<Recording.Statement> statements) {
        return statements.isEmpty()
                ? 0
                : statements.get(statements.size() - 1).endMs()
                        - statements.get(0).startMs();
    }

    private Recording.Statement statement(Fact.StatementRan run) {
        Optional<Fact.StatementCost> cost = facts(Fact.StatementCost.class).stream()
                .filter(candidate -> candidate.index() == run.index() && candidate.attempt() == run.attempt())
                .findFirst();
        Optional<Fact.StatementTold> told = facts(Fact.StatementTold.class).stream()
                .filter(candidate -> candidate.index() == run.index() && candidate.attempt() == run.attempt())
                .reduce((first, last) -> last);
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
                lockFold.waitsOf(run).stream()
                        .mapToDouble(wait -> wait.overlapWith(run.startNanos(), run.endNanos()) / 1e6)
                        .sum(),
                run.wrapped(),
                run.locksKnown(),
                Objects.requireNonNull(locks.get(run)),
                run.rewrote(),
                run.scanned(),
                cost.map(Fact.StatementCost::walBytes).orElse(null),
                cost.map(Fact.StatementCost::cpuMs).orElse(null),
                costs.of(run),
                blocking(run),
                facts(Fact.BatchesRan.class).stream()
                        .filter(candidate -> candidate.index() == run.index() && candidate.attempt() == run.attempt())
                        .map(Fact.BatchesRan::batches)
                        .findFirst()
                        .orElse(null),
                told.map(Fact.StatementTold::notices).orElse(List.of()),
                told.map(Fact.StatementTold::more).orElse(0L));
    }

    private Recording.Blocking blocking(Fact.StatementRan run) {
        long released = lockFold.allReleasedBy(run);
        List<Fact.Waited> behind = byCulprit.getOrDefault(Charges.name(run), List.of()).stream()
                .filter(wait -> wait.overlapWith(run.startNanos(), released) > 0)
                .toList();
        List<Fact.Waited> requests = behind.stream()
                .filter(wait -> operations.contains(wait.operation())
                        || wait.operation().equals(Sessions.POOLED.label()))
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

    private <T extends Fact> List<T> facts(Class<T> kind) {
        return facts.all(kind);
    }

    /** Milliseconds, or null. */
    static @Nullable Double millisOrNull(Phases phases, @Nullable Long nanos) {
        return nanos == null ? null : phases.millis(nanos);
    }
}
