package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Folds what was seen of a standby. */
final class StandbyFold {
    private static final String ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE";

    private final List<Fact> facts;
    private final Phases phases;
    private final long endNanos;
    private final List<Recording.Statement> statements;

    /**
     * Folds a standby.
     *
     * @param migration whose locks reads may have waited for; null when it never started
     */
    StandbyFold(List<Fact> facts, Phases phases, long endNanos, Recording.@Nullable MigrationFacts migration) {
        this.facts = facts;
        this.phases = phases;
        this.endNanos = endNanos;
        this.statements = migration == null ? List.of() : migration.statements();
    }

    /** One reading of the lag. */
    private record Lag(long atNanos, double ms, long bytes) {}

    /** Empty when there was no standby. */
    Optional<StandbyFacts> fold() {
        return all(Fact.StandbyStarted.class).stream().findFirst().map(this::fold);
    }

    private StandbyFacts fold(Fact.StandbyStarted started) {
        List<Lag> lags = lags();
        long migration = phases.migrationStart(endNanos);
        List<Lag> since =
                lags.stream().filter(lag -> lag.atNanos() >= migration).toList();
        Optional<Lag> peak = since.stream().max(Comparator.comparingDouble(Lag::ms));
        List<Fact.ReplayHeldUp> heldUp = all(Fact.ReplayHeldUp.class);
        List<StandbyFacts.Wait> waits = waits(peak.map(Lag::ms).orElse(0.0));
        return new StandbyFacts(
                started.settings(),
                started.preparedSeconds(),
                started.operations(),
                lags.stream()
                        .filter(lag -> lag.atNanos() >= phases.originNanos() && lag.atNanos() < migration)
                        .map(Lag::ms)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                peak.map(Lag::ms).orElse(null),
                since.stream().map(Lag::bytes).max(Comparator.naturalOrder()).orElse(null),
                peak.map(lag -> phases.millis(lag.atNanos())).orElse(null),
                behind(lags),
                longest(
                        heldUp.stream()
                                .map(held -> new StandbyFacts.HeldUp(
                                        held.by(),
                                        phases.millis(held.startNanos()),
                                        (held.endNanos() - held.startNanos()) / 1e6))
                                .toList(),
                        Comparator.comparingDouble(StandbyFacts.HeldUp::durationMs),
                        Comparator.comparingDouble(StandbyFacts.HeldUp::startMs)),
                heldUp.stream()
                        .mapToDouble(held -> (held.endNanos() - held.startNanos()) / 1e6)
                        .sum(),
                longest(
                        waits,
                        Comparator.comparingDouble(StandbyFacts.Wait::durationMs),
                        Comparator.comparingDouble(StandbyFacts.Wait::startMs)),
                waits.size(),
                blocked(waits),
                all(Fact.StandbyConflicts.class).stream()
                        .findFirst()
                        .map(Fact.StandbyConflicts::byCause)
                        .orElse(null));
    }

    /** When replay had caught up, as events. */
    static List<Recording.Event> events(StandbyFacts standby) {
        List<Recording.Event> events = new ArrayList<>();
        for (StandbyFacts.Behind behind : standby.behind()) {
            events.add(new Recording.Event(
                    behind.startMs(), StandbyFacts.EVENT_BEHIND, "the standby's replay is behind by more than 1 s"));
            Double caughtUp = behind.caughtUpMs();
            if (caughtUp != null) {
                events.add(new Recording.Event(
                        caughtUp,
                        StandbyFacts.EVENT_CAUGHT_UP,
                        "the standby has caught up, after " + Math.round(behind.lagPeakMs()) + " ms behind at most"));
            }
        }
        return events;
    }

    /** Both series are sampled at the same moments. */
    private List<Lag> lags() {
        Map<Long, Double> bytes = new LinkedHashMap<>();
        List<Fact.Sampled> times = new ArrayList<>();
        for (Fact.Sampled sampled : all(Fact.Sampled.class)) {
            if (sampled.series().equals(StandbyFacts.LAG_BYTES)) {
                bytes.put(sampled.atNanos(), sampled.value());
            } else if (sampled.series().equals(StandbyFacts.LAG_MS)) {
                times.add(sampled);
            }
        }
        return times.stream()
                .filter(sampled -> bytes.containsKey(sampled.atNanos()))
                .map(sampled -> new Lag(
                        sampled.atNanos(),
                        sampled.value(),
                        bytes.getOrDefault(sampled.atNanos(), 0.0).longValue()))
                .sorted(Comparator.comparingLong(Lag::atNanos))
                .toList();
    }

