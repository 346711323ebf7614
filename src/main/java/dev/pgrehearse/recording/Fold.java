package dev.pgrehearse.recording;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Folds a journal and its request log into a recording. Pure: the same files give the same recording, at the end of a
 * rehearsal or after a crash.
 */
public final class Fold {
    private final List<Fact> facts;
    private final Facts byKind;
    private final List<RequestEntry> requests;
    private final List<RequestEntry> earlierTries;
    private final long endNanos;
    private final Phases phases;
    private final MigrationFold migration;
    private final WaitFold waits;

    Fold(List<Fact> facts, List<RequestEntry> entries) {
        List<RequestEntry> requests = entries.stream()
                .filter(entry -> entry.kind() != RequestEntry.Kind.EARLIER_TRY)
                .toList();
        this.earlierTries = entries.stream()
                .filter(entry -> entry.kind() == RequestEntry.Kind.EARLIER_TRY)
                .toList();
        Optional<ServerDeath> death = ServerDeath.in(facts, requests);
        this.requests = death.map(died -> died.requestsBefore(requests)).orElse(requests);
        List<Fact> before = death.map(died -> died.factsBefore(facts, requests.size() - this.requests.size()))
                .orElse(facts);
        this.facts = WaitEnds.applied(before, this.requests, operations(before));
        this.byKind = new Facts(this.facts);
        this.endNanos = death.map(ServerDeath::atNanos).orElseGet(this::end);
        this.phases = Phases.of(this.facts, endNanos);
        this.migration = new MigrationFold(byKind, operations(this.facts), phases);
        this.waits = new WaitFold(byKind, migration, phases);
    }

    /**
     * Folds what a rehearsal's folder holds. Lock waits that the recording does not list are written into a file of their own
     * there, which it names.
     *
     * @throws IOException when there is no journal, or it cannot be read
     */
    public static Recording of(Path folder) throws IOException {
        List<RequestEntry> entries = new ArrayList<>();
        RequestLog.read(folder, entries::add);
        List<Fact> facts = Journal.read(folder);
        if (facts.isEmpty() || !(facts.get(0) instanceof Fact.Began)) {
            throw new IOException(folder.resolve(Journal.FILE_NAME)
                    + " holds no recording: it ended before its first fact was on the disk");
        }
        Fold fold = new Fold(facts, entries);
        fold.waits.writeFile(folder);
        return fold.recording();
    }

    private static List<String> operations(List<Fact> facts) {
        return facts.stream()
                .filter(Fact.LoadBegan.class::isInstance)
                .reduce((earlier, later) -> later)
                .map(began -> ((Fact.LoadBegan) began).operations())
                .orElse(List.of());
    }

    Recording recording() {
        Fact.Began began = one(Fact.Began.class).orElseThrow();
        Optional<Fact.Ended> ended = one(Fact.Ended.class);
        @Nullable
        String fault = ended.isPresent() ? ended.get().fault() : "the tool was killed: the journal has no end";
        List<String> operations = operations(facts);
        LockWaits together = waits.together();
        Recording.@Nullable MigrationFacts migrated = migration.fold().orElse(null);
        StandbyFacts standby =
                new StandbyFold(facts, phases, endNanos, migrated).fold().orElse(null);
        boolean loaded = !phases.spans().isEmpty();
        List<Recording.PoolFacts> pools = pools(operations);
        Recording.Recovery recovery = new RecoveryFold(facts, requests, phases).fold();
        IndexFold.Indexes indexes = new IndexFold(facts).fold();
        return new Recording(
                Recording.FORMAT,
                fault == null,
                fault,
                began.tool(),
                began.startedAt(),
                began.host(),
                began.scenario(),
                one(Fact.ServerStarted.class).map(Fact.ServerStarted::server).orElse(null),
                one(Fact.DatasetReady.class).map(Fact.DatasetReady::dataset).orElse(null),
                one(Fact.WorkloadDerived.class)
                        .map(Fact.WorkloadDerived::workload)
                        .orElse(null),
                phases.inMillis(),
                migrated,
                loaded ? new RequestFold(operations, requests, phases, endNanos).fold() : null,
                loaded
                        ? new ResponseFold(operations, requests, earlierTries, migration.waits(), byKind, phases).fold()
                        : List.of(),
                loaded ? new TimelineFold(phases, endNanos).fold(requests, facts) : null,
                pools,
                waits.listed(),
                one(Fact.OperationLocksRead.class)
                        .map(Fact.OperationLocksRead::operations)
                        .orElse(List.of()),
                new ProgressFold(all(Fact.ProgressSeen.class), phases).fold(),
                queue(migration),
                together,
                events(pools, operations, recovery, together.deadlocks(), standby),
                adversaries(),
                standby,
                recovery,
                one(Fact.LeftBehind.class).map(Fact.LeftBehind::leftovers).orElse(Recording.Leftovers.NONE),
                indexes.told(),
                indexes.leftOut(),
                new ChangesFold(facts, requests, operations, phases).fold(indexes.told()),
                one(Fact.CostsMeasured.class).map(Fact.CostsMeasured::costs).orElse(Recording.Costs.NONE),
                migration.resources(),
                clock(),
                Stream.of(
                                all(Fact.Doubted.class).stream().map(Fact.Doubted::doubt),
                                lost().stream(),
                                waits.unlisted().stream())
                        .flatMap(doubts -> doubts)
                        .distinct()
                        .toList());
    }

