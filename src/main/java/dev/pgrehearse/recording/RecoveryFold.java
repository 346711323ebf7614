package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Folds what is known of the way back: when the load was calm, and where it never was, what the service did in the last
 * {@value #WINDOW_SECONDS} s.
 */
final class RecoveryFold {
    private static final int WINDOW_SECONDS = 10;

    private final List<Fact> facts;
    private final List<RequestEntry> requests;
    private final Phases phases;

    RecoveryFold(List<Fact> facts, List<RequestEntry> requests, Phases phases) {
        this.facts = facts;
        this.requests = requests;
        this.phases = phases;
    }

    Recording.Recovery fold() {
        Optional<Fact.Calm> calm = all(Fact.Calm.class).stream().reduce((first, last) -> last);
        if (calm.isPresent()) {
            return new Recording.Recovery(phases.millis(calm.get().atNanos()));
        }
        return new Recording.Recovery(
                null, phases.named(Recording.Phase.RECOVERY).map(this::theEnd).orElse(null));
    }

    private Recording.LastSeen theEnd(Phases.Span recovery) {
        long to = recovery.endNanos();
        long from = Math.max(recovery.startNanos(), to - TimeUnit.SECONDS.toNanos(WINDOW_SECONDS));
        long offered = requests.stream()
                .filter(entry -> entry.isRequest() && within(entry.intended(), from, to))
                .count();
        List<RequestEntry> ended = requests.stream()
                .filter(entry -> entry.isRequest()
                        && entry.outcome() != Outcome.UNFINISHED
                        && within(entry.responded(), from, to))
                .toList();
        long ok = ended.stream().filter(entry -> entry.outcome() == Outcome.OK).count();
        double busy = mean(AppState::busy, from, to);
        double instances = mean(AppState::instances, from, to);
        return new Recording.LastSeen(
                phases.millis(from),
                phases.millis(to),
                offered,
                ended.size(),
                ok,
                tries(from, to),
                busy > 0 ? mean(AppState::busyForNobody, from, to) / busy : 0,
                instances > 0 ? mean(AppState::ready, from, to) / instances : 1,
                happened(AppEvent.INSTANCE_KILLED, from, to),
                happened(AppEvent.CONNECTION_REFUSED, from, to)
                        + ended.stream()
                                .filter(entry -> entry.outcome() == Outcome.TOO_MANY_CONNECTIONS)
                                .count(),
                ended.stream()
                        .filter(entry -> entry.outcome() == Outcome.BREAKER_OPEN)
                        .count(),
                all(Fact.Waited.class).stream()
                        .filter(wait -> wait.overlapWith(from, to) > 0
                                && !wait.behind().equals("workload")
                                && !wait.operation().equals("other")
                                && !wait.operation().equals("observer"))
                        .count());
    }

    private static boolean within(long nanos, long from, long to) {
        return nanos >= from && nanos < to;
    }

    private long happened(AppEvent event, long from, long to) {
        return all(Fact.Happened.class).stream()
                .filter(fact -> fact.kind().equals(event.kind()) && within(fact.atNanos(), from, to))
                .count();
    }

    /** The mean of a level over a time; each sample holds until the next. */
    private double mean(ToIntFunction<AppState> level, long from, long to) {
        List<Fact.AppSampled> samples = all(Fact.AppSampled.class);
        double sum = 0;
        for (int i = 0; i < samples.size(); i++) {
            long until = i + 1 < samples.size() ? samples.get(i + 1).atNanos() : to;
            long overlap = Math.min(until, to) - Math.max(samples.get(i).atNanos(), from);
            sum += Math.max(0, overlap)
                    * (double) level.applyAsInt(samples.get(i).state());
        }
        return to > from ? sum / (to - from) : 0;
    }

    private long tries(long from, long to) {
        return triesAt(to) - triesAt(from);
    }

    private long triesAt(long nanos) {
        return all(Fact.AppSampled.class).stream()
                .filter(sample -> sample.atNanos() <= nanos)
                .mapToLong(Fact.AppSampled::tries)
                .max()
                .orElse(0);
    }

    private <T extends Fact> List<T> all(Class<T> kind) {
        List<T> found = new ArrayList<>();
        facts.stream().filter(kind::isInstance).map(kind::cast).forEach(found::add);
        return found;
    }
}