    private List<StandbyFacts.Behind> behind(List<Lag> lags) {
        List<StandbyFacts.Behind> spans = new ArrayList<>();
        List<Lag> span = new ArrayList<>();
        for (Lag lag : lags) {
            if (lag.ms() > StandbyFacts.BEHIND_MS) {
                span.add(lag);
            } else if (!span.isEmpty()) {
                spans.add(behind(span, phases.millis(lag.atNanos())));
                span.clear();
            }
        }
        if (!span.isEmpty()) {
            spans.add(behind(span, null));
        }
        return spans;
    }

    private StandbyFacts.Behind behind(List<Lag> span, @Nullable Double caughtUpMs) {
        return new StandbyFacts.Behind(
                phases.millis(span.get(0).atNanos()),
                caughtUpMs,
                span.stream().mapToDouble(Lag::ms).max().orElse(0),
                span.stream().mapToLong(Lag::bytes).max().orElse(0));
    }

    private List<StandbyFacts.Wait> waits(double lagPeakMs) {
        return all(Fact.StandbyWaited.class).stream()
                .map(wait -> {
                    double startMs = phases.millis(wait.startNanos());
                    return new StandbyFacts.Wait(
                            startMs,
                            (wait.endNanos() - wait.startNanos()) / 1e6,
                            wait.relation(),
                            wait.mode(),
                            wait.operation(),
                            wait.behind(),
                            wait.behind().equals(StandbyFacts.REPLAY)
                                    ? charged(wait.relation(), startMs, lagPeakMs)
                                    : null);
                })
                .sorted(Comparator.comparingDouble(StandbyFacts.Wait::startMs))
                .toList();
    }

    /**
     * The last statement of the migration that had begun by then and had ACCESS EXCLUSIVE on the relation: replay takes that
     * lock after the primary did, and gives it back after the primary, by the lag.
     */
    private @Nullable Integer charged(String relation, double atMs, double lagPeakMs) {
        Integer charged = null;
        for (Recording.Statement run : statements) {
            for (Recording.Lock lock : run.locks()) {
                if (run.startMs() <= atMs
                        && lock.granted()
                        && lock.mode().equals(ACCESS_EXCLUSIVE)
                        && lock.relation().equals(relation)
                        && atMs
                                <= run.startMs()
                                        + lock.waitedMs()
                                        + lock.heldMs()
                                        + lagPeakMs
                                        + StandbyFacts.BEHIND_MS) {
                    charged = run.index();
                }
            }
        }
        return charged;
    }

    private static List<StandbyFacts.Blocked> blocked(List<StandbyFacts.Wait> waits) {
        record Whose(@Nullable Integer statement, String relation) {}
        Map<Whose, List<StandbyFacts.Wait>> groups = new LinkedHashMap<>();
        for (StandbyFacts.Wait wait : waits) {
            if (wait.behind().equals(StandbyFacts.REPLAY)) {
                groups.computeIfAbsent(new Whose(wait.statement(), wait.relation()), key -> new ArrayList<>())
                        .add(wait);
            }
        }
        List<StandbyFacts.Blocked> blocked = new ArrayList<>();
        groups.forEach((whose, group) -> blocked.add(new StandbyFacts.Blocked(
                whose.statement(),
                whose.relation(),
                group.size(),
                group.stream().mapToDouble(StandbyFacts.Wait::durationMs).max().orElse(0),
                group.stream().mapToDouble(StandbyFacts.Wait::durationMs).sum(),
                group.stream()
                        .map(StandbyFacts.Wait::operation)
                        .distinct()
                        .sorted()
                        .toList())));
        return blocked;
    }

    private static <T> List<T> longest(List<T> all, Comparator<T> byLength, Comparator<T> byStart) {
        return all.stream()
                .sorted(byLength.reversed())
                .limit(StandbyFacts.MOST_TOLD)
                .sorted(byStart)
                .toList();
    }

    private <T extends Fact> List<T> all(Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
