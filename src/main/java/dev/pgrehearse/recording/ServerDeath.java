package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The end that a server's death puts to what can be told: requests that were in flight then, or came later, failed for
 * want of a server, and must not count against the migration.
 *
 * @param atNanos when it died
 */
record ServerDeath(long atNanos) {
    /** Connections break a little before the tool hears that the server has ended. */
    private static final long NOTICE_NANOS = TimeUnit.SECONDS.toNanos(1);

    static Optional<ServerDeath> in(List<Fact> facts, List<RequestEntry> requests) {
        return facts.stream()
                .filter(Fact.Happened.class::isInstance)
                .map(Fact.Happened.class::cast)
                .filter(event -> event.kind().equals(Fact.Happened.SERVER_DIED))
                .mapToLong(Fact.Happened::atNanos)
                .boxed()
                .findFirst()
                .map(heard -> new ServerDeath(requests.stream()
                        .filter(entry -> entry.outcome() == Outcome.CONNECTION_LOST)
                        .mapToLong(RequestEntry::responded)
                        .filter(lost -> lost > heard - NOTICE_NANOS)
                        .reduce(heard, Math::min)));
    }

    /** The requests that were answered before. */
    List<RequestEntry> requestsBefore(List<RequestEntry> requests) {
        return requests.stream().filter(entry -> entry.responded() < atNanos).toList();
    }

    /** The facts without phases that began, and readings that were taken, later; and a doubt that says what is left out. */
    List<Fact> factsBefore(List<Fact> facts, int requestsLeftOut) {
        List<Fact> before = new ArrayList<>(
                facts.stream().filter(fact -> timeOf(fact) < atNanos).toList());
        before.add(new Fact.Doubted(new Recording.Doubt(
                "server-died",
                "The server died, or a process of it did. " + requestsLeftOut
                        + " requests that were under way then, or came later, are left out of all figures.")));
        return before;
    }

    private static long timeOf(Fact fact) {
        if (fact instanceof Fact.PhaseBegan phase) {
            return phase.atNanos();
        }
        if (fact instanceof Fact.MigrationBegan migration) {
            return migration.atNanos();
        }
        if (fact instanceof Fact.Sampled sampled) {
            return sampled.atNanos();
        }
        if (fact instanceof Fact.AppSampled sampled) {
            return sampled.atNanos();
        }
        if (fact instanceof Fact.PoolSampled sampled) {
            return sampled.atNanos();
        }
        return Long.MIN_VALUE;
    }
}