    /** Each request that was offered has one entry; when the server died, those that came later have none. */
    private Optional<Recording.Doubt> lost() {
        long told = requests.stream().filter(entry -> entry.isRequest()).count();
        boolean died =
                all(Fact.Happened.class).stream().anyMatch(event -> event.kind().equals(Fact.Happened.SERVER_DIED));
        return one(Fact.LoadEnded.class)
                .filter(load -> load.offered() != told && !died)
                .map(
                        load -> new Recording.Doubt(
                                Recording.Doubt.REQUESTS_LOST,
                                load.offered() + " requests were offered, but the end of " + told
                                        + " is told: the figures leave some out. This is a defect of the tool; please report it."));
    }

    private long end() {
        return one(Fact.Ended.class)
                .map(Fact.Ended::atNanos)
                .orElseGet(() -> Math.max(
                        requests.stream()
                                .mapToLong(RequestEntry::responded)
                                .max()
                                .orElse(0),
                        facts.stream().mapToLong(Fold::lastKnown).max().orElse(0)));
    }

    private static long lastKnown(Fact fact) {
        if (fact instanceof Fact.PhaseBegan phase) {
            return phase.atNanos();
        }
        if (fact instanceof Fact.Sampled sampled) {
            return sampled.atNanos();
        }
        if (fact instanceof Fact.StatementRan run) {
            return run.endNanos();
        }
        return 0;
    }

    private List<Recording.PoolFacts> pools(List<String> operations) {
        Set<Integer> onStandby =
                one(Fact.StandbyStarted.class).map(Fact.StandbyStarted::operations).orElse(List.of()).stream()
                        .map(operations::indexOf)
                        .collect(Collectors.toSet());
        List<Recording.PoolFacts> folded = new ArrayList<>();
        // Requests tell their instance by its number, which may have two pools.
        List<String> instances = new ArrayList<>();
        for (Fact.PoolMade pool : all(Fact.PoolMade.class)) {
            boolean ofStandby = StandbyFacts.isPool(pool.instance());
            if (!ofStandby) {
                instances.add(pool.instance());
            }
            int number = instances.size() - 1;
            List<Fact.PoolSampled> samples = all(Fact.PoolSampled.class).stream()
                    .filter(sample -> sample.instance().equals(pool.instance()))
                    .sorted(Comparator.comparingLong(Fact.PoolSampled::atNanos))
                    .toList();
            long timeouts = requests.stream()
                    .filter(entry -> entry.instance() == number
                            && onStandby.contains(entry.operation()) == ofStandby
                            && entry.outcome() == Outcome.POOL_TIMEOUT
                            && entry.intended() >= phases.originNanos())
                    .count();
            folded.add(new PoolFold(pool, samples, phases, endNanos).fold(timeouts));
        }
        return folded;
    }

    /** The observer writes a queue only when it is worse than all before, those with the migration in it first of all. */
    private Recording.@Nullable LockQueue queue(MigrationFold migration) {
        return one(Fact.QueueSeen.class)
                .map(seen -> new Recording.LockQueue(
                        phases.millis(seen.atNanos()),
                        seen.relation(),
                        migration.holders(seen),
                        seen.waiters(),
                        seen.waitersInAll()))
                .orElse(null);
    }

    private List<Recording.Event> events(
            List<Recording.PoolFacts> pools,
            List<String> operations,
            Recording.Recovery recovery,
            List<LockWaits.Deadlock> deadlocks,
            @Nullable StandbyFacts standby) {
        Stream<Recording.Event> written = all(Fact.Happened.class).stream()
                .map(event -> new Recording.Event(phases.millis(event.atNanos()), event.kind(), event.text()));
        Stream<Recording.Event> told =
                new AppEvents(phases, endNanos).of(pools, requests, operations, recovery).stream();
        Stream<Recording.Event> resolved = deadlocks.stream()
                .map(deadlock -> new Recording.Event(deadlock.atMs(), "deadlock", WaitFold.inWords(deadlock)));
        Stream<Recording.Event> replayed = standby == null ? Stream.empty() : StandbyFold.events(standby).stream();
        return Stream.of(written, told, resolved, replayed)
                .flatMap(events -> events)
                .sorted(Comparator.comparingDouble(Recording.Event::atMs))
                .toList();
    }

    private List<Recording.AdversaryFacts> adversaries() {
        Map<Integer, Long> gone = all(Fact.AdversaryGone.class).stream()
                .collect(Collectors.toMap(
                        Fact.AdversaryGone::number, Fact.AdversaryGone::atNanos, (first, second) -> first));
        return all(Fact.AdversaryPlanted.class).stream()
                .map(planted -> new Recording.AdversaryFacts(
                        planted.kind(),
                        planted.table(),
                        MigrationFold.millisOrNull(phases, planted.startNanos()),
                        MigrationFold.millisOrNull(phases, gone.get(planted.number())),
                        planted.stood(),
                        planted.proof()))
                .toList();
    }

    private Recording.@Nullable ClockFacts clock() {
        return all(Fact.ClockRead.class).stream()
                .min(Comparator.comparingDouble(Fact.ClockRead::uncertaintyMs))
                .map(read -> new Recording.ClockFacts(read.offsetMs(), read.uncertaintyMs()))
                .orElse(null);
    }

    private <T extends Fact> Optional<T> one(Class<T> kind) {
        return byKind.last(kind);
    }

    private <T extends Fact> List<T> all(Class<T> kind) {
        return byKind.all(kind);
    }
}
