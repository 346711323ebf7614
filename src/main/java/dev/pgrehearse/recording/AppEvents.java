package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the figures tell of the service, as events beside those that were written when they happened: how its pools filled,
 * which failures came first, and when the load was calm again. All of it since the migration's start.
 */
final class AppEvents {
    private final Phases phases;
    private final long migrationNanos;

    AppEvents(Phases phases, long endNanos) {
        this.phases = phases;
        this.migrationNanos = phases.migrationStart(endNanos);
    }

    /**
     * The events, in no order.
     *
     * @param operations names in the request log's order
     */
    List<Recording.Event> of(
            List<Recording.PoolFacts> pools,
            List<RequestEntry> requests,
            List<String> operations,
            Recording.Recovery recovery) {
        List<Recording.Event> events = new ArrayList<>();
        pools.forEach(pool -> filled(pool, events));
        failed(requests, operations, events);
        Double calm = recovery.calmAtMs();
        if (calm != null) {
            events.add(new Recording.Event(calm, AppEvent.CALM_AGAIN.kind(), "the load is as it was in the baseline"));
        }
        return events;
    }

    private static void filled(Recording.PoolFacts pool, List<Recording.Event> events) {
        pool.firstAtMs()
                .forEach((percent, atMs) -> events.add(new Recording.Event(
                        atMs,
                        at(percent).kind(),
                        "of the pool of " + pool.instance() + " " + percent + " % are in use ("
                                + (int) Math.ceil(percent * pool.size() / 100.0) + " of " + pool.size() + ")")));
        Double exhausted = pool.firstExhaustedMs();
        if (exhausted != null) {
            events.add(new Recording.Event(
                    exhausted,
                    AppEvent.POOL_EXHAUSTED.kind(),
                    "the pool of " + pool.instance() + " has nothing left, and somebody waits"));
        }
    }

    private static AppEvent at(int percent) {
        return switch (percent) {
            case 50 -> AppEvent.POOL_AT_50;
            case 80 -> AppEvent.POOL_AT_80;
            case 90 -> AppEvent.POOL_AT_90;
            default -> AppEvent.POOL_AT_100;
        };
    }

    /** The first request that ended each way, in the order of their ends. */
    private void failed(List<RequestEntry> requests, List<String> operations, List<Recording.Event> events) {
        Set<Outcome> seen = EnumSet.of(Outcome.OK, Outcome.UNFINISHED);
        requests.stream()
                .filter(entry -> entry.isRequest() && entry.responded() >= migrationNanos)
                .sorted((one, other) -> Long.compare(one.responded(), other.responded()))
                .filter(entry -> seen.add(entry.outcome()))
                .forEach(entry -> events.add(new Recording.Event(
                        phases.millis(entry.responded()),
                        AppEvent.FIRST_FAILURE.kind(),
                        "the first " + entry.outcome().key() + ", of " + operations.get(entry.operation()))));
    }
}
